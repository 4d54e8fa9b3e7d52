/* SPDX-License-Identifier: MIT */
#ifndef _ASM_THREAD_INFO_H
#define _ASM_THREAD_INFO_H

/* A kernel stack: two pages, aligned to its size. */
#define THREAD_SIZE		8192
#define THREAD_SIZE_ORDER	1

#ifndef __ASSEMBLY__
register unsigned long current_stack_pointer __asm__("esp");
#endif

#endif
