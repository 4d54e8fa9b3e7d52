/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SETUP_H
#define _ASM_SETUP_H

#include <asm/pgtable.h>

/* head.S: the tables of the linear map, and the empty user root. */
extern pud_t swapper_pud[PTRS_PER_PUD];
extern pgd_t reserved_pg_dir[PTRS_PER_PGD];

void paging_init(void);

/* fdt.c: reads the device tree at a virtual address. */
struct fdt_info {
	phys_addr_t memory_base, memory_size;
	phys_addr_t initrd_start, initrd_end;
	const char *bootargs;		/* or NULL */
	bool psci_smc;
	unsigned int totalsize;
};

/* 0, or -EINVAL when it is not a device tree. */
int fdt_scan(const void *fdt, struct fdt_info *info);

#endif
