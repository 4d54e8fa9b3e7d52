/* SPDX-License-Identifier: MIT */
/*
 * System calls, the way back to user mode, and the switch between tasks.
 *
 * The CFI says where each frame's registers are at every instruction. Frames
 * that came from user mode end a backtrace there (the return address is
 * undefined); those that interrupted the kernel are signal frames, through
 * which a debugger goes on at the exact instruction interrupted.
 */
#include <asm/entry-macros.h>
#include <asm/unistd.h>

	.text

/*
 * i386 only: the way in and out has other names on arm64, from el0_svc on.
 *
 * system_call: int $0x80. eax = number; ebx, ecx, edx, esi, edi, ebp = arguments.
 * A trap gate: interrupts stay as they were, that is on.
 */
ENTRY(system_call)
	CFI_USER_FRAME HW_FRAME_USER
	PUSH	%eax				/* orig_eax */
	SAVE_ALL
	cmpl	$__NR_syscalls, %eax
	jb	.Lsyscall_call
	movl	$__NR_syscalls, %eax		/* the last entry: sys_ni_syscall */
.Lsyscall_call:
	/* C may use its argument slots as scratch: give it copies. */
	PUSH	PT_EBP(%esp)
	PUSH	(PT_EDI + 4)(%esp)
	PUSH	(PT_ESI + 8)(%esp)
	PUSH	(PT_EDX + 12)(%esp)
	PUSH	(PT_ECX + 16)(%esp)
	PUSH	(PT_EBX + 20)(%esp)
	call	*sys_call_table(, %eax, 4)
	addl	$24, %esp
	.cfi_adjust_cfa_offset -24
	movl	%eax, PT_EAX(%esp)

/*
 * The way back to user mode, with pt_regs at esp. (Names that a debugger should
 * not show in place of the function around them are local, .L.)
 */
	.globl	syscall_exit
syscall_exit:
	.globl	resume_userspace
resume_userspace:
	cli					/* or a flag could be set unseen */
	GET_THREAD_INFO %ebp
	movl	TI_FLAGS(%ebp), %ecx
	testl	$_TIF_WORK_MASK, %ecx
	jnz	work_pending
	.globl	restore_all
restore_all:
	.cfi_remember_state
	RESTORE_ALL
	.globl	irq_return
irq_return:
	iret
	.pushsection __ex_table, "a"
	.long	irq_return, iret_exc
	.popsection
	.cfi_restore_state

/* i386 and arm64 only: x86_64 looks for work in C. */
	.globl	work_pending
work_pending:
	movl	%esp, %eax
	PUSH	%ecx
	PUSH	%eax
	call	do_notify_resume
	addl	$8, %esp
	.cfi_adjust_cfa_offset -8
	jmp	resume_userspace
	.cfi_endproc
END(system_call)

/*
 * struct task_struct *cpu_switch_to(struct task_struct *prev,
 *				     struct task_struct *next)
 *
 * Parks prev and goes on in next, at next->thread.eip: .Lcpu_switch_to_resume for
 * a task that was parked here, ret_from_fork for a new one. Returns, in next,
 * the task left behind. Interrupts are off.
 */
ENTRY(cpu_switch_to)
	.cfi_startproc
	movl	4(%esp), %eax			/* prev */
	movl	8(%esp), %edx			/* next */
	PUSH	%ebp
	.cfi_rel_offset ebp, 0
	PUSH	%ebx
	.cfi_rel_offset ebx, 0
	PUSH	%esi
	.cfi_rel_offset esi, 0
	PUSH	%edi
	.cfi_rel_offset edi, 0
	movl	%esp, THREAD_ESP(%eax)
	movl	$.Lcpu_switch_to_resume, THREAD_EIP(%eax)
	.cfi_remember_state
	movl	THREAD_ESP(%edx), %esp
	/*
	 * From here on this is next's stack. What lies on it, and so how it
	 * unwinds, is told by next->thread.eip: our caller is that place. The
	 * rule for eip is "saved at edx + THREAD_EIP", in two bytes of SLEB128.
	 */
	.cfi_def_cfa esp, 0
	.cfi_same_value ebp
	.cfi_same_value ebx
	.cfi_same_value esi
	.cfi_same_value edi
	.cfi_escape 0x10, 8, 3, 0x72, (THREAD_EIP & 0x7f) | 0x80, (THREAD_EIP >> 7) & 0x3f
	pushl	THREAD_EIP(%edx)
	.cfi_def_cfa esp, 4
	.cfi_offset eip, -4
	jmp	__switch_to			/* (prev in eax, next in edx) returns there */
	.cfi_restore_state
	nop					/* a debugger looks the caller up at address - 1 */
.Lcpu_switch_to_resume:
	POP	%edi
	.cfi_restore edi
	POP	%esi
	.cfi_restore esi
	POP	%ebx
	.cfi_restore ebx
	POP	%ebp
	.cfi_restore ebp
	ret
	.cfi_endproc
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
 * i386 and arm64 only: on x86_64 it is in C, under ret_from_fork_asm.
 *
 * ret_from_fork: the first instruction of every new task, with its pt_regs at
 * esp and the task left behind in eax.
 */
	.globl	ret_from_fork
	.type	ret_from_fork, %function
ret_from_fork:
	CFI_USER_FRAME PT_REGS_SIZE
	PUSH	%eax
	call	schedule_tail
	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
	jmp	syscall_exit
	.cfi_endproc
END(ret_from_fork)

/*
 * i386 only: on arm64 ret_from_fork calls a kernel thread's function itself.
 *
 * kernel_thread_helper: where the iret of a new kernel thread lands. It does
 * not change the privilege level, so no esp was popped: esp points at the
 * pt_regs' own esp, and the pt_regs below are free for exec to fill.
 * ebx = function, edx = its argument.
 */
ENTRY(kernel_thread_helper)
	CFI_USER_FRAME (PT_REGS_SIZE - PT_OLDESP)
	subl	$PT_OLDESP, %esp
	.cfi_adjust_cfa_offset PT_OLDESP
	xorl	%ebp, %ebp
	PUSH	%edx
	call	*%ebx
	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
	/* It made itself a user program: start that. */
	jmp	resume_userspace
	.cfi_endproc
END(kernel_thread_helper)
