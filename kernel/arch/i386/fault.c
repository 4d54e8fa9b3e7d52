// SPDX-License-Identifier: MIT
/*
 * Page faults, and the table of kernel instructions that may cause one.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/traps.h>
#include <asm/uaccess.h>

/* The error code (IA-32 manual, volume 3, "Page-Fault Exception"). */
#define PF_ERR_PRESENT	0x01		/* a right was missing, not the page */
#define PF_ERR_WRITE	0x02
#define PF_ERR_USER	0x04

extern const struct exception_table_entry __start___ex_table[];
extern const struct exception_table_entry __stop___ex_table[];

int fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e;

	for (e = __start___ex_table; e < __stop___ex_table; e++) {
		if (e->insn == (unsigned long)regs->eip) {
			regs->eip = e->fixup;
			return 1;
		}
	}
	return 0;
}

/* The kernel's own fault: a user address that can't be reached, or a bug. */
static void no_context(struct pt_regs *regs, unsigned long error_code,
		       unsigned long address)
{
	if (fixup_exception(regs))
		return;
	printk("Unable to handle kernel %s at virtual address %08lx\n",
	       address < PAGE_SIZE ? "NULL pointer dereference" :
	       "paging request", address);
	die("Oops", regs, error_code);
}

static void bad_area(struct pt_regs *regs, unsigned long error_code,
		     unsigned long address, int si_code)
{
	struct thread_struct *t = &current->thread;

	if (!user_mode(regs)) {
		no_context(regs, error_code, address);
		return;
	}
	t->cr2 = address;
	/* A kernel address looks protected to a user, never just unmapped. */
	t->error_code = error_code | (address >= TASK_SIZE);
	t->trap_no = TRAP_PAGE_FAULT;
	force_sig_fault(SIGSEGV, si_code, (void __user *)address);
}

__visible asmlinkage void do_page_fault(struct pt_regs *regs,
					unsigned long error_code)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long address;
	unsigned int flags = 0;
	int fault;

	/* Before interrupts: a fault in a handler would overwrite it. */
	__asm__ __volatile__("movl %%cr2, %0" : "=r" (address));
	if (regs->eflags & X86_EFLAGS_IF)
		local_irq_enable();

	if (address >= TASK_SIZE) {
		bad_area(regs, error_code, address, SEGV_MAPERR);
		return;
	}
	if (!mm || current_thread_info()->preempt_count > 0) {
		no_context(regs, error_code, address);
		return;
	}

	vma = find_vma(mm, address);
	if (!vma) {
		bad_area(regs, error_code, address, SEGV_MAPERR);
		return;
	}
	if (vma->vm_start > address &&
	    (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, address))) {
		bad_area(regs, error_code, address, SEGV_MAPERR);
		return;
	}

	if (error_code & PF_ERR_WRITE) {
		flags |= FAULT_FLAG_WRITE;
		if (!(vma->vm_flags & VM_WRITE))
			goto access;
	} else if ((error_code & PF_ERR_PRESENT) ||
		   !(vma->vm_flags & (VM_READ | VM_EXEC | VM_WRITE))) {
		goto access;
	}
	if (error_code & PF_ERR_USER)
		flags |= FAULT_FLAG_USER;

	fault = handle_mm_fault(mm, vma, address, flags);
	if (likely(!(fault & VM_FAULT_ERROR)))
		return;
	if (!user_mode(regs)) {
		no_context(regs, error_code, address);
	} else if (fault & VM_FAULT_OOM) {
		pagefault_out_of_memory();
	} else if (fault & VM_FAULT_SIGBUS) {
		current->thread.cr2 = address;
		current->thread.error_code = error_code;
		current->thread.trap_no = TRAP_PAGE_FAULT;
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)address);
	} else {
		bad_area(regs, error_code, address, SEGV_MAPERR);
	}
	return;

access:
	bad_area(regs, error_code, address, SEGV_ACCERR);
}
