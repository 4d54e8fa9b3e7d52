/* SPDX-License-Identifier: MIT */
#ifndef _ASM_THREAD_INFO_H
#define _ASM_THREAD_INFO_H

/* A kernel stack: four pages, aligned to its size. */
#define THREAD_SIZE		16384
#define THREAD_SIZE_ORDER	2

#ifndef __ASSEMBLY__
register unsigned long current_stack_pointer __asm__("rsp");
#endif

#endif
