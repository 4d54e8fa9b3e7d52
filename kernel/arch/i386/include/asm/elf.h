/* SPDX-License-Identifier: MIT */
#ifndef _ASM_ELF_H
#define _ASM_ELF_H

#include <asm/page.h>
#include <asm/processor.h>

#define ELF_PLATFORM	"i686"
/* AT_HWCAP is edx of CPUID leaf 1 on i386. */
#define ELF_HWCAP	(boot_cpu_features)
#define ELF_HWCAP2	0
/* Where a position-independent program goes: two thirds up, page aligned. */
#define ELF_ET_DYN_BASE	((TASK_SIZE / 3 * 2) & PAGE_MASK)

#endif
