/* SPDX-License-Identifier: MIT */
/*
 * Copies and fills by longs, upwards, at any addresses: memory that is not a
 * device's is accessed unaligned as well. What is not C runs before the MMU is
 * on, where all memory is as a device's.
 */
#ifndef _ASM_STRING_H
#define _ASM_STRING_H

#include <linux/types.h>

typedef unsigned long __attribute__((aligned(1), may_alias)) any_long;

static inline void copy_longs(void *to, const void *from, size_t longs)
{
	any_long *d = to;
	const any_long *s = from;

	for (; longs >= 8; longs -= 8, d += 8, s += 8) {
		unsigned long a = s[0], b = s[1], c = s[2], e = s[3];

		d[0] = a;
		d[1] = b;
		d[2] = c;
		d[3] = e;
		a = s[4], b = s[5], c = s[6], e = s[7];
		d[4] = a;
		d[5] = b;
		d[6] = c;
		d[7] = e;
	}
	while (longs--)
		*d++ = *s++;
}

static inline void fill_longs(void *to, unsigned long fill, size_t longs)
{
	any_long *d = to;

	for (; longs >= 8; longs -= 8, d += 8) {
		d[0] = fill;
		d[1] = fill;
		d[2] = fill;
		d[3] = fill;
		d[4] = fill;
		d[5] = fill;
		d[6] = fill;
		d[7] = fill;
	}
	while (longs--)
		*d++ = fill;
}

#endif
