/* SPDX-License-Identifier: MIT */
/* Where the board has places for virtio devices: QEMU's "virt". */
#ifndef _ASM_VIRTIO_MMIO_H
#define _ASM_VIRTIO_MMIO_H

#include <asm/io.h>

#define VIRTIO_MMIO_PHYS	0x0a000000UL
#define VIRTIO_MMIO_SLOTS	32
#define VIRTIO_MMIO_IRQ		48		/* of the first slot: SPI 16 */

/* The kernel's map has all devices. */
static inline void virtio_mmio_map(void)
{
}

static inline u32 virtio_mmio_read(unsigned long phys)
{
	return readl(phys);
}

static inline void virtio_mmio_write(u32 value, unsigned long phys)
{
	writel(value, phys);
}

/* What the device is to see, or has written, is in memory before what follows. */
static inline void virtio_mb(void)
{
	__asm__ __volatile__("dmb osh" : : : "memory");
}

#endif
