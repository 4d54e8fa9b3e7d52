/* SPDX-License-Identifier: MIT */
/* A sleeping lock, of which nobody needs the readers' side. */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

#include <linux/wait.h>

struct rw_semaphore {
	bool held;
	wait_queue_head_t wait;
};

void init_rwsem(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

#endif
