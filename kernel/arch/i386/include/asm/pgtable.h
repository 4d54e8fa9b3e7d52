/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PGTABLE_H
#define _ASM_PGTABLE_H

/*
 * Two levels, 1024 entries each (IA-32 manual, volume 3, "32-bit paging").
 * The middle levels that mm/ walks are folded into the root.
 */
#include <asm/page.h>

#define __PAGETABLE_PUD_FOLDED
#define __PAGETABLE_PMD_FOLDED

#define PGDIR_SHIFT	22
#define PGDIR_SIZE	(1UL << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SHIFT	PGDIR_SHIFT
#define PUD_SIZE	PGDIR_SIZE
#define PUD_MASK	PGDIR_MASK
#define PMD_SHIFT	PGDIR_SHIFT
#define PMD_SIZE	PGDIR_SIZE
#define PMD_MASK	PGDIR_MASK

#define PTRS_PER_PGD	1024
#define PTRS_PER_PUD	1
#define PTRS_PER_PMD	1
#define PTRS_PER_PTE	1024
#define USER_PTRS_PER_PGD	(TASK_SIZE / PGDIR_SIZE)

#define _PAGE_PRESENT	0x001UL
#define _PAGE_RW	0x002UL
#define _PAGE_USER	0x004UL
#define _PAGE_ACCESSED	0x020UL
#define _PAGE_DIRTY	0x040UL
#define _PAGE_PSE	0x080UL
/* With _PAGE_PRESENT clear the CPU ignores the rest: ours for PROT_NONE. */
#define _PAGE_PROTNONE	0x100UL

#define _PAGE_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
			 _PAGE_ACCESSED | _PAGE_DIRTY)
#define _PAGE_CHG_MASK	(PAGE_MASK | _PAGE_ACCESSED | _PAGE_DIRTY)

#define PAGE_NONE	__pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_READONLY	__pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_SHARED	__pgprot(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | \
				 _PAGE_RW)

/* i386 without NX can't refuse execution. */
#define PAGE_READONLY_EXEC	PAGE_READONLY
#define PAGE_SHARED_EXEC	PAGE_SHARED

struct mm_struct;

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];

#define pud_val(x)	pgd_val((x).pgd)
#define pmd_val(x)	pud_val((x).pud)

#define pgd_index(addr)	(((unsigned long)(addr) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pte_index(addr)	(((unsigned long)(addr) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))

#define pgd_offset(mm, addr)	((mm)->pgd + pgd_index(addr))

static inline pud_t *pud_offset(pgd_t *pgd, unsigned long addr)
{
	(void)addr;
	return (pud_t *)pgd;
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long addr)
{
	(void)addr;
	return (pmd_t *)pud;
}

#define pgd_page_vaddr(pgd)	((unsigned long)__va(pgd_val(pgd) & PAGE_MASK))
#define pud_page_vaddr(pud)	((unsigned long)__va(pud_val(pud) & PAGE_MASK))
#define pmd_page_vaddr(pmd)	((unsigned long)__va(pmd_val(pmd) & PAGE_MASK))

static inline pte_t *pte_offset(pmd_t *pmd, unsigned long addr)
{
	return (pte_t *)pmd_page_vaddr(*pmd) + pte_index(addr);
}

/* A folded level is always there. */
#define pgd_none(pgd)	((void)(pgd), 0)
#define pud_none(pud)	((void)(pud), 0)
#define pmd_none(pmd)	(pmd_val(pmd) == 0)

static inline void pgd_populate(struct mm_struct *mm, pgd_t *pgd, pud_t *pud)
{
	(void)mm, (void)pgd, (void)pud;
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	(void)mm, (void)pud, (void)pmd;
}

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, pte_t *pte)
{
	(void)mm;
	pmd->pud.pgd.pgd = __pa(pte) | _PAGE_TABLE;
}

static inline void pgd_clear(pgd_t *pgd)
{
	(void)pgd;
}

static inline void pud_clear(pud_t *pud)
{
	(void)pud;
}

static inline void pmd_clear(pmd_t *pmd)
{
	pmd->pud.pgd.pgd = 0;
}

#define pte_present(pte)	((pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE)) != 0)
#define pte_write(pte)		((pte_val(pte) & _PAGE_RW) != 0)
#define pte_pfn(pte)		(pte_val(pte) >> PAGE_SHIFT)
#define pfn_pte(pfn, prot)	__pte(((unsigned long)(pfn) << PAGE_SHIFT) | pgprot_val(prot))

#define pte_mkwrite(pte)	__pte(pte_val(pte) | _PAGE_RW)
#define pte_wrprotect(pte)	__pte(pte_val(pte) & ~_PAGE_RW)
#define pte_mkdirty(pte)	__pte(pte_val(pte) | _PAGE_DIRTY)
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
