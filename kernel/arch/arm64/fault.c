// SPDX-License-Identifier: MIT
/* Page faults: which are the kernel's own business, and what the rest get. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/esr.h>
#include <asm/traps.h>

struct exception_table_entry {
	unsigned long insn;
	unsigned long fixup;
};

extern const struct exception_table_entry __start___ex_table[];
extern const struct exception_table_entry __stop___ex_table[];

int fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e;

	for (e = __start___ex_table; e < __stop___ex_table; e++) {
		if (e->insn == regs->pc) {
			regs->pc = e->fixup;
			return 1;
		}
	}
	return 0;
}

static void __do_kernel_fault(unsigned long addr, unsigned int esr,
			      struct pt_regs *regs)
{
	if (fixup_exception(regs))
		return;
	printk("Unable to handle kernel %s at virtual address %016lx, esr %08x\n",
	       addr < PAGE_SIZE ? "NULL pointer dereference" : "paging request",
	       addr, esr);
	show_regs(regs);
	panic("Oops");
}

static bool is_el0_instruction_abort(unsigned int esr)
{
	return ESR_ELx_EC(esr) == ESR_ELx_EC_IABT_LOW;
}

/* Translation, access flag and permission faults at a user address. */
__visible void do_page_fault(unsigned long addr, unsigned int esr,
			     struct pt_regs *regs)
{
	struct task_struct *tsk = current;
	struct mm_struct *mm = tsk->mm;
	struct vm_area_struct *vma;
	unsigned long vm_flags = VM_READ | VM_WRITE | VM_EXEC;
	unsigned int mm_flags = 0;
	int fault, code = SEGV_MAPERR;

	if (!mm)
		goto no_context;

	if (user_mode(regs))
		mm_flags |= FAULT_FLAG_USER;
	if (is_el0_instruction_abort(esr)) {
		vm_flags = VM_EXEC;
		mm_flags |= FAULT_FLAG_INSTRUCTION;
	} else if ((esr & ESR_ELx_WNR) && !(esr & ESR_ELx_CM)) {
		vm_flags = VM_WRITE;
		mm_flags |= FAULT_FLAG_WRITE;
	}

	vma = find_vma(mm, addr);
	if (!vma)
		goto bad_area;
	if (vma->vm_start > addr) {
		if (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, addr))
			goto bad_area;
	}
	if (!(vma->vm_flags & vm_flags)) {
		code = SEGV_ACCERR;
		goto bad_area;
	}

	fault = handle_mm_fault(mm, vma, addr, mm_flags);
	if (likely(!fault))
		return;
	if (!user_mode(regs))
		goto no_context;
	if (fault & VM_FAULT_OOM) {
		pagefault_out_of_memory();
		return;
	}
	force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)addr);
	return;

bad_area:
	if (user_mode(regs)) {
		tsk->thread.fault_address = addr;
		tsk->thread.fault_code = esr;
		force_sig_fault(SIGSEGV, code, (void __user *)addr);
		return;
	}
no_context:
	__do_kernel_fault(addr, esr, regs);
}

/* Any synchronous abort of an instruction fetch or a data access. */
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
		__do_kernel_fault(addr, esr, regs);
		return;
	}
	if ((esr & ESR_ELx_FSC) == ESR_ELx_FSC_ALIGN)
		force_sig_fault(SIGBUS, BUS_ADRALN, (void __user *)addr);
	else if (addr >= TASK_SIZE)
		force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)addr);
	else
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)addr);
}
