/* SPDX-License-Identifier: MIT */
/* The "virt" board: physical addresses and interrupt numbers. */
#ifndef _ASM_BOARD_H
#define _ASM_BOARD_H

#include <asm/page.h>

#define GICD_PHYS	0x08000000UL
#define GICC_PHYS	0x08010000UL
#define PL011_PHYS	0x09000000UL
#define PL031_PHYS	0x09010000UL

#define IRQ_VIRT_TIMER	27		/* PPI 11 */
#define IRQ_PL011	33		/* SPI 1 */

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
