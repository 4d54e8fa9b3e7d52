/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/list.h>

struct task_struct;

typedef struct wait_queue_head {
	struct list_head task_list;
} wait_queue_head_t;

typedef struct wait_queue_entry wait_queue_t;

struct wait_queue_entry {
	unsigned int flags;
	struct task_struct *task;
	struct list_head task_list;
	/* NULL wakes task; else called in its place, with interrupts off. */
	void (*func)(wait_queue_t *wait);
};

#define WQ_FLAG_EXCLUSIVE	1

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) \
	{ LIST_HEAD_INIT((name).task_list) }
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAITQUEUE(name, tsk) \
	wait_queue_t name = { 0, tsk, LIST_HEAD_INIT((name).task_list), NULL }
#define DEFINE_WAIT(name)	DECLARE_WAITQUEUE(name, current)

static inline void init_waitqueue_head(wait_queue_head_t *q)
{
	INIT_LIST_HEAD(&q->task_list);
}

/* All of these may be called with interrupts on or off. */
void add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait);
void remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait);
void prepare_to_wait(wait_queue_head_t *q, wait_queue_t *wait, int state);
void finish_wait(wait_queue_head_t *q, wait_queue_t *wait);

/* Wakes tasks whose state is in mode; nr exclusive ones, 0 for all. */
void __wake_up(wait_queue_head_t *q, unsigned int mode, int nr);

#define wake_up_all(q)			__wake_up(q, TASK_NORMAL, 0)
#define wake_up_interruptible_all(q)	__wake_up(q, TASK_INTERRUPTIBLE, 0)

#define wait_event(wq, condition)					\
	do {								\
		DEFINE_WAIT(____wait);					\
		for (;;) {						\
			prepare_to_wait(&(wq), &____wait,		\
					TASK_UNINTERRUPTIBLE);		\
			if (condition)					\
				break;					\
			schedule();					\
		}							\
		finish_wait(&(wq), &____wait);				\
	} while (0)

/* 0 when the condition became true, -ERESTARTSYS when a signal came first. */
#define wait_event_interruptible(wq, condition)				\
	({								\
		int ____ret = 0;					\
		DEFINE_WAIT(____wait);					\
		for (;;) {						\
			prepare_to_wait(&(wq), &____wait,		\
					TASK_INTERRUPTIBLE);		\
			if (condition)					\
				break;					\
			if (signal_pending(current)) {			\
				____ret = -ERESTARTSYS;			\
				break;					\
			}						\
			schedule();					\
		}							\
		finish_wait(&(wq), &____wait);				\
		____ret;						\
	})

/* The same for who may not be allowed to wait: -EAGAIN then. */
#define wait_event_nonblock(wq, condition, nonblock)			\
	((condition) ? 0 : (nonblock) ? -EAGAIN :			\
	 wait_event_interruptible(wq, condition))

#endif
