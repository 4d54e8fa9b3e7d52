// SPDX-License-Identifier: MIT
/* Aborts: which are page faults, and which the kernel's own business. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/traps.h>

/* The kernel's own: a user address it can't reach, or a bug. */
void do_kernel_fault(struct pt_regs *regs, unsigned long addr, unsigned long esr)
{
	if (fixup_exception(regs))
		return;
	printk("Unable to handle kernel %s at virtual address %016lx\n",
	       addr < PAGE_SIZE ? "NULL pointer dereference" : "paging request",
	       addr);
	die("Oops", regs, esr);
}

/* What a signal frame tells of the fault. */
void set_fault_info(unsigned long addr, unsigned long esr)
{
	current->thread.fault_address = addr;
	current->thread.fault_code = esr;
}

/* Translation, access flag and permission faults at a user address. */
__visible void do_page_fault(unsigned long addr, unsigned int esr,
			     struct pt_regs *regs)
{
	unsigned int flags = user_mode(regs) ? FAULT_FLAG_USER : 0;

	if (ESR_ELx_EC(esr) == ESR_ELx_EC_IABT_LOW)
		flags |= FAULT_FLAG_INSTRUCTION;
	else if ((esr & ESR_ELx_WNR) && !(esr & ESR_ELx_CM))
		flags |= FAULT_FLAG_WRITE;
	do_user_addr_fault(regs, addr, esr, flags);
}

/*
 * arm64 only: i386 has an exception for page faults alone.
 * Any synchronous abort of an instruction fetch or a data access.
 */
__visible void do_mem_abort(unsigned long addr, unsigned int esr,
			    struct pt_regs *regs)
{
	switch (esr & ESR_ELx_FSC_TYPE) {
	case ESR_ELx_FSC_FAULT:
	case ESR_ELx_FSC_ACCESS:
	case ESR_ELx_FSC_PERM:
		if (addr < TASK_SIZE) {
			do_page_fault(addr, esr, regs);
			return;
		}
		break;
	}
	if (!user_mode(regs)) {
		do_kernel_fault(regs, addr, esr);
		return;
	}
	if ((esr & ESR_ELx_FSC) == ESR_ELx_FSC_ALIGN)
		force_sig_fault(SIGBUS, BUS_ADRALN, (void __user *)addr);
	else if (addr >= TASK_SIZE)
		force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)addr);
	else
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)addr);
}
