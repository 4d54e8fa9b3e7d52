/* SPDX-License-Identifier: MIT */
#ifndef _FS_ELF_MAP_H
#define _FS_ELF_MAP_H

#include <linux/elf.h>

struct file;

unsigned long elf_choose_bias(const struct elf_phdr *phdrs, int nr,
			      unsigned long hint);
/* Every PT_LOAD, moved by bias; 0 or -errno. */
int elf_map_all(struct file *file, const struct elf_phdr *phdrs, int nr,
		unsigned long bias);

#endif
