/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PGTABLE_H
#define _ASM_PGTABLE_H

/*
 * Four levels, 512 entries each (Intel manual, volume 3, "4-Level Paging").
 */
#include <asm/page.h>

#define PGDIR_SHIFT	39
#define PUD_SHIFT	30
#define PMD_SHIFT	21
#define PTRS_PER_PGD	512
#define PTRS_PER_PUD	512
#define PTRS_PER_PMD	512
#define PTRS_PER_PTE	512
#define USER_PTRS_PER_PGD	256

#define PGDIR_SIZE	(1UL << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SIZE	(1UL << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))

#define _PAGE_PRESENT	0x001UL
#define _PAGE_RW	0x002UL
#define _PAGE_USER	0x004UL
#define _PAGE_PCD	0x010UL		/* not cached */
#define _PAGE_ACCESSED	0x020UL
#define _PAGE_DIRTY	0x040UL
#define _PAGE_PSE	0x080UL		/* a page of 2 MiB */
#define _PAGE_GLOBAL	0x100UL		/* a load of cr3 leaves its translation alone */
/* With _PAGE_PRESENT clear the CPU ignores the rest: ours for PROT_NONE. */
#define _PAGE_PROTNONE	0x100UL
#define _PAGE_PKEY_SHIFT 59		/* the protection key, 4 bits */
#define _PAGE_PKEY_MASK	(0xfUL << _PAGE_PKEY_SHIFT)
#define _PAGE_NX	(1UL << 63)

#define PTE_PFN_MASK	0x000ffffffffff000UL

#define _PAGE_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
			 _PAGE_ACCESSED | _PAGE_DIRTY)
#define _KERNPG_TABLE	(_PAGE_TABLE & ~_PAGE_USER)
#define _PAGE_CHG_MASK	(PTE_PFN_MASK | _PAGE_ACCESSED)

#define _PAGE_USER_BASE	(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)

#define PAGE_NONE	__pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_READONLY	__pgprot(_PAGE_USER_BASE | _PAGE_NX)
#define PAGE_READONLY_EXEC __pgprot(_PAGE_USER_BASE)
#define PAGE_SHARED	__pgprot(_PAGE_USER_BASE | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC __pgprot(_PAGE_USER_BASE | _PAGE_RW)

#define _PAGE_KERNEL	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | \
			 _PAGE_DIRTY | _PAGE_GLOBAL | _PAGE_NX)
#define _PAGE_KERNEL_RO	(_PAGE_KERNEL & ~(_PAGE_RW | _PAGE_DIRTY))
#define _PAGE_KERNEL_RX	(_PAGE_KERNEL_RO & ~_PAGE_NX)

/* The protection key of a range: four bits of vm_flags, four of an entry. */
#define VM_PKEY_SHIFT	32
#define VM_PKEY_MASK	(0xfUL << VM_PKEY_SHIFT)
#define vma_pkey(vma)	(((vma)->vm_flags & VM_PKEY_MASK) >> VM_PKEY_SHIFT)
#define arch_vm_flags_pkey(vm_flags, pkey) \
	(((vm_flags) & ~VM_PKEY_MASK) | (unsigned long)(pkey) << VM_PKEY_SHIFT)
#define arch_vm_get_page_prot(vm_flags) \
	(((vm_flags) & VM_PKEY_MASK) << (_PAGE_PKEY_SHIFT - VM_PKEY_SHIFT))

/* vm_flags: a shadow stack. */
#define VM_SHADOW_STACK	(1UL << 37)

struct mm_struct;

/* head.S: the root, and the tables of the linear map and of the image. */
extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
extern pud_t level3_direct_pgt[PTRS_PER_PUD];
extern pmd_t level2_direct_pgt[LOWMEM_MAX >> PMD_SHIFT];
extern pud_t level3_kernel_pgt[PTRS_PER_PUD];
extern pmd_t level2_kernel_pgt[PTRS_PER_PMD];

#define __TABLE_OPS(level, parent_val)					\
static inline bool level##_none(level##_t e)				\
{									\
	return !parent_val(e);						\
}									\
static inline unsigned long level##_page_vaddr(level##_t e)		\
{									\
	return (unsigned long)__va(parent_val(e) & PTE_PFN_MASK);	\
}									\
static inline void set_##level(level##_t *p, level##_t e)		\
{									\
	*(volatile unsigned long *)p = parent_val(e);			\
}									\
static inline void level##_clear(level##_t *p)				\
{									\
	set_##level(p, (level##_t) { 0 });				\
}

__TABLE_OPS(pgd, pgd_val)
__TABLE_OPS(pud, pud_val)
__TABLE_OPS(pmd, pmd_val)

#define pgd_index(addr)	(((unsigned long)(addr) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pud_index(addr)	(((unsigned long)(addr) >> PUD_SHIFT) & (PTRS_PER_PUD - 1))
#define pmd_index(addr)	(((unsigned long)(addr) >> PMD_SHIFT) & (PTRS_PER_PMD - 1))
#define pte_index(addr)	(((unsigned long)(addr) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))

#define pgd_offset(mm, addr)	((mm)->pgd + pgd_index(addr))
#define pud_offset(pgd, addr) \
	((pud_t *)pgd_page_vaddr(*(pgd)) + pud_index(addr))
#define pmd_offset(pud, addr) \
	((pmd_t *)pud_page_vaddr(*(pud)) + pmd_index(addr))
#define pte_offset(pmd, addr) \
	((pte_t *)pmd_page_vaddr(*(pmd)) + pte_index(addr))

#define pgd_populate(mm, pgdp, table) \
	set_pgd(pgdp, __pgd(__pa(table) | _PAGE_TABLE))
#define pud_populate(mm, pudp, table) \
	set_pud(pudp, __pud(__pa(table) | _PAGE_TABLE))
#define pmd_populate(mm, pmdp, table) \
	set_pmd(pmdp, __pmd(__pa(table) | _PAGE_TABLE))

#define pte_present(pte)	((pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0)

/*
 * A page that is dirty and not writable is one of a shadow stack: only call, ret
 * and their like may write there. So nothing but that is ever marked dirty here.
 * The CPU does it with other pages, and nobody asks.
 */
#define _PAGE_SHSTK		_PAGE_DIRTY
#define pte_shstk(pte)		((pte_val(pte) & (_PAGE_RW | _PAGE_DIRTY)) == _PAGE_SHSTK)
#define pte_write(pte)		((pte_val(pte) & _PAGE_RW) != 0 || pte_shstk(pte))
#define pte_pfn(pte)		((pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pfn_pte(pfn, prot)	__pte(((unsigned long)(pfn) << PAGE_SHIFT) | pgprot_val(prot))

#define pte_mkwrite(pte)	__pte(pte_val(pte) | _PAGE_RW)
#define pte_mkwrite_shstk(pte)	__pte((pte_val(pte) & ~_PAGE_RW) | _PAGE_SHSTK)
#define pte_wrprotect(pte)	__pte(pte_val(pte) & ~(_PAGE_RW | _PAGE_DIRTY))
#define pte_mkdirty(pte)	(pte)
#define pte_mkyoung(pte)	__pte(pte_val(pte) | _PAGE_ACCESSED)

static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | pgprot_val(newprot));
}

static inline void set_pte(pte_t *ptep, pte_t pte)
{
	*(volatile pte_t *)ptep = pte;
}

static inline void pte_clear(pte_t *ptep)
{
	set_pte(ptep, __pte(0));
}

pgd_t *pgd_alloc(struct mm_struct *mm);

#endif
