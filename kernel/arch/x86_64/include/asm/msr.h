/* SPDX-License-Identifier: MIT */
/*
 * x86_64 only: the 32-bit kernel needs no model-specific register.
 * Numbers: Intel manual, volume 4, "Architectural MSRs".
 */
#ifndef _ASM_MSR_H
#define _ASM_MSR_H

#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081	/* selectors of syscall and sysret */
#define MSR_LSTAR		0xc0000082	/* where syscall goes */
#define MSR_CSTAR		0xc0000083	/* where it goes from 32-bit code (AMD) */
#define MSR_SYSCALL_MASK	0xc0000084	/* the flags that it clears */
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102	/* what swapgs exchanges it with */
#define MSR_IA32_U_CET		0x000006a0
#define MSR_IA32_PL3_SSP	0x000006a7

#define EFER_SCE		0x001		/* syscall exists */
#define EFER_LME		0x100		/* long mode with paging */
#define EFER_NX			0x800		/* entries may refuse execution */

#define CET_SHSTK_EN		0x1UL
#define CET_WRSS_EN		0x2UL

#ifndef __ASSEMBLY__

#include <linux/types.h>

static inline u64 rdmsrq(u32 msr)
{
	u32 low, high;

	__asm__ __volatile__("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return low | (u64)high << 32;
}

static inline void wrmsrq(u32 msr, u64 value)
{
	__asm__ __volatile__("wrmsr" : : "c" (msr), "a" ((u32)value),
			     "d" ((u32)(value >> 32)) : "memory");
}

#endif
#endif
