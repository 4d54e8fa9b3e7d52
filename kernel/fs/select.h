/* SPDX-License-Identifier: MIT */
/* What poll.c gives to select.c. */
#ifndef _FS_SELECT_H
#define _FS_SELECT_H

#include <linux/fs.h>

struct poll_table_entry;

struct poll_wqueues {
	poll_table pt;
	struct poll_table_entry *entries;
	int error;
};

void poll_initwait(struct poll_wqueues *pwq);
void poll_freewait(struct poll_wqueues *pwq);
int poll_loop(struct poll_wqueues *pwq, const ktime_t *deadline,
	      int (*check)(void *arg, poll_table *pt), void *arg);

/* How a timeout is given, and given back. */
int get_timeout(const void __user *uts, enum time_kind kind, ktime_t *deadline);
void put_remaining(void __user *uts, enum time_kind kind, ktime_t deadline);

#endif
