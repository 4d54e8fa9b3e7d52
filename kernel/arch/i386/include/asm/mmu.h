/* SPDX-License-Identifier: MIT */
#ifndef _ASM_MMU_H
#define _ASM_MMU_H

/* Nothing: i386 has no address space numbers, and we offer no LDT. */
typedef struct {
	int unused;
} mm_context_t;

#endif
