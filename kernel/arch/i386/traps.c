// SPDX-License-Identifier: MIT
/*
 * The IDT, and every exception but the page fault: a signal when a user
 * program caused it, the end when the kernel did.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/desc.h>
#include <asm/hw_irq.h>
#include <asm/processor.h>
#include <asm/traps.h>

#define GATE_INTERRUPT	0x8e00		/* present, ring 0, clears IF */
#define GATE_TRAP	0x8f00		/* leaves IF */
#define GATE_USER	0x6000		/* int n from ring 3 is allowed */

#define DR6_BS		0x4000		/* a single step */

static struct desc_struct idt_table[256] __aligned(8);

static void set_gate(unsigned int vector, unsigned long type, const void *entry)
{
	unsigned long addr = (unsigned long)entry;

	idt_table[vector].a = (__KERNEL_CS << 16) | (addr & 0xffff);
	idt_table[vector].b = (addr & 0xffff0000) | type;
}

/* entry.S */
extern const char divide_error[], debug[], nmi[], int3[], overflow[], bounds[],
	invalid_op[], device_not_available[], double_fault[],
	coprocessor_segment_overrun[], invalid_TSS[], segment_not_present[],
	stack_segment[], general_protection[], page_fault[],
	coprocessor_error[], alignment_check[], machine_check[],
	simd_coprocessor_error[], spurious_interrupt[], system_call[];
extern const char irq_entries_start[];
#define IRQ_ENTRY_SIZE	8		/* of one stub */

void trap_init(void)
{
	struct {
		u16 limit;
		unsigned long base;
	} __packed idt_descr = { sizeof(idt_table) - 1, (unsigned long)idt_table };
	int i;

	for (i = 0; i < 256; i++)
		set_gate(i, GATE_INTERRUPT, spurious_interrupt);

	set_gate(TRAP_DIVIDE_ERROR, GATE_INTERRUPT, divide_error);
	set_gate(TRAP_DEBUG, GATE_INTERRUPT, debug);
	set_gate(TRAP_NMI, GATE_INTERRUPT, nmi);
	set_gate(TRAP_INT3, GATE_INTERRUPT | GATE_USER, int3);
	set_gate(TRAP_OVERFLOW, GATE_INTERRUPT | GATE_USER, overflow);
	set_gate(TRAP_BOUNDS, GATE_INTERRUPT, bounds);
	set_gate(TRAP_INVALID_OP, GATE_INTERRUPT, invalid_op);
	set_gate(TRAP_NO_DEVICE, GATE_INTERRUPT, device_not_available);
	set_gate(TRAP_DOUBLE_FAULT, GATE_INTERRUPT, double_fault);
	set_gate(TRAP_COPROC_SEG, GATE_INTERRUPT, coprocessor_segment_overrun);
	set_gate(TRAP_INVALID_TSS, GATE_INTERRUPT, invalid_TSS);
	set_gate(TRAP_NOT_PRESENT, GATE_INTERRUPT, segment_not_present);
	set_gate(TRAP_STACK_SEGMENT, GATE_INTERRUPT, stack_segment);
	set_gate(TRAP_GENERAL_PROTECTION, GATE_INTERRUPT, general_protection);
	set_gate(TRAP_PAGE_FAULT, GATE_INTERRUPT, page_fault);
	set_gate(TRAP_COPROC_ERROR, GATE_INTERRUPT, coprocessor_error);
	set_gate(TRAP_ALIGNMENT, GATE_INTERRUPT, alignment_check);
	set_gate(TRAP_MACHINE_CHECK, GATE_INTERRUPT, machine_check);
	set_gate(TRAP_SIMD_ERROR, GATE_INTERRUPT, simd_coprocessor_error);

	for (i = 0; i < NR_PIC_IRQS; i++)
		set_gate(FIRST_EXTERNAL_VECTOR + i, GATE_INTERRUPT,
			 irq_entries_start + i * IRQ_ENTRY_SIZE);

	set_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_USER, system_call);

	__asm__ __volatile__("lidt %0" : : "m" (idt_descr));
	desc_init();
	fpu_init();
}

void show_regs(struct pt_regs *regs)
{
	unsigned long esp, cr2, cr3;
	int ss;

	/* From the kernel no stack was switched, so none was saved. */
	if (user_mode(regs)) {
		esp = regs->esp;
		ss = regs->xss & 0xffff;
	} else {
		esp = (unsigned long)&regs->esp;
		ss = __KERNEL_DS;
	}
	__asm__ __volatile__("movl %%cr2, %0" : "=r" (cr2));
	__asm__ __volatile__("movl %%cr3, %0" : "=r" (cr3));
	printk("Pid: %d, comm: %s\n", current->pid, current->comm);
	printk("EIP: %04x:%08lx  EFLAGS: %08lx\n", regs->xcs & 0xffff,
	       regs->eip, regs->eflags);
	printk("EAX: %08lx EBX: %08lx ECX: %08lx EDX: %08lx\n",
	       regs->eax, regs->ebx, regs->ecx, regs->edx);
	printk("ESI: %08lx EDI: %08lx EBP: %08lx ESP: %08lx\n",
	       regs->esi, regs->edi, regs->ebp, esp);
	printk("DS: %04x ES: %04x SS: %04x  CR2: %08lx CR3: %08lx\n",
	       regs->xds & 0xffff, regs->xes & 0xffff, ss, cr2, cr3);
}

void show_regs_current(void)
{
	struct pt_regs regs;

	memset(&regs, 0, sizeof(regs));
	__asm__ __volatile__("movl %%ebx, %0" : "=m" (regs.ebx));
	__asm__ __volatile__("movl %%esi, %0" : "=m" (regs.esi));
	__asm__ __volatile__("movl %%edi, %0" : "=m" (regs.edi));
	regs.ebp = *(long *)__builtin_frame_address(0);
	regs.eip = (long)__builtin_return_address(0);
	regs.xcs = __KERNEL_CS;
	regs.xds = __KERNEL_DS;
	regs.xes = __KERNEL_DS;
	regs.eflags = arch_local_save_flags();
	show_regs(&regs);
}

void die(const char *what, struct pt_regs *regs, long error_code)
{
	static int dying;

	local_irq_disable();
	if (!dying++) {
		printk("%s: %04lx\n", what, error_code & 0xffff);
		show_regs(regs);
	}
	panic("Fatal exception%s",
	      current_thread_info()->preempt_count > 0 ? " in interrupt" : "");
}

/* A signal to the program, or a fixup, or the end. */
static void do_trap(int trapnr, int signr, int si_code, const char *what,
		    struct pt_regs *regs, long error_code, unsigned long addr)
{
	struct thread_struct *t = &current->thread;

	if (!user_mode(regs)) {
		if (!fixup_exception(regs))
			die(what, regs, error_code);
		return;
	}
	local_irq_enable();
	t->error_code = error_code;
	t->trap_no = trapnr;
	if (si_code)
		force_sig_fault(signr, si_code, (void __user *)addr);
	else
		force_sig(signr);
}

/* i386 only: from here on exceptions as this CPU tells them apart. */
#define DO_ERROR(name, trapnr, signr, si_code, what)			\
asmlinkage void do_##name(struct pt_regs *regs, long error_code);	\
asmlinkage void do_##name(struct pt_regs *regs, long error_code)	\
{									\
	do_trap(trapnr, signr, si_code, what, regs, error_code,		\
		regs->eip);						\
}

DO_ERROR(divide_error, TRAP_DIVIDE_ERROR, SIGFPE, FPE_INTDIV, "divide error")
DO_ERROR(int3, TRAP_INT3, SIGTRAP, 0, "int3")
DO_ERROR(overflow, TRAP_OVERFLOW, SIGSEGV, 0, "overflow")
DO_ERROR(bounds, TRAP_BOUNDS, SIGSEGV, 0, "bounds")
DO_ERROR(invalid_op, TRAP_INVALID_OP, SIGILL, ILL_ILLOPN, "invalid opcode")
DO_ERROR(device_not_available, TRAP_NO_DEVICE, SIGSEGV, 0, "device not available")
DO_ERROR(coprocessor_segment_overrun, TRAP_COPROC_SEG, SIGFPE, 0,
	 "coprocessor segment overrun")
DO_ERROR(invalid_TSS, TRAP_INVALID_TSS, SIGSEGV, 0, "invalid TSS")
DO_ERROR(segment_not_present, TRAP_NOT_PRESENT, SIGBUS, 0, "segment not present")
DO_ERROR(stack_segment, TRAP_STACK_SEGMENT, SIGBUS, 0, "stack segment")
DO_ERROR(general_protection, TRAP_GENERAL_PROTECTION, SIGSEGV, 0,
	 "general protection fault")

asmlinkage void do_alignment_check(struct pt_regs *regs, long error_code);
asmlinkage void do_alignment_check(struct pt_regs *regs, long error_code)
{
	/* The address is not known: cr2 stays as it was. */
	do_trap(TRAP_ALIGNMENT, SIGBUS, BUS_ADRALN, "alignment check", regs,
		error_code, 0);
}
DO_ERROR(iret_error, TRAP_IRET_ERROR, SIGSEGV, 0, "iret exception")

asmlinkage void do_debug(struct pt_regs *regs, long error_code);
asmlinkage void do_debug(struct pt_regs *regs, long error_code)
{
	unsigned long dr6;

	/* The CPU only ever sets its bits. */
	__asm__ __volatile__("movl %%db6, %0" : "=r" (dr6));
	__asm__ __volatile__("movl %0, %%db6" : : "r" (0));
	if (!user_mode(regs)) {
		/* popfl or an entry with TF set: let the kernel run on. */
		regs->eflags &= ~X86_EFLAGS_TF;
		return;
	}
	/* Without a step it was the instruction int1. */
	do_trap(TRAP_DEBUG, SIGTRAP, dr6 & DR6_BS ? TRAP_TRACE : TRAP_BRKPT,
		"debug", regs, error_code, regs->eip);
}

/* The unmasked x87 exception that is pending, as si_code. */
static int fpe_code(unsigned int pending)
{
	if (pending & 0x01)
		return FPE_FLTINV;
	if (pending & 0x04)
		return FPE_FLTDIV;
	if (pending & 0x08)
		return FPE_FLTOVF;
	if (pending & 0x12)		/* denormal, underflow */
		return FPE_FLTUND;
	if (pending & 0x20)
		return FPE_FLTRES;
	return 0;
}

asmlinkage void do_coprocessor_error(struct pt_regs *regs, long error_code);
asmlinkage void do_coprocessor_error(struct pt_regs *regs, long error_code)
{
	u8 *fx = fpu_area(&current->thread);
	unsigned int cwd, swd;

	fpu_save(&current->thread);
	cwd = *(u16 *)&fx[0];
	swd = *(u16 *)&fx[2];
	do_trap(TRAP_COPROC_ERROR, SIGFPE, fpe_code(swd & ~cwd & 0x3f),
		"fpu exception", regs, error_code, regs->eip);
}

asmlinkage void do_simd_coprocessor_error(struct pt_regs *regs, long error_code);
asmlinkage void do_simd_coprocessor_error(struct pt_regs *regs, long error_code)
{
	u8 *fx = fpu_area(&current->thread);
	unsigned int mxcsr;

	fpu_save(&current->thread);
	mxcsr = *(u32 *)&fx[24];
	do_trap(TRAP_SIMD_ERROR, SIGFPE, fpe_code(mxcsr & ~(mxcsr >> 7) & 0x3f),
		"simd exception", regs, error_code, regs->eip);
}

#define DO_FATAL(name, what)						\
asmlinkage void do_##name(struct pt_regs *regs, long error_code);	\
asmlinkage void do_##name(struct pt_regs *regs, long error_code)	\
{									\
	die(what, regs, error_code);					\
}

DO_FATAL(nmi, "NMI")
DO_FATAL(double_fault, "double fault")
DO_FATAL(machine_check, "machine check")
DO_FATAL(spurious_interrupt, "unexpected interrupt vector")
