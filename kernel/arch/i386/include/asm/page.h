/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PAGE_H
#define _ASM_PAGE_H

#define PAGE_SHIFT	12
#ifdef __ASSEMBLY__
#define PAGE_SIZE	(1 << PAGE_SHIFT)
#define PAGE_OFFSET	0xC0000000
#else
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_OFFSET	0xC0000000UL
#endif
#define PAGE_MASK	(~(PAGE_SIZE - 1))

/* RAM above this has no place in the kernel's linear map and is not used. */
#define LOWMEM_MAX	0x30000000	/* 768 MiB */

#ifndef __ASSEMBLY__

#include <linux/types.h>

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { pgd_t pgd; } pud_t;	/* folded into the pgd */
typedef struct { pud_t pud; } pmd_t;	/* folded into the pud */
typedef struct { unsigned long pgprot; } pgprot_t;

#define pte_val(x)	((x).pte)
#define pgd_val(x)	((x).pgd)
#define pgprot_val(x)	((x).pgprot)
#define __pte(x)	((pte_t) { (x) })
#define __pgd(x)	((pgd_t) { (x) })
#define __pgprot(x)	((pgprot_t) { (x) })

/* User space is what is below the kernel; the stack starts at its very top. */
#define TASK_SIZE	PAGE_OFFSET
#define STACK_TOP	TASK_SIZE

#define __pa(x)		((unsigned long)(x) - PAGE_OFFSET)
#define __va(x)		((void *)((unsigned long)(x) + PAGE_OFFSET))

#define clear_page(page)	__builtin_memset((page), 0, PAGE_SIZE)
#define copy_page(to, from)	__builtin_memcpy((to), (from), PAGE_SIZE)

#endif
#endif
