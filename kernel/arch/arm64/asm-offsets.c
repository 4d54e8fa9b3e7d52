// SPDX-License-Identifier: MIT
/* Offsets that assembly needs; the Makefile turns this into a header. */
#include <linux/sched.h>

#define DEFINE(sym, val) \
	__asm__ __volatile__("\n->" #sym " %c0" : : "i" (val))
#define OFFSET(sym, str, mem)	DEFINE(sym, offsetof(struct str, mem))

void asm_offsets(void);
void asm_offsets(void)
{
	OFFSET(TI_FLAGS, thread_info, flags);
	OFFSET(TI_TASK, thread_info, task);
	OFFSET(THREAD_CPU_CONTEXT, task_struct, thread.cpu_context);
	OFFSET(S_X0, pt_regs, regs[0]);
	OFFSET(S_X1, pt_regs, regs[1]);
	OFFSET(S_X2, pt_regs, regs[2]);
	OFFSET(S_X4, pt_regs, regs[4]);
	OFFSET(S_X6, pt_regs, regs[6]);
	OFFSET(S_LR, pt_regs, regs[30]);
	OFFSET(S_SP, pt_regs, sp);
	OFFSET(S_PC, pt_regs, pc);
	OFFSET(S_PSTATE, pt_regs, pstate);
	OFFSET(S_ORIG_X0, pt_regs, orig_x0);
	OFFSET(S_SYSCALLNO, pt_regs, syscallno);
	DEFINE(S_FRAME_SIZE, sizeof(struct pt_regs));
}
