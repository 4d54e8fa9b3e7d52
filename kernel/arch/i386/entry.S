/* SPDX-License-Identifier: MIT */
/*
 * Every way into the kernel and back, and the switch between tasks.
 *
 * The CFI says where each frame's registers are at every instruction. Frames
 * that came from user mode end a backtrace there (the return address is
 * undefined); those that interrupted the kernel are signal frames, through
 * which a debugger goes on at the exact instruction interrupted.
 */
#include <linux/linkage.h>
#include <linux/thread_info.h>
#include <generated/asm-offsets.h>
#include <asm/ptrace.h>
#include <asm/segment.h>
#include <asm/unistd.h>

	.cfi_sections .debug_frame

/* Bytes of pt_regs that the CPU pushes on entry from user mode. */
#define HW_FRAME_USER	20

	.macro PUSH reg:req
	pushl	\reg
	.cfi_adjust_cfa_offset 4
	.endm

	.macro POP reg:req
	popl	\reg
	.cfi_adjust_cfa_offset -4
	.endm

	.macro GET_THREAD_INFO reg:req
	movl	$-THREAD_SIZE, \reg
	andl	%esp, \reg
	.endm

/* The rest of pt_regs below orig_eax and es. */
	.macro SAVE_REST
	PUSH	%ds
	PUSH	%eax
	PUSH	%ebp
	PUSH	%edi
	PUSH	%esi
	PUSH	%edx
	PUSH	%ecx
	PUSH	%ebx
	.endm

	.macro SET_KERNEL_SEGMENTS
	movl	$__KERNEL_DS, %edx
	movl	%edx, %ds
	movl	%edx, %es
	.endm

/* All of pt_regs below orig_eax, which has been pushed. Destroys edx. */
	.macro SAVE_ALL
	cld
	PUSH	%es
	SAVE_REST
	SET_KERNEL_SEGMENTS
	.endm

/*
 * Everything back but what iret pops. The selectors may have become
 * invalid since they were saved: they are then loaded as null.
 */
	.macro RESTORE_ALL
	POP	%ebx
	POP	%ecx
	POP	%edx
	POP	%esi
	POP	%edi
	POP	%ebp
	POP	%eax
1:	POP	%ds
2:	POP	%es
	addl	$4, %esp			/* orig_eax */
	.cfi_adjust_cfa_offset -4
	.pushsection .text.fixup, "ax"
3:	movl	$0, (%esp)
	jmp	1b
4:	movl	$0, (%esp)
	jmp	2b
	.popsection
	.pushsection __ex_table, "a"
	.long	1b, 3b
	.long	2b, 4b
	.popsection
	.endm

/* A frame whose caller is user mode: the backtrace ends in it. */
	.macro CFI_USER_FRAME offset:req
	.cfi_startproc simple
	.cfi_def_cfa esp, \offset
	.cfi_undefined eip
	.endm

/*
 * A frame whose caller is the kernel, at the end of SAVE_ALL's pushes: the CPU
 * pushed eip, cs and eflags only, and esp was just above them.
 */
	.macro CFI_KERNEL_FRAME offset:req
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa esp, \offset
	.cfi_offset eip, -12
	.endm

	.macro CFI_SAVED_REGISTERS
	.cfi_rel_offset ebx, PT_EBX
	.cfi_rel_offset ecx, PT_ECX
	.cfi_rel_offset edx, PT_EDX
	.cfi_rel_offset esi, PT_ESI
	.cfi_rel_offset edi, PT_EDI
	.cfi_rel_offset ebp, PT_EBP
	.cfi_rel_offset eax, PT_EAX
	.endm

	.text

/*
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
	/* Where a new task comes from, for a debugger that stops in __switch_to. */
	CFI_USER_FRAME PT_REGS_SIZE
	nop
	.cfi_endproc
END(cpu_switch_to)

/*
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

/*
 * Hardware interrupts: one stub a line, which leaves ~irq in orig_eax.
 */
	.balign	8
	.globl	irq_entries_start
irq_entries_start:
	.set	irq, 0
	.rept	16
	.balign	8
	CFI_USER_FRAME HW_FRAME_USER
	PUSH	$~irq
	jmp	common_interrupt
	.cfi_endproc
	.set	irq, irq + 1
	.endr
END(irq_entries_start)

ENTRY(common_interrupt)
	CFI_USER_FRAME (HW_FRAME_USER + 4)
	testb	$3, 8(%esp)			/* cs: who was interrupted? */
	jz	interrupt_kernel
	SAVE_ALL
	movl	%esp, %eax
	PUSH	%eax
	call	do_IRQ
	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
	jmp	resume_userspace
	.cfi_endproc
END(common_interrupt)

ENTRY(interrupt_kernel)
	CFI_KERNEL_FRAME 16
	SAVE_ALL
	CFI_SAVED_REGISTERS
	movl	%esp, %eax
	PUSH	%eax
	call	do_IRQ
	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
	jmp	.Lrestore_kernel
	.cfi_endproc
END(interrupt_kernel)

/*
 * Exceptions. Each stub leaves an error code where orig_eax goes and the C
 * function where es goes; error_code sorts that out.
 */
	.macro EXCEPTION name:req handler:req has_error_code:req
ENTRY(\name)
	.if \has_error_code
	CFI_USER_FRAME (HW_FRAME_USER + 4)
	.else
	CFI_USER_FRAME HW_FRAME_USER
	PUSH	$0
	.endif
	PUSH	$\handler
	jmp	error_code
	.cfi_endproc
END(\name)
	.endm

	EXCEPTION divide_error, do_divide_error, 0
	EXCEPTION debug, do_debug, 0
	EXCEPTION nmi, do_nmi, 0
	EXCEPTION int3, do_int3, 0
	EXCEPTION overflow, do_overflow, 0
	EXCEPTION bounds, do_bounds, 0
	EXCEPTION invalid_op, do_invalid_op, 0
	EXCEPTION device_not_available, do_device_not_available, 0
	EXCEPTION double_fault, do_double_fault, 1
	EXCEPTION coprocessor_segment_overrun, do_coprocessor_segment_overrun, 0
	EXCEPTION invalid_TSS, do_invalid_TSS, 1
	EXCEPTION segment_not_present, do_segment_not_present, 1
	EXCEPTION stack_segment, do_stack_segment, 1
	EXCEPTION general_protection, do_general_protection, 1
	EXCEPTION page_fault, do_page_fault, 1
	EXCEPTION coprocessor_error, do_coprocessor_error, 0
	EXCEPTION alignment_check, do_alignment_check, 1
	EXCEPTION machine_check, do_machine_check, 0
	EXCEPTION simd_coprocessor_error, do_simd_coprocessor_error, 0
	EXCEPTION spurious_interrupt, do_spurious_interrupt, 0

/*
 * With the rest of pt_regs pushed: puts es and orig_eax right and calls the
 * handler as void handler(struct pt_regs *regs, long error_code).
 */
	.macro CALL_HANDLER
	cld
	movl	PT_ES(%esp), %edi		/* the handler */
	movl	PT_ORIG_EAX(%esp), %ecx		/* the error code */
	movl	%es, %eax
	movl	%eax, PT_ES(%esp)
	movl	$-1, PT_ORIG_EAX(%esp)		/* no system call to restart */
	SET_KERNEL_SEGMENTS
	movl	%esp, %eax
	PUSH	%ecx
	PUSH	%eax
	call	*%edi
	addl	$8, %esp
	.cfi_adjust_cfa_offset -8
	.endm

ENTRY(error_code)
	CFI_USER_FRAME (HW_FRAME_USER + 8)
	testb	$3, 12(%esp)			/* cs: whose fault? */
	jz	error_kernel
	SAVE_REST
	CALL_HANDLER
	jmp	resume_userspace
	.cfi_endproc
END(error_code)

ENTRY(error_kernel)
	CFI_KERNEL_FRAME 20
	SAVE_REST
	CFI_SAVED_REGISTERS
	CALL_HANDLER
	/* An interrupted kernel is not preempted. */
.Lrestore_kernel:
	RESTORE_ALL
	.cfi_restore ebx
	.cfi_restore ecx
	.cfi_restore edx
	.cfi_restore esi
	.cfi_restore edi
	.cfi_restore ebp
	.cfi_restore eax
	iret
	.cfi_endproc
END(error_kernel)

/*
 * iret to user mode faulted: its frame is what it was, so this is as if the
 * first user instruction had faulted.
 */
ENTRY(iret_exc)
	CFI_USER_FRAME HW_FRAME_USER
	PUSH	$0
	PUSH	$do_iret_error
	jmp	error_code
	.cfi_endproc
END(iret_exc)
