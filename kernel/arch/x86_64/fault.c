// SPDX-License-Identifier: MIT
/*
 * Page faults, and the table of kernel instructions that may cause one.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/pkeys.h>
#include <asm/traps.h>

/* The error code (Intel manual, volume 3, "Page-Fault Exception"). */
#define PF_ERR_WRITE	0x02
#define PF_ERR_USER	0x04
#define PF_ERR_INSTR	0x10
#define PF_ERR_PK	0x20		/* a protection key forbids it */
#define PF_ERR_SHSTK	0x40		/* an access of the shadow stack's */

/* The kernel's own: a user address it can't reach, or a bug. */
void do_kernel_fault(struct pt_regs *regs, unsigned long address,
		     unsigned long error_code)
{
	if (fixup_exception(regs))
		return;
	printk("Unable to handle kernel %s at virtual address %016lx\n",
	       address < PAGE_SIZE ? "NULL pointer dereference" :
	       "paging request", address);
	die("Oops", regs, error_code);
}

/* What a signal frame tells of the fault. */
void set_fault_info(unsigned long address, unsigned long error_code)
{
	struct thread_struct *t = &current->thread;

	t->cr2 = address;
	/* A kernel address looks protected to a user, never just unmapped. */
	t->error_code = error_code | (address >= TASK_SIZE);
	t->trap_nr = TRAP_PAGE_FAULT;
}

/* What mm/fault.c does not know of: keys, and shadow stacks. 0 or a SEGV_* code. */
static int access_error(unsigned long address, unsigned long error_code)
{
	struct vm_area_struct *vma = find_vma(current->mm, address);
	bool shstk = vma && vma->vm_start <= address &&
		     vma->vm_flags & VM_SHADOW_STACK;

	/* The page is there; its key says no. */
	if (error_code & PF_ERR_PK)
		return SEGV_PKUERR;
	/* Only call, ret and their like write to a shadow stack, and nowhere else. */
	if (error_code & PF_ERR_SHSTK)
		return shstk ? 0 : SEGV_ACCERR;
	return shstk && error_code & PF_ERR_WRITE ? SEGV_ACCERR : 0;
}

static void bad_access(struct pt_regs *regs, unsigned long address,
		       unsigned long error_code, int si_code)
{
	struct vm_area_struct *vma;
	siginfo_t info;

	if (!user_mode(regs)) {
		do_kernel_fault(regs, address, error_code);
		return;
	}
	set_fault_info(address, error_code);
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGSEGV;
	info.si_code = si_code;
	info.si_addr = (void __user *)address;
	if (si_code == SEGV_PKUERR) {
		vma = find_vma(current->mm, address);
		info.si_pkey = vma ? vma_pkey(vma) : 0;
	}
	force_sig_info(SIGSEGV, &info);
}

__visible asmlinkage void do_page_fault(struct pt_regs *regs,
					unsigned long error_code)
{
	unsigned int flags = 0;
	unsigned long address;
	int si_code = 0;

	/* Before interrupts: a fault in a handler would overwrite it. */
	__asm__ __volatile__("movq %%cr2, %0" : "=r" (address));
	if (regs->flags & X86_EFLAGS_IF)
		local_irq_enable();

	if (address >= TASK_SIZE && user_mode(regs)) {
		set_fault_info(address, error_code);
		force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)address);
		return;
	}
	if (address >= TASK_SIZE || current_thread_info()->preempt_count > 0) {
		do_kernel_fault(regs, address, error_code);
		return;
	}
	if (current->mm)
		si_code = access_error(address, error_code);
	if (si_code) {
		bad_access(regs, address, error_code, si_code);
		return;
	}
	/* A shadow stack is read to be written. */
	if (error_code & (PF_ERR_WRITE | PF_ERR_SHSTK))
		flags |= FAULT_FLAG_WRITE;
	if (error_code & PF_ERR_INSTR)
		flags |= FAULT_FLAG_INSTRUCTION;
	if (error_code & PF_ERR_USER)
		flags |= FAULT_FLAG_USER;
	do_user_addr_fault(regs, address, error_code, flags);
}
