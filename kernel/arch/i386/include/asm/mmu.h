/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_H
#define _ASM_MMU_H

struct desc_struct;

/* The segments that modify_ldt made; NULL without any. */
typedef struct {
	struct desc_struct *ldt;
	unsigned int ldt_entries;
} mm_context_t;

#endif
