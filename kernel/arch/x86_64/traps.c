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
#include <asm/msr.h>
#include <asm/pkeys.h>
#include <asm/processor.h>
#include <asm/shstk.h>
#include <asm/sigcontext.h>
#include <asm/traps.h>

#define GATE_INTERRUPT	0x8e00		/* present, ring 0, clears IF */
#define GATE_USER	0x6000		/* int n from ring 3 is allowed */
#define GATE_IST(n)	(n)		/* on a stack of its own */

#define DR6_BS		0x4000		/* a single step */

struct gate_struct {
	u32 a, b, offset_high, reserved;
};

static struct gate_struct idt_table[256] __aligned(16);

static void set_gate(unsigned int vector, unsigned int type, const void *entry)
{
	unsigned long addr = (unsigned long)entry;

	idt_table[vector].a = (__KERNEL_CS << 16) | (addr & 0xffff);
	idt_table[vector].b = (addr & 0xffff0000) | type;
	idt_table[vector].offset_high = addr >> 32;
}

/* entry.S */
extern const char divide_error[], debug[], nmi[], int3[], overflow[], bounds[],
	invalid_op[], device_not_available[], double_fault[],
	coprocessor_segment_overrun[], invalid_TSS[], segment_not_present[],
	stack_segment[], general_protection[], page_fault[],
	coprocessor_error[], alignment_check[], machine_check[],
	simd_coprocessor_error[], control_protection[], spurious_interrupt[],
	entry_SYSCALL_64[], ignore_sysret[];
extern const char irq_entries_start[];
#define IRQ_ENTRY_SIZE	8		/* of one stub */

/*
 * x86_64 only: GS and the syscall instruction. Its flags that are cleared are those
 * that would disturb the kernel; interrupts are off until there is a stack.
 */
void cpu_init(void)
{
	wrmsrq(MSR_GS_BASE, (unsigned long)&pcpu_hot);
	wrmsrq(MSR_KERNEL_GS_BASE, 0);
	wrmsrq(MSR_STAR, (u64)__USER32_CS << 48 | (u64)__KERNEL_CS << 32);
	wrmsrq(MSR_LSTAR, (unsigned long)entry_SYSCALL_64);
	wrmsrq(MSR_CSTAR, (unsigned long)ignore_sysret);
	wrmsrq(MSR_SYSCALL_MASK, X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF |
	       X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF |
	       X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT |
	       X86_EFLAGS_RF | X86_EFLAGS_AC);
	if (cpu_has(X86_FEATURE_FSGSBASE))
		cr4_set_bits(X86_CR4_FSGSBASE);
	if (cpu_has(X86_FEATURE_SMEP))
		cr4_set_bits(X86_CR4_SMEP);
	if (cpu_has(X86_FEATURE_PKU)) {
		cr4_set_bits(X86_CR4_PKE);
		write_pkru(pkru_get_init_value());
	}
}

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
	set_gate(TRAP_DEBUG, GATE_INTERRUPT | GATE_IST(IST_DB), debug);
	set_gate(TRAP_NMI, GATE_INTERRUPT | GATE_IST(IST_NMI), nmi);
	set_gate(TRAP_INT3, GATE_INTERRUPT | GATE_USER, int3);
	set_gate(TRAP_OVERFLOW, GATE_INTERRUPT | GATE_USER, overflow);
	set_gate(TRAP_BOUNDS, GATE_INTERRUPT, bounds);
	set_gate(TRAP_INVALID_OP, GATE_INTERRUPT, invalid_op);
	set_gate(TRAP_NO_DEVICE, GATE_INTERRUPT, device_not_available);
	set_gate(TRAP_DOUBLE_FAULT, GATE_INTERRUPT | GATE_IST(IST_DF), double_fault);
	set_gate(TRAP_COPROC_SEG, GATE_INTERRUPT, coprocessor_segment_overrun);
	set_gate(TRAP_INVALID_TSS, GATE_INTERRUPT, invalid_TSS);
	set_gate(TRAP_NOT_PRESENT, GATE_INTERRUPT, segment_not_present);
	set_gate(TRAP_STACK_SEGMENT, GATE_INTERRUPT, stack_segment);
	set_gate(TRAP_GENERAL_PROTECTION, GATE_INTERRUPT, general_protection);
	set_gate(TRAP_PAGE_FAULT, GATE_INTERRUPT, page_fault);
	set_gate(TRAP_COPROC_ERROR, GATE_INTERRUPT, coprocessor_error);
	set_gate(TRAP_ALIGNMENT, GATE_INTERRUPT, alignment_check);
	set_gate(TRAP_MACHINE_CHECK, GATE_INTERRUPT | GATE_IST(IST_MCE), machine_check);
	set_gate(TRAP_SIMD_ERROR, GATE_INTERRUPT, simd_coprocessor_error);
	set_gate(TRAP_CONTROL_PROTECTION, GATE_INTERRUPT, control_protection);

	for (i = 0; i < NR_PIC_IRQS; i++)
		set_gate(FIRST_EXTERNAL_VECTOR + i, GATE_INTERRUPT,
			 irq_entries_start + i * IRQ_ENTRY_SIZE);

	__asm__ __volatile__("lidt %0" : : "m" (idt_descr));
	desc_init();
	cpu_init();
	fpu_init();
	shstk_init();
}

void show_regs(struct pt_regs *regs)
{
	unsigned long cr2, cr3;

	__asm__ __volatile__("movq %%cr2, %0" : "=r" (cr2));
	__asm__ __volatile__("movq %%cr3, %0" : "=r" (cr3));
	printk("Pid: %d, comm: %s\n", current->pid, current->comm);
	printk("RIP: %04lx:%016lx  RFLAGS: %08lx\n", regs->cs & 0xffff,
	       regs->ip, regs->flags);
	printk("RSP: %04lx:%016lx\n", regs->ss & 0xffff, regs->sp);
	printk("RAX: %016lx RBX: %016lx RCX: %016lx\n", regs->ax, regs->bx, regs->cx);
	printk("RDX: %016lx RSI: %016lx RDI: %016lx\n", regs->dx, regs->si, regs->di);
	printk("RBP: %016lx R08: %016lx R09: %016lx\n", regs->bp, regs->r8, regs->r9);
	printk("R10: %016lx R11: %016lx R12: %016lx\n", regs->r10, regs->r11, regs->r12);
	printk("R13: %016lx R14: %016lx R15: %016lx\n", regs->r13, regs->r14, regs->r15);
	printk("CR2: %016lx CR3: %016lx\n", cr2, cr3);
}

void show_regs_current(void)
{
	struct pt_regs regs;

	memset(&regs, 0, sizeof(regs));
	__asm__ __volatile__("movq %%rbx, %0" : "=m" (regs.bx));
	__asm__ __volatile__("movq %%r12, %0" : "=m" (regs.r12));
	__asm__ __volatile__("movq %%r13, %0" : "=m" (regs.r13));
	__asm__ __volatile__("movq %%r14, %0" : "=m" (regs.r14));
	__asm__ __volatile__("movq %%r15, %0" : "=m" (regs.r15));
	regs.bp = *(unsigned long *)__builtin_frame_address(0);
	regs.sp = (unsigned long)__builtin_frame_address(0) + 16;
	regs.ip = (unsigned long)__builtin_return_address(0);
	regs.cs = __KERNEL_CS;
	regs.ss = __KERNEL_DS;
	regs.flags = arch_local_save_flags();
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
	t->trap_nr = trapnr;
	if (si_code)
		force_sig_fault(signr, si_code, (void __user *)addr);
	else
		force_sig(signr);
}

/* x86 only: from here on exceptions as this CPU tells them apart. */
#define DO_ERROR(name, trapnr, signr, si_code, what)			\
asmlinkage void do_##name(struct pt_regs *regs, long error_code);	\
asmlinkage void do_##name(struct pt_regs *regs, long error_code)	\
{									\
	do_trap(trapnr, signr, si_code, what, regs, error_code,		\
		regs->ip);						\
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

asmlinkage void do_control_protection(struct pt_regs *regs, long error_code);
asmlinkage void do_control_protection(struct pt_regs *regs, long error_code)
{
	/* A return address that the shadow stack does not confirm. */
	do_trap(TRAP_CONTROL_PROTECTION, SIGSEGV, SEGV_CPERR,
		"control protection fault", regs, error_code, 0);
}

asmlinkage void do_alignment_check(struct pt_regs *regs, long error_code);
asmlinkage void do_alignment_check(struct pt_regs *regs, long error_code)
{
	/* The address is not known: cr2 stays as it was. */
	do_trap(TRAP_ALIGNMENT, SIGBUS, BUS_ADRALN, "alignment check", regs,
		error_code, 0);
}

/* A stack of the IST: current is found on it as on others. */
static void ist_enter(void)
{
	current_thread_info()->task = pcpu_hot.current_task;
}

asmlinkage void do_debug(struct pt_regs *regs, long error_code);
asmlinkage void do_debug(struct pt_regs *regs, long error_code)
{
	unsigned long dr6;

	ist_enter();
	/* The CPU only ever sets its bits. */
	__asm__ __volatile__("movq %%db6, %0" : "=r" (dr6));
	__asm__ __volatile__("movq %0, %%db6" : : "r" (0UL));
	if (!user_mode(regs)) {
		/* popfq or an entry with TF set: let the kernel run on. */
		regs->flags &= ~X86_EFLAGS_TF;
		return;
	}
	/* Without a step it was the instruction int1. */
	do_trap(TRAP_DEBUG, SIGTRAP, dr6 & DR6_BS ? TRAP_TRACE : TRAP_BRKPT,
		"debug", regs, error_code, regs->ip);
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
	struct _fpstate *fx = fpu_area(&current->thread);

	fpu_save(&current->thread);
	do_trap(TRAP_COPROC_ERROR, SIGFPE, fpe_code(fx->swd & ~fx->cwd & 0x3f),
		"fpu exception", regs, error_code, regs->ip);
}

asmlinkage void do_simd_coprocessor_error(struct pt_regs *regs, long error_code);
asmlinkage void do_simd_coprocessor_error(struct pt_regs *regs, long error_code)
{
	struct _fpstate *fx = fpu_area(&current->thread);
	unsigned int mxcsr;

	fpu_save(&current->thread);
	mxcsr = fx->mxcsr;
	do_trap(TRAP_SIMD_ERROR, SIGFPE, fpe_code(mxcsr & ~(mxcsr >> 7) & 0x3f),
		"simd exception", regs, error_code, regs->ip);
}

#define DO_FATAL(name, what)						\
asmlinkage void do_##name(struct pt_regs *regs, long error_code);	\
asmlinkage void do_##name(struct pt_regs *regs, long error_code)	\
{									\
	ist_enter();							\
	die(what, regs, error_code);					\
}

DO_FATAL(nmi, "NMI")
DO_FATAL(double_fault, "double fault")
DO_FATAL(machine_check, "machine check")
DO_FATAL(spurious_interrupt, "unexpected interrupt vector")
