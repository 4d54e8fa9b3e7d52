/* SPDX-License-Identifier: MIT */
/*
 * VMSAv8-64 stage 1 tables, 4 KiB granule, 48 bits: four levels of 512
 * entries (Arm ARM D5.3). Bits 55..58 are ignored by the hardware.
 */
#ifndef _ASM_PGTABLE_H
#define _ASM_PGTABLE_H

#define PGDIR_SHIFT	39
#define PUD_SHIFT	30
#define PMD_SHIFT	21
#define PTRS_PER_PTE	512
#define PTRS_PER_PGD	512

#define MT_NORMAL	0	/* MAIR_EL1 indexes */
#define MT_DEVICE_nGnRnE	1

#ifndef __ASSEMBLY__

#include <asm/page.h>

#define PGDIR_SIZE	(1UL << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SIZE	(1UL << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define USER_PTRS_PER_PGD	512
#define PTRS_PER_PUD	512
#define PTRS_PER_PMD	512

#define PTE_VALID	(1ULL << 0)
#define PTE_TYPE_PAGE	(3ULL << 0)
#define PTE_ATTRINDX(t)	((u64)(t) << 2)
#define PTE_USER	(1ULL << 6)	/* AP[1] */
#define PTE_RDONLY	(1ULL << 7)	/* AP[2] */
#define PTE_SHARED	(3ULL << 8)	/* inner shareable */
#define PTE_AF		(1ULL << 10)
#define PTE_NG		(1ULL << 11)
#define PTE_PXN		(1ULL << 53)
#define PTE_UXN		(1ULL << 54)
#define PTE_DIRTY	(1ULL << 55)	/* software */
#define PTE_PROT_NONE	(1ULL << 58)	/* software; only with VALID clear */
#define PTE_ADDR_MASK	0x0000fffffffff000ULL

#define PMD_TYPE_TABLE	(3ULL << 0)

#define _PAGE_USER_BASE	(PTE_TYPE_PAGE | PTE_ATTRINDX(MT_NORMAL) | \
			 PTE_SHARED | PTE_AF | PTE_NG | PTE_PXN)

#define PAGE_NONE	__pgprot((_PAGE_USER_BASE & ~PTE_VALID) | \
				 PTE_PROT_NONE | PTE_RDONLY | PTE_UXN)
#define PAGE_READONLY	__pgprot(_PAGE_USER_BASE | PTE_USER | PTE_RDONLY | PTE_UXN)
#define PAGE_READONLY_EXEC __pgprot(_PAGE_USER_BASE | PTE_USER | PTE_RDONLY)
#define PAGE_SHARED	__pgprot(_PAGE_USER_BASE | PTE_USER | PTE_UXN)
#define PAGE_SHARED_EXEC __pgprot(_PAGE_USER_BASE | PTE_USER)

/* head.S: the tables of the linear map, and the empty user root. */
extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
extern pud_t swapper_pud[PTRS_PER_PUD];
extern pgd_t reserved_pg_dir[PTRS_PER_PGD];

#define __TABLE_OPS(level, parent_val)					\
static inline bool level##_none(level##_t e)				\
{									\
	return !parent_val(e);						\
}									\
static inline unsigned long level##_page_vaddr(level##_t e)		\
{									\
	return (unsigned long)__va(parent_val(e) & PTE_ADDR_MASK);	\
}									\
static inline void set_##level(level##_t *p, level##_t e)		\
{									\
	*(volatile u64 *)p = parent_val(e);				\
	__asm__ __volatile__("dsb ishst\n\tisb" : : : "memory");	\
}									\
static inline void level##_clear(level##_t *p)				\
{									\
	set_##level(p, (level##_t) { 0 });				\
}

__TABLE_OPS(pgd, pgd_val)
__TABLE_OPS(pud, pud_val)
__TABLE_OPS(pmd, pmd_val)

#define pgd_index(addr)	(((addr) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pud_index(addr)	(((addr) >> PUD_SHIFT) & (PTRS_PER_PUD - 1))
#define pmd_index(addr)	(((addr) >> PMD_SHIFT) & (PTRS_PER_PMD - 1))
#define pte_index(addr)	(((addr) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))

#define pgd_offset(mm, addr)	((mm)->pgd + pgd_index(addr))
#define pud_offset(pgd, addr) \
	((pud_t *)pgd_page_vaddr(*(pgd)) + pud_index(addr))
#define pmd_offset(pud, addr) \
	((pmd_t *)pud_page_vaddr(*(pud)) + pmd_index(addr))
#define pte_offset(pmd, addr) \
	((pte_t *)pmd_page_vaddr(*(pmd)) + pte_index(addr))

#define pgd_populate(mm, pgdp, table) \
	set_pgd(pgdp, __pgd(__pa(table) | PMD_TYPE_TABLE))
#define pud_populate(mm, pudp, table) \
	set_pud(pudp, __pud(__pa(table) | PMD_TYPE_TABLE))
#define pmd_populate(mm, pmdp, table) \
	set_pmd(pmdp, __pmd(__pa(table) | PMD_TYPE_TABLE))

#define pte_present(pte)	((pte_val(pte) & (PTE_VALID | PTE_PROT_NONE)) != 0)
#define pte_write(pte)		(!(pte_val(pte) & PTE_RDONLY))
#define pte_pfn(pte)		((unsigned long)((pte_val(pte) & PTE_ADDR_MASK) >> PAGE_SHIFT))
#define pfn_pte(pfn, prot) \
	__pte(((u64)(pfn) << PAGE_SHIFT) | pgprot_val(prot))

static inline pte_t pte_mkwrite(pte_t pte)
{
	return __pte(pte_val(pte) & ~PTE_RDONLY);
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return __pte(pte_val(pte) | PTE_RDONLY);
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return __pte(pte_val(pte) | PTE_DIRTY);
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return __pte(pte_val(pte) | PTE_AF);
}

/* New protection, same page and software state. */
static inline pte_t pte_modify(pte_t pte, pgprot_t newprot)
{
	const u64 keep = PTE_ADDR_MASK | PTE_DIRTY;

	return __pte((pte_val(pte) & keep) | pgprot_val(newprot));
}

/*
 * The barrier makes the entry visible to the table walker before the
 * next access; a changed valid entry also needs the TLB flushed after.
 */
static inline void set_pte(pte_t *ptep, pte_t pte)
{
	*(volatile u64 *)&ptep->pte = pte_val(pte);
	__asm__ __volatile__("dsb ishst\n\tisb" : : : "memory");
}

#define pte_clear(ptep)		set_pte(ptep, __pte(0))

struct mm_struct;

pgd_t *pgd_alloc(struct mm_struct *mm);

#endif
#endif
