// SPDX-License-Identifier: MIT
/*
 * RAM at boot: what there is and what is taken, until mem_init() has built
 * mem_map in a free stretch and given all the rest to the page allocator.
 */
#include <linux/mm.h>
#include <linux/memblock.h>
#include <linux/string.h>
#include "internal.h"

#define MAX_REGIONS	32

#define PHYS_PAGE_MASK	(~(phys_addr_t)(PAGE_SIZE - 1))

struct memblock_region {
	phys_addr_t base, end;
};

struct memblock_type {
	unsigned int cnt;
	struct memblock_region regions[MAX_REGIONS];
};

static struct memblock_type memory, reserved;

/* Keeps regions sorted by base; they may overlap. */
static void memblock_insert(struct memblock_type *type, phys_addr_t base,
			    phys_addr_t end)
{
	unsigned int i;

	if (base >= end)
		return;
	if (type->cnt == MAX_REGIONS)
		panic("too many memory regions");
	for (i = type->cnt++; i > 0 && type->regions[i - 1].base > base; i--)
		type->regions[i] = type->regions[i - 1];
	type->regions[i].base = base;
	type->regions[i].end = end;
}

/* RAM counts in whole pages only; a reservation takes every page it touches. */
void memblock_add(phys_addr_t base, phys_addr_t size)
{
	memblock_insert(&memory, (base + PAGE_SIZE - 1) & PHYS_PAGE_MASK,
			(base + size) & PHYS_PAGE_MASK);
}

void memblock_reserve(phys_addr_t base, phys_addr_t size)
{
	memblock_insert(&reserved, base & PHYS_PAGE_MASK,
			(base + size + PAGE_SIZE - 1) & PHYS_PAGE_MASK);
}

phys_addr_t memblock_end_of_DRAM(void)
{
	phys_addr_t end = 0;
	unsigned int i;

	for (i = 0; i < memory.cnt; i++)
		end = max(end, memory.regions[i].end);
	return end;
}

/* Calls fn for each stretch of RAM that no reservation touches. */
static void for_each_free_range(void (*fn)(phys_addr_t start, phys_addr_t end))
{
	unsigned int i, j;

	for (i = 0; i < memory.cnt; i++) {
		phys_addr_t start = memory.regions[i].base;
		phys_addr_t end = memory.regions[i].end;

		for (j = 0; j < reserved.cnt && start < end; j++) {
			struct memblock_region *r = &reserved.regions[j];

			if (r->end <= start || r->base >= end)
				continue;
			if (r->base > start)
				fn(start, r->base);
			start = r->end;
		}
		if (start < end)
			fn(start, end);
	}
}

/* The request that take_range() serves from the first stretch large enough. */
static phys_addr_t want_size, found;

static void take_range(phys_addr_t start, phys_addr_t end)
{
	/* Page 0 stays out: a physical address of 0 reads as "none". */
	start = start ? start : PAGE_SIZE;
	if (!found && start < end && end - start >= want_size)
		found = start;
}

/* Zeroed memory inside the linear map, of whole pages. */
static void *memblock_alloc(phys_addr_t size)
{
	want_size = size;
	found = 0;
	for_each_free_range(take_range);
	if (!found)
		panic("out of memory at boot");
	memblock_reserve(found, size);
	return memset(__va(found), 0, size);
}

static void add_range(phys_addr_t start, phys_addr_t end)
{
	if (!start)
		start = PAGE_SIZE;
	if (start < end)
		page_alloc_add(start >> PAGE_SHIFT, end >> PAGE_SHIFT);
}

void mem_init(void)
{
	if (!memory.cnt)
		panic("no memory");
	min_low_pfn = memory.regions[0].base >> PAGE_SHIFT;
	max_pfn = memblock_end_of_DRAM() >> PAGE_SHIFT;
	mem_map = memblock_alloc((phys_addr_t)(max_pfn - min_low_pfn) *
				 sizeof(struct page));

	page_alloc_init();
	for_each_free_range(add_range);
	page_alloc_finish();

	empty_zero_page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 0);
	if (!empty_zero_page)
		panic("no memory");
	/* Mapped all over, never owned: counting its users would be idle work. */
	empty_zero_page->flags |= PG_reserved;
}
