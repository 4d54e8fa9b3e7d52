/* SPDX-License-Identifier: MIT */
#ifndef _ASM_TRAPS_H
#define _ASM_TRAPS_H

#include <linux/linkage.h>
#include <linux/types.h>

/* Exception vectors, as sigcontext.trapno reports them. */
#define TRAP_DIVIDE_ERROR	0
#define TRAP_DEBUG		1
#define TRAP_NMI		2
#define TRAP_INT3		3
#define TRAP_OVERFLOW		4
#define TRAP_BOUNDS		5
#define TRAP_INVALID_OP		6
#define TRAP_NO_DEVICE		7
#define TRAP_DOUBLE_FAULT	8
#define TRAP_COPROC_SEG		9
#define TRAP_INVALID_TSS	10
#define TRAP_NOT_PRESENT	11
#define TRAP_STACK_SEGMENT	12
#define TRAP_GENERAL_PROTECTION	13
#define TRAP_PAGE_FAULT		14
#define TRAP_COPROC_ERROR	16
#define TRAP_ALIGNMENT		17
#define TRAP_MACHINE_CHECK	18
#define TRAP_SIMD_ERROR		19
#define TRAP_CONTROL_PROTECTION	21

/* si_code of what only this CPU tells apart. */
#define ILL_ILLOPN	2
#define SEGV_PKUERR	4
#define SEGV_CPERR	10
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6

struct pt_regs;

asmlinkage void do_page_fault(struct pt_regs *regs, unsigned long error_code);
long x64_sys_call(const struct pt_regs *regs, unsigned int nr);
bool do_syscall_64(struct pt_regs *regs, int nr);
void syscall_exit_to_user_mode(struct pt_regs *regs);
void irqentry_exit_to_user_mode(struct pt_regs *regs);

#endif
