/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_ELF_H
#define _LINUX_ELF_H

/*
 * asm/elf.h supplies ELF_HWCAP, ELF_HWCAP2, ELF_PLATFORM (a string) and
 * ELF_ET_DYN_BASE, and ELF_MINSIGSTKSZ where it is not always the same; the
 * rest of what differs by machine is here.
 */
#include <linux/types.h>

/* "Accessing a corrupted shared library": only exec says this. */
#define ELIBBAD		80

#define EI_NIDENT	16
#define EI_CLASS	4
#define EI_DATA		5

#define ELFMAG		"\177ELF"
#define SELFMAG		4
#define ELFCLASS32	1
#define ELFCLASS64	2
#define ELFDATA2LSB	1

#define ET_EXEC		2
#define ET_DYN		3

#define EM_386		3
#define EM_X86_64	62
#define EM_AARCH64	183

#define PT_LOAD		1
#define PT_INTERP	3
#define PT_GNU_STACK	0x6474e551

#define PF_X		1
#define PF_W		2
#define PF_R		4

/* Auxiliary vector */
#define AT_NULL		0
#define AT_PHDR		3
#define AT_PHENT	4
#define AT_PHNUM	5
#define AT_PAGESZ	6
#define AT_BASE		7
#define AT_FLAGS	8
#define AT_ENTRY	9
#define AT_UID		11
#define AT_EUID		12
#define AT_GID		13
#define AT_EGID		14
#define AT_PLATFORM	15
#define AT_HWCAP	16
#define AT_CLKTCK	17
#define AT_SECURE	23
#define AT_RANDOM	25
#define AT_HWCAP2	26
#define AT_EXECFN	31
#define AT_MINSIGSTKSZ	51

/* As wide as the machine. */
struct elfhdr {
	u8 e_ident[EI_NIDENT];
	u16 e_type, e_machine;
	u32 e_version;
	unsigned long e_entry, e_phoff, e_shoff;
	u32 e_flags;
	u16 e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
};

#ifdef __i386__
#define ELF_CLASS	ELFCLASS32
#define ELF_ARCH	EM_386

struct elf_phdr {
	u32 p_type;
	u32 p_offset, p_vaddr, p_paddr, p_filesz, p_memsz;
	u32 p_flags, p_align;
};
#else
#define ELF_CLASS	ELFCLASS64
#ifdef __x86_64__
#define ELF_ARCH	EM_X86_64
#else
#define ELF_ARCH	EM_AARCH64
#endif

struct elf_phdr {
	u32 p_type, p_flags;
	u64 p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align;
};
#endif

#endif
