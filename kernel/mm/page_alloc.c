// SPDX-License-Identifier: MIT
/*
 * The frames of RAM: a binary buddy allocator. A free block of 2^order pages
 * is aligned to its size and is represented by its first page, which has
 * PG_buddy set and sits on free_area[order]. Every page handed out carries a
 * count of its owners, because fork shares pages between address spaces.
 */
#include <linux/mm.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include "internal.h"

struct page *mem_map;
unsigned long min_low_pfn, max_pfn;
unsigned long totalram_pages;
struct page *empty_zero_page;

static struct list_head free_area[MAX_ORDER];
static unsigned long nr_free;

static void add_free_block(struct page *page, unsigned int order)
{
	page->flags |= PG_buddy;
	page->order = order;
	list_add(&page->lru, &free_area[order]);
	nr_free += 1UL << order;
}

static void del_free_block(struct page *page)
{
	list_del(&page->lru);
	page->flags &= ~PG_buddy;
	nr_free -= 1UL << page->order;
}

/* Merges with the buddy as long as that one is free and just as large. */
static void __free_one_block(unsigned long pfn, unsigned int order)
{
	while (order < MAX_ORDER - 1) {
		unsigned long buddy_pfn = pfn ^ (1UL << order);
		struct page *buddy;

		if (!pfn_valid(buddy_pfn))
			break;
		buddy = pfn_to_page(buddy_pfn);
		if (!(buddy->flags & PG_buddy) || buddy->order != order)
			break;
		del_free_block(buddy);
		pfn &= ~(1UL << order);
		order++;
	}
	add_free_block(pfn_to_page(pfn), order);
}

/* Init: whole pages of [start, end), in the largest aligned blocks. */
static void free_pfn_range(unsigned long start, unsigned long end)
{
	while (start < end) {
		unsigned int order = 0;

		while (order < MAX_ORDER - 1 && !(start & (1UL << order)) &&
		       start + (2UL << order) <= end)
			order++;
		__free_one_block(start, order);
		start += 1UL << order;
	}
}

/* What lies between the free ranges: the kernel's, firmware's, or no RAM. */
static void reserve_pfn_range(unsigned long start, unsigned long end)
{
	struct page *page = pfn_to_page(start), *stop = pfn_to_page(end);

	for (; page < stop; page++) {
		page->flags = PG_reserved;
		page->_count = 1;
	}
}

/* Up to here every frame is accounted for; ranges come in ascending order. */
static unsigned long next_pfn;

/* mem_map is all zeros: only the pages that are not free need a mark. */
void page_alloc_init(void)
{
	unsigned int i;

	for (i = 0; i < MAX_ORDER; i++)
		INIT_LIST_HEAD(&free_area[i]);
	next_pfn = min_low_pfn;
}

void page_alloc_add(unsigned long start_pfn, unsigned long end_pfn)
{
	reserve_pfn_range(next_pfn, start_pfn);
	free_pfn_range(start_pfn, end_pfn);
	totalram_pages += end_pfn - start_pfn;
	next_pfn = end_pfn;
}

void page_alloc_finish(void)
{
	reserve_pfn_range(next_pfn, max_pfn);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;
	unsigned int current_order;
	unsigned long flags;

	local_irq_save(flags);
	for (current_order = order; current_order < MAX_ORDER; current_order++)
		if (!list_empty(&free_area[current_order]))
			break;
	if (current_order >= MAX_ORDER) {
		local_irq_restore(flags);
		return NULL;
	}
	page = list_first_entry(&free_area[current_order], struct page, lru);
	del_free_block(page);
	while (current_order > order) {
		current_order--;
		add_free_block(page + (1UL << current_order), current_order);
	}
	page->order = order;
	page->_count = 1;
	local_irq_restore(flags);

	if (gfp & __GFP_ZERO) {
		char *kaddr = page_address(page);
		unsigned long i;

		for (i = 0; i < 1UL << order; i++)
			clear_page(kaddr + (i << PAGE_SHIFT));
	}
	return page;
}

void __free_pages(struct page *page, unsigned int order)
{
	unsigned long flags;

	if (page->flags & PG_reserved)
		return;
	BUG_ON(page->_count <= 0);
	local_irq_save(flags);
	if (--page->_count == 0)
		__free_one_block(page_to_pfn(page), order);
	local_irq_restore(flags);
}

void put_page(struct page *page)
{
	__free_pages(page, page->order);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page(addr), order);
}

unsigned long nr_free_pages(void)
{
	return nr_free;
}

void adopt_reserved_page(struct page *page)
{
	page->flags = 0;
	page->order = 0;
	page->_count = 1;
	totalram_pages++;
}

void free_reserved_area(unsigned long start, unsigned long end)
{
	unsigned long pfn = __pa(PAGE_ALIGN(start)) >> PAGE_SHIFT;
	unsigned long end_pfn = __pa(end & PAGE_MASK) >> PAGE_SHIFT;

	for (; pfn < end_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (!pfn_valid(pfn) || !(page->flags & PG_reserved))
			continue;
		adopt_reserved_page(page);
		__free_pages(page, 0);
	}
}
