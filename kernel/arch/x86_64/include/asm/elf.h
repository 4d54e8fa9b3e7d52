/* SPDX-License-Identifier: MIT */
#ifndef _ASM_ELF_H
#define _ASM_ELF_H

#include <asm/page.h>
#include <asm/processor.h>

unsigned long sigframe_size(void);

#define ELF_PLATFORM	"x86_64"
/* AT_HWCAP is edx of CPUID leaf 1 on x86. */
#define ELF_HWCAP	(boot_cpu_features)
/* Programs may use rdfsbase and its like. */
#define HWCAP2_FSGSBASE	(1UL << 1)
#define ELF_HWCAP2	(cpu_has(X86_FEATURE_FSGSBASE) ? HWCAP2_FSGSBASE : 0)
/* What a signal's frame takes of a stack depends on the state that the CPU has. */
#define ELF_MINSIGSTKSZ	sigframe_size()
/* Where a position-independent program goes: two thirds up, page aligned. */
#define ELF_ET_DYN_BASE	((TASK_SIZE / 3 * 2) & PAGE_MASK)

#endif
