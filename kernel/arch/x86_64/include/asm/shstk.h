/* SPDX-License-Identifier: MIT */
/*
 * x86_64 only: user shadow stacks. call pushes its return address there as well,
 * and ret compares (Intel manual, volume 1, chapter 17, "Control-flow Enforcement").
 */
#ifndef _ASM_SHSTK_H
#define _ASM_SHSTK_H

struct task_struct;
struct thread_struct;
struct ksignal;

void shstk_init(void);
long shstk_prctl(struct task_struct *tsk, int option, unsigned long arg2);
/* The new task's SSP, 0 for "as it is", or -errno. */
unsigned long shstk_alloc_thread_stack(struct task_struct *p,
				       unsigned long clone_flags,
				       unsigned long stack_size);
/* Where current is in its shadow stack, 0 without one. */
unsigned long current_ssp(void);
/* exec: none. */
void shstk_reset(struct thread_struct *thread);
/* The task leaves its address space, which is current's; or its making failed. */
void shstk_free(struct task_struct *tsk);
void shstk_switch(struct task_struct *prev, struct task_struct *next);
/* Around a signal handler: the way back by its restorer, and the place to go on. */
int setup_signal_shadow_stack(struct ksignal *ksig);
int restore_signal_shadow_stack(void);

#endif
