// SPDX-License-Identifier: MIT
/* x86_64 only: user shadow stacks. */
#include <linux/sched.h>
#include <linux/errno.h>
#include <linux/arch.h>
#include <asm/shstk.h>

void shstk_init(void)
{
}

long shstk_prctl(struct task_struct *tsk, int option, unsigned long arg2)
{
	return -EINVAL;
}

__visible unsigned long shstk_alloc_thread_stack(struct task_struct *p,
						 unsigned long clone_flags,
						 unsigned long stack_size)
{
	return 0;
}

void shstk_reset(struct thread_struct *thread)
{
}

void shstk_free(struct task_struct *tsk)
{
}

void shstk_switch(struct task_struct *prev, struct task_struct *next)
{
}

int setup_signal_shadow_stack(struct ksignal *ksig)
{
	return 0;
}

int restore_signal_shadow_stack(void)
{
	return 0;
}
