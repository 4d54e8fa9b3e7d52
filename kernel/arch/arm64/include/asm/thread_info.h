/* SPDX-License-Identifier: MIT */
#ifndef _ASM_THREAD_INFO_H
#define _ASM_THREAD_INFO_H

#define THREAD_SIZE		16384
#define THREAD_SIZE_ORDER	2

#ifndef __ASSEMBLY__

#define current_stack_pointer	((unsigned long)({		\
	unsigned long ____sp;					\
	__asm__ __volatile__("mov %0, sp" : "=r" (____sp));	\
	____sp; }))

#endif
#endif
