/* SPDX-License-Identifier: MIT */
/*
 * Interrupts and exceptions, from user mode and from the kernel.
 * i386 only: all names in here, as the CPU's exceptions are its own.
 */
#include <asm/entry-macros.h>

	.text

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
 * i386 only: on x86_64 the exception's frame tells where iret's is.
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
