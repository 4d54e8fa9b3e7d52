// SPDX-License-Identifier: MIT
/* Offsets that assembly needs; the Makefile turns this into a header. */
#include <linux/sched.h>

#define DEFINE(sym, val) \
	__asm__ __volatile__("\n->" #sym " %c0" : : "i" (val))
#define OFFSET(sym, str, mem)	DEFINE(sym, offsetof(struct str, mem))

void asm_offsets(void);
void asm_offsets(void)
{
	OFFSET(THREAD_SP, task_struct, thread.sp);
	OFFSET(PCPU_TOP_OF_STACK, pcpu_hot, top_of_stack);
	OFFSET(PCPU_USER_SP, pcpu_hot, user_sp);
	OFFSET(PT_ORIG_AX, pt_regs, orig_ax);
	OFFSET(PT_SP, pt_regs, sp);
	DEFINE(PT_REGS_SIZE, sizeof(struct pt_regs));
}
