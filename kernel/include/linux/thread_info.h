/* SPDX-License-Identifier: MIT */
/*
 * struct thread_info lies at the bottom of every kernel stack, so masking the
 * stack pointer finds it. asm/thread_info.h gives THREAD_SIZE (also to
 * assembly) and current_stack_pointer.
 */
#ifndef _LINUX_THREAD_INFO_H
#define _LINUX_THREAD_INFO_H

#include <asm/thread_info.h>

#define TIF_SIGPENDING		0
#define TIF_NEED_RESCHED	1
#define TIF_RESTORE_SIGMASK	20

#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)

/* What the return to user mode looks at. */
#define _TIF_WORK_MASK		(_TIF_SIGPENDING | _TIF_NEED_RESCHED)

#define STACK_END_MAGIC		0x57AC6E9D

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct task_struct;

struct thread_info {
	unsigned long flags;		/* TIF_*, changed with interrupts off */
	struct task_struct *task;
	int preempt_count;		/* > 0 inside an interrupt handler */
};

/* A kernel stack; init_task's is init_thread_union. */
union thread_union {
	struct thread_info thread_info;
	unsigned long stack[THREAD_SIZE / sizeof(long)];
};

extern union thread_union init_thread_union;

/* A macro, so that stepping a line that says "current" stays on it. */
#define current_thread_info() \
	((struct thread_info *)(current_stack_pointer & ~(THREAD_SIZE - 1UL)))

#define current		(current_thread_info()->task)

#endif
#endif
