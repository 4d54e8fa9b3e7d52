// SPDX-License-Identifier: MIT
/* Making, switching and ending tasks: what the processor has to do with it. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <asm/switch_to.h>
#include <asm/mmu_context.h>
#include <asm/psci.h>

__visible int arch_dup_task_struct(struct task_struct *dst,
				   struct task_struct *src)
{
	*dst = *src;
	return 0;
}

/*
 * The child's first kernel frame: cpu_switch_to will "return" to
 * ret_from_fork with sp at the child's pt_regs, which are the parent's but
 * for x0 = 0, the stack and the TLS pointer. For a kernel thread stack_start
 * is its function and stk_sz the argument.
 */
__visible int copy_thread(unsigned long clone_flags, unsigned long stack_start,
			  unsigned long stk_sz, struct task_struct *p,
			  unsigned long tls_arg)
{
	struct pt_regs *childregs = task_pt_regs(p);
	unsigned long tls = p->thread.tp_value;

	memset(&p->thread.cpu_context, 0, sizeof(struct cpu_context));

	if (likely(!(p->flags & PF_KTHREAD))) {
		*childregs = *current_pt_regs();
		childregs->regs[0] = 0;
		/* User mode may have changed it since the last switch. */
		__asm__ __volatile__("mrs %0, tpidr_el0" : "=r" (tls));
		if (stack_start) {
			/* 16-byte aligned stack mandatory on AArch64 */
			if (stack_start & 15)
				return -EINVAL;
			childregs->sp = stack_start;
		}
		if (clone_flags & CLONE_SETTLS)
			tls = tls_arg;
	} else {
		memset(childregs, 0, sizeof(struct pt_regs));
		childregs->pstate = PSR_MODE_EL1h;
		p->thread.cpu_context.x19 = stack_start;
		p->thread.cpu_context.x20 = stk_sz;
	}
	p->thread.cpu_context.pc = (unsigned long)ret_from_fork;
	p->thread.cpu_context.sp = (unsigned long)childregs;
	p->thread.tp_value = tls;
	fpu_clone(p);

	return 0;
}

static void tls_thread_switch(struct task_struct *prev,
			      struct task_struct *next)
{
	unsigned long tpidr;

	__asm__ __volatile__("mrs %0, tpidr_el0" : "=r" (tpidr));
	prev->thread.tp_value = tpidr;
	__asm__ __volatile__("msr tpidr_el0, %0"
			     : : "r" (next->thread.tp_value));
}

__visible struct task_struct *__switch_to(struct task_struct *prev,
					  struct task_struct *next)
{
	struct task_struct *last;

	/* Kernel threads never use the FP registers. */
	if (prev->mm)
		fpu_save(&prev->thread);
	if (next->mm)
		fpu_restore(&next->thread);
	tls_thread_switch(prev, next);

	last = cpu_switch_to(prev, next);

	return last;
}

void flush_thread(void)
{
	current->thread.tp_value = 0;
	__asm__ __volatile__("msr tpidr_el0, xzr");
	fpu_flush();
}

void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->syscallno = ~0UL;
	regs->pc = pc;
	regs->pstate = PSR_MODE_EL0t;
	regs->sp = sp;
}

void exit_thread(struct task_struct *tsk)
{
}

/*
 * wfi ends when an interrupt is pending even if PSTATE.I masks it (Arm ARM
 * D1.16.2), so none can slip in between the caller's check and the wait.
 */
__visible void arch_cpu_idle(void)
{
	__asm__ __volatile__("dsb sy\n\twfi" : : : "memory");
	local_irq_enable();
	local_irq_disable();
}

void machine_power_off(int status)
{
	psci_call(FORKSCOPE_EXIT_STATUS, status);
	psci_call(PSCI_SYSTEM_OFF, 0);
	for (;;)
		__asm__ __volatile__("wfi");
}

void machine_restart(void)
{
	psci_call(PSCI_SYSTEM_RESET, 0);
	for (;;)
		__asm__ __volatile__("wfi");
}
