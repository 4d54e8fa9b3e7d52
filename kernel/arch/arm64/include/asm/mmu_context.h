/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_CONTEXT_H
#define _ASM_MMU_CONTEXT_H

#include <linux/mm_types.h>

struct task_struct;

static inline int init_new_context(struct task_struct *tsk,
				   struct mm_struct *mm)
{
	mm->context.id = 0;
	return 0;
}

static inline void destroy_context(struct mm_struct *mm)
{
}

/* Points TTBR0 at mm's tables, with an ASID of the current generation. */
void check_and_switch_context(struct mm_struct *mm);

static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next,
			     struct task_struct *tsk)
{
	if (prev != next)
		check_and_switch_context(next);
}

static inline void activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	check_and_switch_context(next);
}

static inline void enter_lazy_tlb(struct mm_struct *mm,
				  struct task_struct *tsk)
{
}

/* tsk leaves mm, by exit or exec: it has nothing there. */
static inline void deactivate_mm(struct task_struct *tsk, struct mm_struct *mm)
{
	(void)tsk, (void)mm;
}

#endif
