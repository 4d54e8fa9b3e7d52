// SPDX-License-Identifier: MIT
/*
 * Compiled to assembly only: the build turns each "->NAME value" line into a
 * #define in generated/asm-offsets.h, so that assembly has C's own offsets.
 */
#include <linux/sched.h>
#include <linux/types.h>
#include <asm/ptrace.h>
#include <asm/thread_info.h>
#include <asm/desc.h>

#define DEFINE(sym, val) \
	__asm__ __volatile__("\n->" #sym " %c0" : : "i" (val))

void asm_offsets(void);

void asm_offsets(void)
{
	DEFINE(PT_EBX, offsetof(struct pt_regs, ebx));
	DEFINE(PT_ECX, offsetof(struct pt_regs, ecx));
	DEFINE(PT_EDX, offsetof(struct pt_regs, edx));
	DEFINE(PT_ESI, offsetof(struct pt_regs, esi));
	DEFINE(PT_EDI, offsetof(struct pt_regs, edi));
	DEFINE(PT_EBP, offsetof(struct pt_regs, ebp));
	DEFINE(PT_EAX, offsetof(struct pt_regs, eax));
	DEFINE(PT_DS, offsetof(struct pt_regs, xds));
	DEFINE(PT_ES, offsetof(struct pt_regs, xes));
	DEFINE(PT_ORIG_EAX, offsetof(struct pt_regs, orig_eax));
	DEFINE(PT_EIP, offsetof(struct pt_regs, eip));
	DEFINE(PT_CS, offsetof(struct pt_regs, xcs));
	DEFINE(PT_EFLAGS, offsetof(struct pt_regs, eflags));
	DEFINE(PT_OLDESP, offsetof(struct pt_regs, esp));
	DEFINE(PT_OLDSS, offsetof(struct pt_regs, xss));
	DEFINE(PT_REGS_SIZE, sizeof(struct pt_regs));
	DEFINE(TI_FLAGS, offsetof(struct thread_info, flags));
	DEFINE(TI_TASK, offsetof(struct thread_info, task));
	DEFINE(THREAD_ESP, offsetof(struct task_struct, thread.esp));
	DEFINE(THREAD_EIP, offsetof(struct task_struct, thread.eip));
}
