/* SPDX-License-Identifier: MIT */
#ifndef _ASM_TRAPS_H
#define _ASM_TRAPS_H

#include <linux/types.h>

struct pt_regs;

static inline unsigned long read_far(void)
{
	unsigned long far;

	__asm__ __volatile__("mrs %0, far_el1" : "=r" (far));
	return far;
}

/* Called from entry.S. */
void bad_mode(struct pt_regs *regs, int reason, unsigned int esr);
void do_undefinstr(struct pt_regs *regs);
void do_fpsimd_exc(unsigned int esr, struct pt_regs *regs);
void do_sp_pc_abort(unsigned long addr, unsigned int esr,
		    struct pt_regs *regs);
void do_debug_exception(unsigned long addr, unsigned int esr,
			struct pt_regs *regs);
void do_page_fault(unsigned long addr, unsigned int esr, struct pt_regs *regs);
void do_mem_abort(unsigned long addr, unsigned int esr, struct pt_regs *regs);
long do_ni_syscall(struct pt_regs *regs);
void gic_handle_irq(struct pt_regs *regs);

#endif
