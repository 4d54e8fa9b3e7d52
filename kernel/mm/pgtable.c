// SPDX-License-Identifier: MIT
/*
 * The page tables themselves: finding a pte, making the tables on the way to
 * it, freeing them at the end. Four levels are walked; a machine with fewer
 * folds the middle ones into the root, whose entries then count as present.
 */
#include <linux/mm.h>

/* Where the pte of addr lives; NULL when no table reaches it. */
pte_t *lookup_pte(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(*pgd))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_none(*pmd) ? NULL : pte_offset(pmd, addr);
}

/* The same, making the missing tables; NULL when out of memory. */
pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(*pgd)) {
		pud_t *new = (pud_t *)get_zeroed_page(GFP_KERNEL);

		if (!new)
			return NULL;
		mm->nr_pmds++;
		pgd_populate(mm, pgd, new);
	}
	pud = pud_offset(pgd, addr);
	if (pud_none(*pud)) {
		pmd_t *new = (pmd_t *)get_zeroed_page(GFP_KERNEL);

		if (!new)
			return NULL;
		mm->nr_pmds++;
		pud_populate(mm, pud, new);
	}
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd)) {
		pte_t *new = (pte_t *)get_zeroed_page(GFP_KERNEL);

		if (!new)
			return NULL;
		mm->nr_ptes++;
		pmd_populate(mm, pmd, new);
	}
	return pte_offset(pmd, addr);
}

static void free_pte_tables(struct mm_struct *mm, unsigned long start,
			    unsigned long end)
{
	unsigned long addr, next;

	for (addr = start & PMD_MASK; addr < end; addr = next) {
		pgd_t *pgd = pgd_offset(mm, addr);
		pud_t *pud;
		pmd_t *pmd;

		next = pgd_addr_end(addr, end);
		if (pgd_none(*pgd))
			continue;
		pud = pud_offset(pgd, addr);
		next = pud_addr_end(addr, end);
		if (pud_none(*pud))
			continue;
		pmd = pmd_offset(pud, addr);
		next = pmd_addr_end(addr, end);
		if (pmd_none(*pmd))
			continue;
		free_page(pmd_page_vaddr(*pmd));
		pmd_clear(pmd);
		mm->nr_ptes--;
	}
}

/* The levels in between, whose entries are all clear by now. */
static void free_upper_tables(struct mm_struct *mm, unsigned long start,
			      unsigned long end)
{
#ifndef __PAGETABLE_PMD_FOLDED
	unsigned long addr, next;

	for (addr = start & PUD_MASK; addr < end; addr = next) {
		pgd_t *pgd = pgd_offset(mm, addr);
		pud_t *pud;

		next = pgd_addr_end(addr, end);
		if (pgd_none(*pgd))
			continue;
		pud = pud_offset(pgd, addr);
		next = pud_addr_end(addr, end);
		if (pud_none(*pud))
			continue;
		free_page(pud_page_vaddr(*pud));
		pud_clear(pud);
		mm->nr_pmds--;
	}
#endif
}

static void free_top_tables(struct mm_struct *mm, unsigned long start,
			    unsigned long end)
{
#ifndef __PAGETABLE_PUD_FOLDED
	unsigned long addr;

	for (addr = start & PGDIR_MASK; addr < end; addr += PGDIR_SIZE) {
		pgd_t *pgd = pgd_offset(mm, addr);

		if (pgd_none(*pgd))
			continue;
		free_page(pgd_page_vaddr(*pgd));
		pgd_clear(pgd);
		mm->nr_pmds--;
	}
#endif
}

/*
 * Frees every table of user space except the root; no page is left in them.
 * Tables outlive munmap(), so they may lie where no range is any more; that
 * is rare, and only then is all of user space searched.
 */
void free_pgtables(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next)
		free_pte_tables(mm, vma->vm_start, vma->vm_end);
	if (mm->nr_ptes) {
		free_pte_tables(mm, 0, TASK_SIZE);
		free_upper_tables(mm, 0, TASK_SIZE);
		free_top_tables(mm, 0, TASK_SIZE);
		return;
	}
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		free_upper_tables(mm, vma->vm_start, vma->vm_end);
	for (vma = mm->mmap; vma; vma = vma->vm_next)
		free_top_tables(mm, vma->vm_start, vma->vm_end);
}
