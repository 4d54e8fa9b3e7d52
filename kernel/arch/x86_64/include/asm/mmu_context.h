/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_CONTEXT_H
#define _ASM_MMU_CONTEXT_H

#include <linux/mm_types.h>
#include <asm/shstk.h>
#include <asm/tlbflush.h>

struct task_struct;

int init_new_context(struct task_struct *tsk, struct mm_struct *mm);
void destroy_context(struct mm_struct *mm);
void load_LDT(const mm_context_t *context);

/* Loading cr3 drops the other space's translations, so don't when it is the same. */
static inline void switch_mm(struct mm_struct *prev, struct mm_struct *next,
			     struct task_struct *tsk)
{
	(void)tsk;
	if (read_cr3() != __pa(next->pgd))
		load_cr3(next->pgd);
	if (unlikely(prev->context.ldt != next->context.ldt))
		load_LDT(&next->context);
}

#define activate_mm(prev, next)	switch_mm((prev), (next), NULL)

/* A kernel thread runs on whatever page tables are loaded. */
static inline void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	(void)mm, (void)tsk;
}

/* tsk leaves mm, by exit or exec: its shadow stack stays no longer. */
static inline void deactivate_mm(struct task_struct *tsk, struct mm_struct *mm)
{
	(void)mm;
	shstk_free(tsk);
}

#endif
