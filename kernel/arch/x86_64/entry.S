/* SPDX-License-Identifier: MIT */
/*
 * System calls, the way back to user mode, and the switch between tasks.
 *
 * The CFI says where each frame's registers are at every instruction. Frames
 * that came from user mode end a backtrace there (the return address is
 * undefined); those that interrupted the kernel are signal frames, through
 * which a debugger goes on at the exact instruction interrupted.
 *
 * GS is the kernel's (pcpu_hot) between a swapgs on the way in from user mode and
 * one on the way out; in the few instructions before and after, interrupts are
 * off, and what can come nevertheless (entry-traps.S, error_paranoid) looks.
 */
#include <linux/errno.h>
#include <asm/entry-macros.h>

	.text

/*
 * x86_64 only: the way in and out has other names elsewhere.
 *
 * entry_SYSCALL_64: syscall. rax = number; rdi, rsi, rdx, r10, r8, r9 =
 * arguments. The CPU has put the user's rip into rcx and rflags into r11, and
 * has switched interrupts off (MSR_SYSCALL_MASK); rsp is still the user's.
 */
ENTRY(entry_SYSCALL_64)
	CFI_USER_FRAME 0
	swapgs
	movq	%rsp, %gs:PCPU_USER_SP
	movq	%gs:PCPU_TOP_OF_STACK, %rsp
	PUSH	$__USER_DS			/* ss */
	PUSH	%gs:PCPU_USER_SP		/* sp */
	PUSH	%r11				/* flags */
	PUSH	$__USER_CS			/* cs */
	PUSH	%rcx				/* ip */
	PUSH	%rax				/* orig_ax */
	PUSH_AND_CLEAR_REGS ax=$-ENOSYS
	movq	%rsp, %rdi
	movslq	%eax, %rsi
	call	do_syscall_64
	testb	%al, %al
	jz	swapgs_restore_regs_and_return_to_usermode
	/* rcx and r11 are what sysret wants of them: do_syscall_64 has seen to it. */
	.cfi_remember_state
	POP_REGS
	movq	(PT_SP - PT_ORIG_AX)(%rsp), %rsp
	.globl	syscall_return
syscall_return:
	swapgs
	sysretq
	.cfi_restore_state

/* The way back to user mode for all else, with pt_regs at rsp and interrupts off. */
	.globl	swapgs_restore_regs_and_return_to_usermode
swapgs_restore_regs_and_return_to_usermode:
	POP_REGS
	addq	$8, %rsp			/* orig_ax */
	.cfi_adjust_cfa_offset -8
	swapgs
	.globl	irq_return
irq_return:
	iretq
	.cfi_endproc
END(entry_SYSCALL_64)

/*
 * x86_64 only: syscall from code of 32 bits, where the CPU has it there. No
 * call is one for such programs: back it goes, on no stack.
 */
ENTRY(ignore_sysret)
	CFI_USER_FRAME 0
	movl	$-ENOSYS, %eax
	sysretl
	.cfi_endproc
END(ignore_sysret)

/*
 * struct task_struct *cpu_switch_to(struct task_struct *prev,
 *				     struct task_struct *next)
 *
 * Parks prev and goes on in next, whose thread.sp is where a struct
 * inactive_task_frame lies: that of a task which was parked here, or the one
 * that copy_thread made. The frames of both look alike, so the CFI holds for
 * whichever stack is the current one. Returns, in next, the task left behind.
 * Interrupts are off.
 */
ENTRY(cpu_switch_to)
/* x86_64 only: Linux's name for it here. */
	.globl	__switch_to_asm
	.type	__switch_to_asm, %function
__switch_to_asm:
	.cfi_startproc
	PUSH	%rbp
	.cfi_rel_offset rbp, 0
	PUSH	%rbx
	.cfi_rel_offset rbx, 0
	PUSH	%r12
	.cfi_rel_offset r12, 0
	PUSH	%r13
	.cfi_rel_offset r13, 0
	PUSH	%r14
	.cfi_rel_offset r14, 0
	PUSH	%r15
	.cfi_rel_offset r15, 0
	movq	%rsp, THREAD_SP(%rdi)
	movq	THREAD_SP(%rsi), %rsp
	POP	%r15
	.cfi_restore r15
	POP	%r14
	.cfi_restore r14
	POP	%r13
	.cfi_restore r13
	POP	%r12
	.cfi_restore r12
	POP	%rbx
	.cfi_restore rbx
	POP	%rbp
	.cfi_restore rbp
	jmp	__switch_to			/* (prev, next) returns to ret_addr */
	.cfi_endproc
END(__switch_to_asm)
END(cpu_switch_to)

/*
 * Never run. Debuggers look up a return address less one: for a debugger that
 * stops in __switch_to of a new task this is the caller, not cpu_switch_to.
 */
	.globl	__ret_from_fork
	.type	__ret_from_fork, %function
__ret_from_fork:
	CFI_USER_FRAME PT_REGS_SIZE
	nop
	.cfi_endproc
END(__ret_from_fork)

/*
 * x86_64 only: the function ret_from_fork is in C.
 *
 * ret_from_fork_asm: the first instruction of every new task, with its pt_regs
 * at rsp and the task left behind in rax. What copy_thread put into the frame's
 * bx and r12 is a kernel thread's function and argument; bx is 0 for others.
 */
	.globl	ret_from_fork_asm
	.type	ret_from_fork_asm, %function
ret_from_fork_asm:
	CFI_USER_FRAME PT_REGS_SIZE
	movq	%rax, %rdi			/* prev */
	movq	%rsp, %rsi			/* regs */
	movq	%rbx, %rdx			/* fn */
	movq	%r12, %rcx			/* fn_arg */
	call	ret_from_fork
	jmp	swapgs_restore_regs_and_return_to_usermode
	.cfi_endproc
END(ret_from_fork_asm)
