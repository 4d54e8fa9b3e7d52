/* SPDX-License-Identifier: MIT */
/* The allocator of early boot (mm/memblock.c): physical ranges. */
#ifndef _LINUX_MEMBLOCK_H
#define _LINUX_MEMBLOCK_H

#include <linux/types.h>

void memblock_add(phys_addr_t base, phys_addr_t size);
void memblock_reserve(phys_addr_t base, phys_addr_t size);
phys_addr_t memblock_end_of_DRAM(void);

#endif
