/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_H
#define _ASM_MMU_H

#include <linux/types.h>

struct desc_struct;

/* The segments that modify_ldt made; NULL without any. The keys of pkey_alloc. */
typedef struct {
	struct desc_struct *ldt;
	unsigned int ldt_entries;
	u16 pkey_allocation_map;	/* bit 0 is set: key 0 is everybody's */
} mm_context_t;

#endif
