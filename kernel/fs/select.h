/* SPDX-License-Identifier: MIT */
/* What poll.c gives to select.c. */
#ifndef _FS_SELECT_H
#define _FS_SELECT_H

#include <linux/fs.h>

/*
 * Calls check until it counts something, the deadline passes or a signal
 * comes. NULL never ends; a deadline in the past asks just once.
 */
int poll_loop(const ktime_t *deadline,
	      int (*check)(void *arg, poll_table *pt), void *arg);

/* How a timeout is given, and given back. */
int get_timeout(const void __user *uts, enum time_kind kind, ktime_t *deadline);
void put_remaining(void __user *uts, enum time_kind kind, ktime_t deadline);

#endif
