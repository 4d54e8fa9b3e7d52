/* SPDX-License-Identifier: MIT */
/*
 * Copies and fills by longs, upwards, at any addresses. The processor does a
 * repeated instruction a cache line at a time where nothing hinders it, and an
 * emulator a page.
 */
#ifndef _ASM_STRING_H
#define _ASM_STRING_H

#include <linux/types.h>

static inline void copy_longs(void *to, const void *from, size_t longs)
{
	__asm__ __volatile__("rep movsq" : "+D" (to), "+S" (from), "+c" (longs)
			     : : "memory");
}

static inline void fill_longs(void *to, unsigned long fill, size_t longs)
{
	__asm__ __volatile__("rep stosq" : "+D" (to), "+c" (longs)
			     : "a" (fill) : "memory");
}

#endif
