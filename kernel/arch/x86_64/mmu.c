// SPDX-License-Identifier: MIT
/*
 * Page-table roots. The kernel's half of a root never changes after boot, so each
 * carries a copy of it and no fault ever has to bring one up to date.
 */
#include <linux/arch.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <asm/tlbflush.h>

extern char _sdata[];

/* The image's pages, of which there are tables for 4 MiB. */
#define KERNEL_IMAGE_TABLES	2
static pte_t level1_kernel_pgt[KERNEL_IMAGE_TABLES][PTRS_PER_PTE] __aligned(4096);

static unsigned long kernel_page_prot(unsigned long addr)
{
	if (addr < (unsigned long)_etext)
		return _PAGE_KERNEL_RX;
	if (addr < (unsigned long)_sdata)
		return _PAGE_KERNEL_RO;
	return _PAGE_KERNEL;
}

/*
 * RAM beyond what head.S mapped; the image page by page, code read-only and data
 * not to be executed; and without the identity map, address 0 faults as it should.
 */
void paging_init(void)
{
	phys_addr_t pa, end = memblock_end_of_DRAM();

	for (pa = BOOT_MAP_MAX; pa < end; pa += PMD_SIZE)
		set_pmd(&level2_direct_pgt[pa >> PMD_SHIFT],
			__pmd(pa | _PAGE_PSE | _PAGE_KERNEL));

	BUG_ON(__pa(_end) > KERNEL_IMAGE_TABLES * PMD_SIZE);
	for (pa = __pa(_text); pa < __pa(_end); pa += PAGE_SIZE) {
		unsigned long addr = __START_KERNEL_map + pa;

		set_pte(&level1_kernel_pgt[pmd_index(pa)][pte_index(pa)],
			__pte(pa | kernel_page_prot(addr)));
	}
	for (unsigned int i = 0; i < PTRS_PER_PMD; i++)
		set_pmd(&level2_kernel_pgt[i], i < KERNEL_IMAGE_TABLES ?
			__pmd(__pa(level1_kernel_pgt[i]) | _KERNPG_TABLE) : __pmd(0));
	pud_clear(&level3_kernel_pgt[0]);
	pgd_clear(&swapper_pg_dir[0]);
	flush_tlb_all();
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
