/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SWITCH_TO_H
#define _ASM_SWITCH_TO_H

#include <linux/linkage.h>

struct task_struct;

asmlinkage void ret_from_fork(void);

struct task_struct *cpu_switch_to(struct task_struct *prev,
				  struct task_struct *next);

/*
 * Goes on in next. When prev runs again it finds in last the task that ran
 * just before it, which is seldom next.
 */
#define switch_to(prev, next, last)	((last) = cpu_switch_to((prev), (next)))

#endif
