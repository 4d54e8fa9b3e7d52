/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SWITCH_TO_H
#define _ASM_SWITCH_TO_H

#include <linux/linkage.h>

struct task_struct;

asmlinkage void ret_from_fork(void);

/* FPU and TLS of next, then cpu_switch_to. Returns the task left behind. */
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);

#define switch_to(prev, next, last)	((last) = __switch_to(prev, next))

#endif
