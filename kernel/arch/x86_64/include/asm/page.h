/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H

#define PAGE_SHIFT	12

/*
 * The kernel's half of the address space, as Linux lays it out: all RAM from
 * PAGE_OFFSET up, and the image once more in the last 2 GiB, which addresses
 * of 32 bits with a sign reach (-mcmodel=kernel).
 */
#ifdef __ASSEMBLY__
#define PAGE_SIZE	(1 << PAGE_SHIFT)
#define PAGE_OFFSET	0xffff888000000000
#define __START_KERNEL_map 0xffffffff80000000
#else
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_OFFSET	0xffff888000000000UL
#define __START_KERNEL_map 0xffffffff80000000UL
#endif
#define PAGE_MASK	(~(PAGE_SIZE - 1))

/* What head.S maps of both; the image and the boot data lie in it. */
#define BOOT_MAP_MAX	0x40000000	/* 1 GiB */
/* RAM above this has no place in the kernel's linear map and is not used. */
#define LOWMEM_MAX	0x100000000	/* 4 GiB */

#ifndef __ASSEMBLY__

#include <linux/types.h>

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;

#define pte_val(x)	((x).pte)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define pgd_val(x)	((x).pgd)
#define pgprot_val(x)	((x).pgprot)
#define __pte(x)	((pte_t) { (x) })
#define __pmd(x)	((pmd_t) { (x) })
#define __pud(x)	((pud_t) { (x) })
#define __pgd(x)	((pgd_t) { (x) })
#define __pgprot(x)	((pgprot_t) { (x) })

/* User space is the lower half of 48 bits but for its last page, as in Linux. */
#define TASK_SIZE	(0x0000800000000000UL - PAGE_SIZE)
#define STACK_TOP	TASK_SIZE

static inline unsigned long __phys_addr(unsigned long x)
{
	return x >= __START_KERNEL_map ? x - __START_KERNEL_map : x - PAGE_OFFSET;
}

/* Of an address in either map. */
#define __pa(x)		__phys_addr((unsigned long)(x))
#define __va(x)		((void *)((unsigned long)(x) + PAGE_OFFSET))

#define clear_page(page)	__builtin_memset((page), 0, PAGE_SIZE)
#define copy_page(to, from)	__builtin_memcpy((to), (from), PAGE_SIZE)

#endif
#endif
