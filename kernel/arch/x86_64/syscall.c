// SPDX-License-Identifier: MIT
/*
 * x86_64 only: elsewhere what is between the entry of a system call and its
 * function is assembly. So is the way back to user mode, which has three users
 * here: system calls, interrupts and exceptions, and new tasks.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/errno.h>
#include <asm/ptrace.h>
#include <asm/traps.h>
#include <asm/unistd.h>

typedef long (*sys_call_ptr_t)(const struct pt_regs *);

extern void *const sys_call_table[];

/* Each entry is a __x64_sys_ function: asm/syscall_wrapper.h. */
__visible long x64_sys_call(const struct pt_regs *regs, unsigned int nr)
{
	sys_call_ptr_t call = (sys_call_ptr_t)sys_call_table[nr];

	return call(regs);
}

/* What is to be done before user mode; returns with interrupts off. */
static void exit_to_user_mode_prepare(struct pt_regs *regs)
{
	unsigned long flags;

	local_irq_disable();		/* or a flag could be set unseen */
	flags = READ_ONCE(current_thread_info()->flags);
	if (flags & _TIF_WORK_MASK)
		do_notify_resume(regs, flags);
}

__visible void syscall_exit_to_user_mode(struct pt_regs *regs)
{
	exit_to_user_mode_prepare(regs);
}

__visible void irqentry_exit_to_user_mode(struct pt_regs *regs)
{
	exit_to_user_mode_prepare(regs);
}

/*
 * sysret goes to rcx with the flags of r11, in the usual segments. It checks
 * an address that is none in the kernel's mode, on the user's stack; and it does
 * not do well by TF and RF.
 */
static bool sysret_will_do(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       regs->cs == __USER_CS && regs->ss == __USER_DS &&
	       regs->ip < TASK_SIZE &&
	       !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
}

/* Called by entry_SYSCALL_64. True: the way back can be sysret, else it is iretq. */
__visible bool do_syscall_64(struct pt_regs *regs, int nr)
{
	local_irq_enable();
	if ((unsigned int)nr < __NR_syscalls)
		regs->ax = x64_sys_call(regs, nr);
	syscall_exit_to_user_mode(regs);
	return sysret_will_do(regs);
}
