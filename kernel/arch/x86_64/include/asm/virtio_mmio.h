/* SPDX-License-Identifier: MIT */
/*
 * Where a PC may have a virtio device, as QEMU's "microvm" does. On other
 * boards nothing answers there, or something without the magic value.
 */
#ifndef _ASM_VIRTIO_MMIO_H
#define _ASM_VIRTIO_MMIO_H

#include <linux/types.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

#define VIRTIO_MMIO_PHYS	0xfeb00000UL
#define VIRTIO_MMIO_SLOTS	1
#define VIRTIO_MMIO_IRQ		5

/* Seen where the linear map would have RAM of that address. */
static inline void virtio_mmio_map(void)
{
	set_pmd(&level2_direct_pgt[VIRTIO_MMIO_PHYS >> PMD_SHIFT],
		__pmd((VIRTIO_MMIO_PHYS & PMD_MASK) | _PAGE_PSE | _PAGE_PCD |
		      _PAGE_KERNEL));
	flush_tlb_all();
}

static inline u32 virtio_mmio_read(unsigned long phys)
{
	return *(volatile u32 *)__va(phys);
}

static inline void virtio_mmio_write(u32 value, unsigned long phys)
{
	*(volatile u32 *)__va(phys) = value;
}

/* What the device is to see, or has written, is in memory before what follows. */
static inline void virtio_mb(void)
{
	__asm__ __volatile__("lock; addl $0, (%%rsp)" : : : "memory", "cc");
}

#endif
