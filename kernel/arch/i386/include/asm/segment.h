/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SEGMENT_H
#define _ASM_SEGMENT_H

/*
 * i386 only: arm64 has no segments.
 * The GDT, with Linux's entry numbers: user programs see the selectors of
 * their own segments, and the numbers of the three TLS entries.
 */
#define GDT_ENTRIES		32

#define GDT_ENTRY_TLS_ENTRIES	3
#define GDT_ENTRY_TLS_MIN	6
#define GDT_ENTRY_TLS_MAX	(GDT_ENTRY_TLS_MIN + GDT_ENTRY_TLS_ENTRIES - 1)

#define GDT_ENTRY_KERNEL_CS	12
#define GDT_ENTRY_KERNEL_DS	13
#define GDT_ENTRY_USER_CS	14
#define GDT_ENTRY_USER_DS	15
#define GDT_ENTRY_TSS		16
#define GDT_ENTRY_LDT		17

#define __KERNEL_CS	(GDT_ENTRY_KERNEL_CS * 8)
#define __KERNEL_DS	(GDT_ENTRY_KERNEL_DS * 8)
#define __USER_CS	(GDT_ENTRY_USER_CS * 8 + 3)
#define __USER_DS	(GDT_ENTRY_USER_DS * 8 + 3)

#ifndef __ASSEMBLY__

#define savesegment(seg, value) \
	__asm__ __volatile__("movl %%" #seg ", %0" : "=r" (value))

/* A selector that has become invalid is loaded as null. */
#define loadsegment(seg, value)					\
	__asm__ __volatile__(					\
		"1:	movl %0, %%" #seg "\n"			\
		"	.pushsection .text.fixup, \"ax\"\n"	\
		"2:	pushl $0\n"				\
		"	popl %%" #seg "\n"			\
		"	jmp 3f\n"				\
		"	.popsection\n"				\
		"3:\n"						\
		"	.pushsection __ex_table, \"a\"\n"	\
		"	.long 1b, 2b\n"				\
		"	.popsection\n"				\
		: : "r" (value) : "memory")

#endif
#endif
