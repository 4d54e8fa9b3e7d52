/* SPDX-License-Identifier: MIT */
#ifndef _ASM_TLBFLUSH_H
#define _ASM_TLBFLUSH_H

#include <linux/mm_types.h>
#include <asm/pgtable.h>

static inline unsigned long read_cr3(void)
{
	unsigned long cr3;

	__asm__ __volatile__("movq %%cr3, %0" : "=r" (cr3) : : "memory");
	return cr3;
}

static inline void load_cr3(pgd_t *pgd)
{
	__asm__ __volatile__("movq %0, %%cr3" : : "r" (__pa(pgd)) : "memory");
}

#define X86_CR4_PGE	0x00000080UL

/* A change of PGE drops the kernel's global entries, too, which a load of cr3 keeps. */
static inline void flush_tlb_all(void)
{
	unsigned long cr4;

	__asm__ __volatile__("movq %%cr4, %0" : "=r" (cr4) : : "memory");
	__asm__ __volatile__("movq %0, %%cr4" : : "r" (cr4 & ~X86_CR4_PGE) : "memory");
	__asm__ __volatile__("movq %0, %%cr4" : : "r" (cr4) : "memory");
}

/* The TLB holds entries of the loaded page tables only. */
static inline void flush_tlb_mm(struct mm_struct *mm)
{
	if (read_cr3() == __pa(mm->pgd))
		load_cr3(mm->pgd);
}

static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	if (read_cr3() == __pa(vma->vm_mm->pgd))
		__asm__ __volatile__("invlpg (%0)" : : "r" (addr) : "memory");
}

static inline void flush_tlb_range(struct vm_area_struct *vma,
				   unsigned long start, unsigned long end)
{
	(void)start, (void)end;
	flush_tlb_mm(vma->vm_mm);
}

#endif
