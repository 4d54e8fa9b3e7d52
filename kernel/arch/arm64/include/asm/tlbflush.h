/* SPDX-License-Identifier: MIT */
/* TLB maintenance, Arm ARM D5.10.2. User entries carry their mm's ASID. */
#ifndef _ASM_TLBFLUSH_H
#define _ASM_TLBFLUSH_H

#include <linux/mm_types.h>

static inline void flush_tlb_all(void)
{
	__asm__ __volatile__(
		"dsb ishst\n\ttlbi vmalle1\n\tdsb ish\n\tisb" : : : "memory");
}

static inline void flush_tlb_mm(struct mm_struct *mm)
{
	unsigned long asid = (mm->context.id & 0xff) << 48;

	__asm__ __volatile__(
		"dsb ishst\n\ttlbi aside1, %0\n\tdsb ish\n\tisb"
		: : "r" (asid) : "memory");
}

static inline void flush_tlb_page(struct vm_area_struct *vma,
				  unsigned long addr)
{
	unsigned long arg = (vma->vm_mm->context.id & 0xff) << 48 |
			    ((addr >> 12) & 0xfffffffffffUL);

	__asm__ __volatile__(
		"dsb ishst\n\ttlbi vae1, %0\n\tdsb ish\n\tisb"
		: : "r" (arg) : "memory");
}

static inline void flush_tlb_range(struct vm_area_struct *vma,
				   unsigned long start, unsigned long end)
{
	if (end - start > 32 * 4096UL) {
		flush_tlb_mm(vma->vm_mm);
		return;
	}
	for (; start < end; start += 4096)
		flush_tlb_page(vma, start);
}

#endif
