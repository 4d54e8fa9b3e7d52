/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <linux/types.h>

/* Nothing is ever reclaimed or written back, so no allocation sleeps. */
#define GFP_KERNEL	0x01u
#define GFP_ATOMIC	0x02u
#define GFP_USER	0x04u
#define __GFP_ZERO	0x10u

/* 2^10 pages, 4 MiB: the largest block the allocator hands out. */
#define MAX_ORDER	11

struct page;

struct page *alloc_pages(gfp_t gfp, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);

#define alloc_page(gfp)		alloc_pages(gfp, 0)
#define __free_page(page)	__free_pages(page, 0)
#define __get_free_page(gfp)	__get_free_pages(gfp, 0)
#define get_zeroed_page(gfp)	__get_free_pages((gfp) | __GFP_ZERO, 0)
#define free_page(addr)		free_pages(addr, 0)

unsigned long nr_free_pages(void);

/*
 * Boot: setup_arch() names the RAM and what of it is taken (linux/memblock.h);
 * mem_init() then builds mem_map and hands the rest to the allocator.
 */
void mem_init(void);
/* Makes a reserved page one that its caller owns, with what is in it. */
void adopt_reserved_page(struct page *page);
/* Gives whole pages inside [start, end), virtual, back (initrd, init text);
 * those that have been adopted stay where they are. */
void free_reserved_area(unsigned long start, unsigned long end);

#endif
