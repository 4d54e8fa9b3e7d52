// SPDX-License-Identifier: MIT
/* Exceptions other than page faults and system calls. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/traps.h>

void trap_init(void)
{
	/* head.S has set vbar_el1: the same table from the first C code on. */
}

__visible void show_regs(struct pt_regs *regs)
{
	int i;

	printk("CPU: 0 PID: %d Comm: %s\n", current->pid, current->comm);
	printk("pc : %016llx lr : %016llx pstate: %08llx\n",
	       regs->pc, regs->regs[30], regs->pstate);
	printk("sp : %016llx\n", regs->sp);
	for (i = 29; i > 0; i -= 2)
		printk("x%-2d: %016llx x%-2d: %016llx\n",
		       i, regs->regs[i], i - 1, regs->regs[i - 1]);
}

__visible void show_regs_current(void)
{
	unsigned long fp = (unsigned long)__builtin_frame_address(0);
	unsigned long saved[11];
	int depth, i;

	/* What a call keeps; the rest is gone by now. */
	__asm__ __volatile__("stp x19, x20, [%0]\n\t"
			     "stp x21, x22, [%0, #16]\n\t"
			     "stp x23, x24, [%0, #32]\n\t"
			     "stp x25, x26, [%0, #48]\n\t"
			     "stp x27, x28, [%0, #64]\n\t"
			     "str x29, [%0, #80]"
			     : : "r" (saved) : "memory");
	printk("CPU: 0 PID: %d Comm: %s\n", current->pid, current->comm);
	printk("sp : %016lx\n", current_stack_pointer);
	for (i = 10; i >= 0; i--)
		printk("x%d: %016lx%c", i + 19, saved[i], i % 2 ? ' ' : '\n');
	printk("Call trace:\n");
	/* Frame records: { caller's fp, return address }, inside this stack. */
	for (depth = 0; depth < 24; depth++) {
		if ((fp & 15) || (fp & ~(THREAD_SIZE - 1UL)) !=
				 (unsigned long)current->stack)
			break;
		printk(" [<%016lx>]\n", ((unsigned long *)fp)[1]);
		fp = ((unsigned long *)fp)[0];
	}
}

void die(const char *what, struct pt_regs *regs, long esr)
{
	static int dying;
	unsigned long far;

	local_irq_disable();
	__asm__ __volatile__("mrs %0, far_el1" : "=r" (far));
	if (!dying++) {
		printk("%s: esr %08lx, far %016lx\n", what, esr, far);
		show_regs(regs);
	}
	panic("Fatal exception%s",
	      current_thread_info()->preempt_count > 0 ? " in interrupt" : "");
}

/* arm64 only: from here on exceptions as this CPU tells them apart. */
__visible void bad_mode(struct pt_regs *regs, int reason, unsigned int esr)
{
	static const char *const handler[] = {
		"unexpected synchronous abort", "unexpected IRQ",
		"unexpected FIQ", "unexpected SError"
	};

	die(handler[reason], regs, esr);
}

__visible void do_undefinstr(struct pt_regs *regs)
{
	force_sig_fault(SIGILL, ILL_ILLOPC, (void __user *)regs->pc);
}

__visible void do_fpsimd_exc(unsigned int esr, struct pt_regs *regs)
{
	force_sig_fault(SIGFPE, FPE_FLTINV, (void __user *)regs->pc);
}

__visible void do_sp_pc_abort(unsigned long addr, unsigned int esr,
			      struct pt_regs *regs)
{
	if (ESR_ELx_EC(esr) == ESR_ELx_EC_SP_ALIGN)
		addr = regs->sp;
	force_sig_fault(SIGBUS, BUS_ADRALN, (void __user *)addr);
}

/* brk, or a debug event nobody asked for. */
__visible void do_debug_exception(unsigned long addr, unsigned int esr,
				  struct pt_regs *regs)
{
	force_sig_fault(SIGTRAP, TRAP_BRKPT, (void __user *)regs->pc);
}

__visible long do_ni_syscall(struct pt_regs *regs)
{
	return -ENOSYS;
}
