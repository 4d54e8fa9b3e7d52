/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_POLL_H
#define _LINUX_POLL_H

#include <linux/wait.h>

#define POLLIN		0x0001
#define POLLPRI		0x0002
#define POLLOUT		0x0004
#define POLLERR		0x0008
#define POLLHUP		0x0010
#define POLLNVAL	0x0020
#define POLLRDNORM	0x0040
#define POLLWRNORM	0x0100
#define POLLRDHUP	0x2000

struct file;

/*
 * f_op->poll(file, table) returns the mask and calls poll_wait for each queue
 * that a change would wake. qproc is NULL once the caller will not sleep.
 */
typedef struct poll_table_struct {
	void (*qproc)(struct file *file, wait_queue_head_t *q,
		      struct poll_table_struct *pt);
} poll_table;

static inline void poll_wait(struct file *file, wait_queue_head_t *q,
			     poll_table *pt)
{
	if (pt && pt->qproc && q)
		pt->qproc(file, q, pt);
}

#endif
