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
	OFFSET(THREAD_ESP, task_struct, thread.esp);
	OFFSET(THREAD_EIP, task_struct, thread.eip);
	OFFSET(PT_EBX, pt_regs, ebx);
	OFFSET(PT_ECX, pt_regs, ecx);
	OFFSET(PT_EDX, pt_regs, edx);
	OFFSET(PT_ESI, pt_regs, esi);
	OFFSET(PT_EDI, pt_regs, edi);
	OFFSET(PT_EBP, pt_regs, ebp);
	OFFSET(PT_EAX, pt_regs, eax);
	OFFSET(PT_DS, pt_regs, xds);
	OFFSET(PT_ES, pt_regs, xes);
	OFFSET(PT_ORIG_EAX, pt_regs, orig_eax);
	OFFSET(PT_EIP, pt_regs, eip);
	OFFSET(PT_CS, pt_regs, xcs);
	OFFSET(PT_EFLAGS, pt_regs, eflags);
	OFFSET(PT_OLDESP, pt_regs, esp);
	OFFSET(PT_OLDSS, pt_regs, xss);
	DEFINE(PT_REGS_SIZE, sizeof(struct pt_regs));
}
