/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SEGMENT_H
#define _ASM_SEGMENT_H

/*
 * x86 only: arm64 has no segments.
 * The GDT, with Linux's entry numbers: syscall and sysret want the kernel's and
 * the user's in this order, and user programs see their selectors.
 */
#define GDT_ENTRIES		16

#define GDT_ENTRY_KERNEL_CS	2
#define GDT_ENTRY_KERNEL_DS	3
#define GDT_ENTRY_USER32_CS	4
#define GDT_ENTRY_USER_DS	5
#define GDT_ENTRY_USER_CS	6
#define GDT_ENTRY_TSS		8	/* two entries, as all system segments */
#define GDT_ENTRY_LDT		10

#define __KERNEL_CS	(GDT_ENTRY_KERNEL_CS * 8)
#define __KERNEL_DS	(GDT_ENTRY_KERNEL_DS * 8)
#define __USER32_CS	(GDT_ENTRY_USER32_CS * 8 + 3)
#define __USER_DS	(GDT_ENTRY_USER_DS * 8 + 3)
#define __USER_CS	(GDT_ENTRY_USER_CS * 8 + 3)

#ifndef __ASSEMBLY__

#define savesegment(seg, value) \
	__asm__ __volatile__("movl %%" #seg ", %k0" : "=r" (value))

/* A selector that has become invalid is loaded as null. */
#define loadsegment(seg, value)					\
	__asm__ __volatile__(					\
		"1:	movl %k0, %%" #seg "\n"			\
		"	.pushsection .text.fixup, \"ax\"\n"	\
		"2:	xorl %k0, %k0\n"			\
		"	movl %k0, %%" #seg "\n"			\
		"	jmp 3f\n"				\
		"	.popsection\n"				\
		"3:\n"						\
		"	.pushsection __ex_table, \"a\"\n"	\
		"	.quad 1b, 2b\n"				\
		"	.popsection\n"				\
		: "+r" (value) : : "memory")

#endif
#endif
