// SPDX-License-Identifier: MIT
/*
 * Page-table roots. The kernel's half never changes after boot, so each root
 * carries a copy of it and no fault ever has to bring one up to date.
 */
#include <linux/arch.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/tlbflush.h>

/* The identity map served head.S; without it, address 0 faults as it should. */
void paging_init(void)
{
	for (int i = 0; i < USER_PTRS_PER_PGD; i++)
		swapper_pg_dir[i] = __pgd(0);
	load_cr3(swapper_pg_dir);
}

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	pgd_t *pgd = (pgd_t *)get_zeroed_page(GFP_KERNEL);

	if (!pgd)
		return NULL;
	memcpy(pgd + USER_PTRS_PER_PGD, swapper_pg_dir + USER_PTRS_PER_PGD,
	       (PTRS_PER_PGD - USER_PTRS_PER_PGD) * sizeof(pgd_t));
	return pgd;
}
