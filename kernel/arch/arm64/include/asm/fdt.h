/* SPDX-License-Identifier: MIT */
/* arm64 only: a PC's loader tells of memory in a structure of its own (setup.c). */
#ifndef _ASM_FDT_H
#define _ASM_FDT_H

#include <linux/types.h>

struct fdt_info {
	phys_addr_t memory_base, memory_size;
	phys_addr_t initrd_start, initrd_end;
	const char *bootargs;		/* or NULL */
	bool psci_smc;
	unsigned int totalsize;
};

/* Reads the device tree at a virtual address: 0, or -EINVAL when it is none. */
int fdt_scan(const void *fdt, struct fdt_info *info);

#endif
