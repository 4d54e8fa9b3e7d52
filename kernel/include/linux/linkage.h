/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_LINKAGE_H
#define _LINUX_LINKAGE_H

#ifdef __ASSEMBLY__

#define ENTRY(name)		\
	.globl name;		\
	.balign 4;		\
	.type name, %function;	\
name:

#define ENDPROC(name)		\
	.size name, . - name

#define END(name)		\
	.size name, . - name

#else

#ifdef __i386__
#define asmlinkage	__attribute__((regparm(0)))
#else
#define asmlinkage
#endif

#endif
#endif
