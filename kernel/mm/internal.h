/* SPDX-License-Identifier: MIT */
/* What mm/'s files share with each other only. */
#ifndef _MM_INTERNAL_H
#define _MM_INTERNAL_H

#include <linux/mm.h>

/* Lowest address handed out unasked, so that NULL keeps faulting. */
#define MMAP_MIN_ADDR	0x10000UL
#define STACK_GUARD_GAP	(256UL << PAGE_SHIFT)

/* Where a range begins to be in the way of others: a stack needs its gap. */
static inline unsigned long vm_start_gap(struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > STACK_GUARD_GAP ?
	       vma->vm_start - STACK_GUARD_GAP : 0;
}

void page_alloc_init(void);
void page_alloc_add(unsigned long start_pfn, unsigned long end_pfn);
void page_alloc_finish(void);
unsigned long mmap_region(struct file *file, unsigned long addr,
			  unsigned long len, unsigned long vm_flags,
			  unsigned long pgoff);
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len);

#endif
