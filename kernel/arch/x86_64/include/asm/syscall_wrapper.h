/* SPDX-License-Identifier: MIT */
/*
 * x86_64 only: elsewhere a system call's arguments are where C expects a
 * function's. Here each call has a second function, __x64_sys_name, which takes
 * them out of pt_regs.
 */
#ifndef _ASM_SYSCALL_WRAPPER_H
#define _ASM_SYSCALL_WRAPPER_H

#include <asm/ptrace.h>

#define __X64_ARGS_1(t1, a1)		(t1)regs->di
#define __X64_ARGS_2(t1, a1, t2, a2)	__X64_ARGS_1(t1, a1), (t2)regs->si
#define __X64_ARGS_3(t1, a1, t2, a2, t3, a3) \
	__X64_ARGS_2(t1, a1, t2, a2), (t3)regs->dx
#define __X64_ARGS_4(t1, a1, t2, a2, t3, a3, t4, a4) \
	__X64_ARGS_3(t1, a1, t2, a2, t3, a3), (t4)regs->r10
#define __X64_ARGS_5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	__X64_ARGS_4(t1, a1, t2, a2, t3, a3, t4, a4), (t5)regs->r8
#define __X64_ARGS_6(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6) \
	__X64_ARGS_5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5), (t6)regs->r9

#define __X64_ARGS_0(...)

#define __SYSCALL_WRAPPER(name, n, ...)					\
	long __x64_sys_##name(const struct pt_regs *regs);		\
	__visible long __x64_sys_##name(const struct pt_regs *regs)	\
	{								\
		return sys_##name(__X64_ARGS_##n(__VA_ARGS__));		\
	}

#endif
