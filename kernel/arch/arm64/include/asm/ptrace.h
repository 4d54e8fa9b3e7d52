/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PTRACE_H
#define _ASM_PTRACE_H

#define PSR_MODE_EL0t	0x00000000
#define PSR_MODE_EL1h	0x00000005
#define PSR_MODE_MASK	0x0000000f
#define PSR_F_BIT	0x00000040
#define PSR_I_BIT	0x00000080
#define PSR_A_BIT	0x00000100
#define PSR_D_BIT	0x00000200
#define PSR_V_BIT	0x10000000
#define PSR_C_BIT	0x20000000
#define PSR_Z_BIT	0x40000000
#define PSR_N_BIT	0x80000000

#ifndef __ASSEMBLY__

#include <linux/types.h>

/* What the vectors save at the top of the kernel stack. */
struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	u64 orig_x0;		/* x0 at system call entry, for restarting */
	u64 syscallno;		/* ~0 outside system calls */
};

#define user_mode(regs)		(((regs)->pstate & PSR_MODE_MASK) == PSR_MODE_EL0t)
#define instruction_pointer(regs)	((unsigned long)(regs)->pc)
#define instruction_pointer_set(regs, v) ((regs)->pc = (v))
#define user_stack_pointer(regs)	((unsigned long)(regs)->sp)
#define regs_return_value(regs)		((long)(regs)->regs[0])

#define task_pt_regs(p) \
	((struct pt_regs *)((char *)(p)->stack + THREAD_SIZE) - 1)

#endif
#endif
