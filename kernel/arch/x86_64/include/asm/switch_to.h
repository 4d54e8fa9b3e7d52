/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SWITCH_TO_H
#define _ASM_SWITCH_TO_H

#include <linux/linkage.h>
#include <asm/ptrace.h>

struct task_struct;

/* What __switch_to_asm leaves on the stack of a task that it parks. */
struct inactive_task_frame {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bx;
	unsigned long bp;
	unsigned long ret_addr;		/* where the task goes on */
};

/* What copy_thread puts on a new task's stack, at its top. */
struct fork_frame {
	struct inactive_task_frame frame;
	struct pt_regs regs;
};

struct task_struct *__switch_to_asm(struct task_struct *prev,
				    struct task_struct *next);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);
asmlinkage void ret_from_fork_asm(void);
void ret_from_fork(struct task_struct *prev, struct pt_regs *regs,
		   int (*fn)(void *), void *fn_arg);

/*
 * Goes on in next. When prev runs again it finds in last the task that ran
 * just before it, which is seldom next.
 */
#define switch_to(prev, next, last)	((last) = __switch_to_asm((prev), (next)))

#endif
