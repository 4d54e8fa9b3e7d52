// SPDX-License-Identifier: MIT
/*
 * What a fault at a user address comes to, on every machine. The architecture
 * has decoded it into FAULT_FLAG_*; code is its own word for it, which goes
 * to a signal handler as it is.
 */
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/sched.h>

extern const struct exception_table_entry __start___ex_table[];
extern const struct exception_table_entry __stop___ex_table[];

int fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e;

	for (e = __start___ex_table; e < __stop___ex_table; e++) {
		if (e->insn == instruction_pointer(regs)) {
			instruction_pointer_set(regs, e->fixup);
			return 1;
		}
	}
	return 0;
}

/* A SEGV_* code if the address or the access is wrong, else 0. */
static int check_access(struct mm_struct *mm, unsigned long address,
			unsigned int flags, struct vm_area_struct **vmap)
{
	unsigned long wanted = VM_READ | VM_WRITE | VM_EXEC;
	struct vm_area_struct *vma = *vmap = find_vma(mm, address);

	if (!vma || (vma->vm_start > address && expand_stack(vma, address)))
		return SEGV_MAPERR;
	if (flags & FAULT_FLAG_WRITE)
		wanted = VM_WRITE;
	else if (flags & FAULT_FLAG_INSTRUCTION)
		wanted = VM_EXEC;
	return vma->vm_flags & wanted ? 0 : SEGV_ACCERR;
}

/* Makes the page usable, or a signal, or the exception table's business. */
__visible void do_user_addr_fault(struct pt_regs *regs, unsigned long address,
				  unsigned long code, unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int fault = 0, si_code;

	if (!mm) {
		do_kernel_fault(regs, address, code);
		return;
	}
	si_code = check_access(mm, address, flags, &vma);
	if (!si_code)
		fault = handle_mm_fault(mm, vma, address, flags);
	if (likely(!si_code && !fault))
		return;
	if (!user_mode(regs)) {
		do_kernel_fault(regs, address, code);
		return;
	}
	if (fault & VM_FAULT_OOM) {
		pagefault_out_of_memory();
		return;
	}
	set_fault_info(address, code);
	if (si_code)
		force_sig_fault(SIGSEGV, si_code, (void __user *)address);
	else
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)address);
}
