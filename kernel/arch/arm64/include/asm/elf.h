/* SPDX-License-Identifier: MIT */
#ifndef _ASM_ELF_H
#define _ASM_ELF_H

#define ELF_PLATFORM	"aarch64"
#define ELF_HWCAP	0x3UL	/* FP, ASIMD: v8.0, no LSE */
#define ELF_HWCAP2	0UL
/* Where a position independent executable goes. */
#define ELF_ET_DYN_BASE	0x0000555500000000UL

#endif
