/* SPDX-License-Identifier: MIT */
#ifndef _ASM_IO_H
#define _ASM_IO_H

#include <asm/page.h>

static inline u32 readl(unsigned long phys)
{
	u32 value;

	__asm__ __volatile__("ldr %w0, [%1]"
			     : "=r" (value) : "r" (__va(phys)) : "memory");
	return value;
}

static inline void writel(u32 value, unsigned long phys)
{
	__asm__ __volatile__("str %w0, [%1]"
			     : : "r" (value), "r" (__va(phys)) : "memory");
}

#endif
