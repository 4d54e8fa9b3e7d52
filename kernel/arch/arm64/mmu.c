// SPDX-License-Identifier: MIT
/* The kernel's linear map, user page-table roots, ASIDs, code visibility. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/memblock.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>
#include <asm/cacheflush.h>

#define ASID_BITS		8
#define NUM_ASIDS		(1UL << ASID_BITS)
#define ASID_MASK		(NUM_ASIDS - 1)

/* The generation counts in steps of NUM_ASIDS; an older one is stale. */
static unsigned long asid_generation = NUM_ASIDS;
static unsigned long next_asid = 1;	/* 0 goes with reserved_pg_dir */

static void cpu_set_ttbr0(phys_addr_t pgd, unsigned long asid)
{
	__asm__ __volatile__("msr ttbr0_el1, %0\n\tisb"
			     : : "r" (pgd | asid << 48) : "memory");
}

/* TTBR0 translates nothing: for the idle task, and before the first exec. */
static void cpu_set_reserved_ttbr0(void)
{
	cpu_set_ttbr0(__pa(reserved_pg_dir), 0);
}

/* head.S mapped the first GiB of RAM; blocks of 1 GiB for what is beyond. */
void paging_init(void)
{
	u64 block = swapper_pud[1].pud & ~PTE_ADDR_MASK;
	u64 pa;

	for (pa = 2 * PUD_SIZE; pa < memblock_end_of_DRAM() &&
	     pa < PGDIR_SIZE; pa += PUD_SIZE)
		set_pud(&swapper_pud[pud_index(pa)], __pud(pa | block));
	cpu_set_reserved_ttbr0();
	/* The identity map of head.S was global. */
	flush_tlb_all();
}

/*
 * arm64 only: user entries carry an ASID, which has to be of this generation.
 * Without them a switch is a load of the root (switch_mm).
 */
__visible void check_and_switch_context(struct mm_struct *mm)
{
	unsigned long flags;

	local_irq_save(flags);
	if (mm == &init_mm) {
		cpu_set_reserved_ttbr0();
		goto out;
	}
	if ((mm->context.id & ~ASID_MASK) != asid_generation) {
		if (next_asid == NUM_ASIDS) {
			asid_generation += NUM_ASIDS;
			next_asid = 1;
			cpu_set_reserved_ttbr0();
			flush_tlb_all();
		}
		mm->context.id = asid_generation | next_asid++;
	}
	cpu_set_ttbr0(__pa(mm->pgd), mm->context.id & ASID_MASK);
out:
	local_irq_restore(flags);
}

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	return (pgd_t *)get_zeroed_page(GFP_KERNEL);
}

/*
 * arm64 only: on x86 instruction fetch sees data writes without help.
 * Data to the point of unification, then all instruction caches: one CPU, and
 * the user's alias of the page may have another index (Arm ARM B2.4.4).
 */
void flush_icache_range(unsigned long start, unsigned long end)
{
	unsigned long ctr, line, addr;

	__asm__ __volatile__("mrs %0, ctr_el0" : "=r" (ctr));
	line = 4UL << ((ctr >> 16) & 15);
	for (addr = start & ~(line - 1); addr < end; addr += line)
		__asm__ __volatile__("dc cvau, %0" : : "r" (addr) : "memory");
	__asm__ __volatile__("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb"
			     : : : "memory");
}
