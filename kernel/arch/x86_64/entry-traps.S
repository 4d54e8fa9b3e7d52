/* SPDX-License-Identifier: MIT */
/*
 * Interrupts and exceptions, from user mode and from the kernel.
 * x86 only: all names in here, as the CPU's exceptions are its own.
 */
#include <asm/entry-macros.h>
#include <asm/msr.h>

	.text

/*
 * Hardware interrupts: one stub a line, which leaves ~irq in orig_ax.
 */
	.balign	8
	.globl	irq_entries_start
irq_entries_start:
	.set	irq, 0
	.rept	16
	.balign	8
	CFI_USER_FRAME HW_FRAME
	PUSH	$~irq
	jmp	common_interrupt
	.cfi_endproc
	.set	irq, irq + 1
	.endr
END(irq_entries_start)

ENTRY(common_interrupt)
	CFI_USER_FRAME (HW_FRAME + 8)
	testb	$3, 16(%rsp)			/* cs: who was interrupted? */
	jz	interrupt_kernel
	swapgs
	cld
	PUSH_AND_CLEAR_REGS
	movq	%rsp, %rdi
	call	do_IRQ
	movq	%rsp, %rdi
	call	irqentry_exit_to_user_mode
	jmp	swapgs_restore_regs_and_return_to_usermode
	.cfi_endproc
END(common_interrupt)

ENTRY(interrupt_kernel)
	CFI_KERNEL_FRAME (HW_FRAME + 8)
	cld
	PUSH_AND_CLEAR_REGS
	movq	%rsp, %rdi
	call	do_IRQ
	jmp	.Lrestore_kernel
	.cfi_endproc
END(interrupt_kernel)

/*
 * Exceptions. Each stub leaves an error code where orig_ax goes and the C
 * function where di goes; error_code sorts that out.
 */
	.macro EXCEPTION name:req handler:req has_error_code:req entry=error_code
ENTRY(\name)
	.if \has_error_code
	CFI_USER_FRAME (HW_FRAME + 8)
	.else
	CFI_USER_FRAME HW_FRAME
	PUSH	$0
	.endif
	PUSH	$\handler
	jmp	\entry
	.cfi_endproc
END(\name)
	.endm

	EXCEPTION divide_error, do_divide_error, 0
	EXCEPTION debug, do_debug, 0, error_paranoid
	EXCEPTION nmi, do_nmi, 0, error_paranoid
	EXCEPTION int3, do_int3, 0
	EXCEPTION overflow, do_overflow, 0
	EXCEPTION bounds, do_bounds, 0
	EXCEPTION invalid_op, do_invalid_op, 0
	EXCEPTION device_not_available, do_device_not_available, 0
	EXCEPTION double_fault, do_double_fault, 1, error_paranoid
	EXCEPTION coprocessor_segment_overrun, do_coprocessor_segment_overrun, 0
	EXCEPTION invalid_TSS, do_invalid_TSS, 1
	EXCEPTION segment_not_present, do_segment_not_present, 1
	EXCEPTION stack_segment, do_stack_segment, 1
	EXCEPTION general_protection, do_general_protection, 1
	EXCEPTION page_fault, do_page_fault, 1
	EXCEPTION coprocessor_error, do_coprocessor_error, 0
	EXCEPTION alignment_check, do_alignment_check, 1
	EXCEPTION machine_check, do_machine_check, 0, error_paranoid
	EXCEPTION simd_coprocessor_error, do_simd_coprocessor_error, 0
	EXCEPTION control_protection, do_control_protection, 1
	EXCEPTION spurious_interrupt, do_spurious_interrupt, 0

/* The handler from where di goes to rdi, and the rest of pt_regs. */
	.macro SAVE_HANDLER
	cld
	xchgq	%rdi, (%rsp)
	PUSH_AND_CLEAR_REGS save_di=0
	.endm

/*
 * With all of pt_regs pushed and the handler in rdi: puts orig_ax right and calls
 * it as void handler(struct pt_regs *regs, long error_code).
 */
	.macro CALL_HANDLER
	movq	%rdi, %rax
	movq	PT_ORIG_AX(%rsp), %rsi		/* the error code */
	movq	$-1, PT_ORIG_AX(%rsp)		/* no system call to restart */
	movq	%rsp, %rdi
	call	*%rax
	.endm

ENTRY(error_code)
	CFI_USER_FRAME (HW_FRAME + 16)
	testb	$3, 24(%rsp)			/* cs: whose fault? */
	jz	error_kernel
	swapgs
.Lerror_user:
	SAVE_HANDLER
.Lcall_for_user:
	CALL_HANDLER
	movq	%rsp, %rdi
	call	irqentry_exit_to_user_mode
	jmp	swapgs_restore_regs_and_return_to_usermode
	.cfi_endproc
END(error_code)

ENTRY(error_kernel)
	CFI_KERNEL_FRAME (HW_FRAME + 16)
	cmpq	$irq_return, 16(%rsp)		/* ip: the one place with the user's GS */
	je	bad_iret
	SAVE_HANDLER
	CALL_HANDLER
	/* An interrupted kernel is not preempted. */
.Lrestore_kernel:
	POP_REGS
	addq	$8, %rsp			/* orig_ax */
	.cfi_adjust_cfa_offset -8
	iretq
	.cfi_endproc
END(error_kernel)

/*
 * x86_64 only: what comes whatever the flags say, on stacks of their own
 * (IST_*). In the kernel GS may still, or again, be the user's, and a user may
 * have given it any value: it is put aside.
 */
ENTRY(error_paranoid)
	CFI_KERNEL_FRAME (HW_FRAME + 16)
	testb	$3, 24(%rsp)			/* cs */
	jnz	.Lparanoid_user
	.cfi_remember_state
	SAVE_HANDLER
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %rbx			/* a C function keeps it */
	movq	$pcpu_hot, %rax
	movq	%rax, %rdx
	shrq	$32, %rdx
	wrmsr
	CALL_HANDLER
	movl	$MSR_GS_BASE, %ecx
	movl	%ebx, %eax
	movq	%rbx, %rdx
	shrq	$32, %rdx
	wrmsr
	jmp	.Lrestore_kernel
	.cfi_restore_state

/* From user mode it is an exception like others: on to the task's stack. */
.Lparanoid_user:
	.cfi_undefined rip
	swapgs
	SAVE_HANDLER
	movq	%rdi, %rax
	movq	%rsp, %rsi
	movq	%gs:PCPU_TOP_OF_STACK, %rdi
	subq	$PT_REGS_SIZE, %rdi
	movq	%rdi, %rdx
	movl	$(PT_REGS_SIZE / 8), %ecx
	rep movsq
	movq	%rdx, %rsp
	movq	%rax, %rdi
	jmp	.Lcall_for_user
	.cfi_endproc
END(error_paranoid)

/*
 * x86_64 only: i386 has no stack pointer in the frame of an exception in the
 * kernel, and does with a fixup (iret_exc).
 *
 * iretq to user mode faulted, which changed nothing but GS. This is as if the
 * first user instruction had: handler and error code go to below the frame
 * that iretq refused, at the saved rsp. (They are in the exception's own frame
 * there; its ip, cs, flags and ss are of no use any more.)
 */
ENTRY(bad_iret)
	CFI_USER_FRAME (HW_FRAME + 16)
	swapgs
	PUSH	%rax
	PUSH	%rcx
	movq	56(%rsp), %rax			/* sp */
	movq	24(%rsp), %rcx			/* error code */
	movq	%rcx, -8(%rax)
	movq	16(%rsp), %rcx			/* handler */
	movq	%rcx, -16(%rax)
	movq	8(%rsp), %rcx			/* the user's rax */
	movq	%rcx, -24(%rax)
	movq	(%rsp), %rcx
	leaq	-24(%rax), %rsp
	.cfi_def_cfa rsp, HW_FRAME + 24
	POP	%rax
	jmp	.Lerror_user
	.cfi_endproc
END(bad_iret)
