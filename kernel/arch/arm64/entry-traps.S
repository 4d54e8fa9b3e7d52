/* SPDX-License-Identifier: MIT */
/*
 * Interrupts and exceptions, from user mode and from the kernel.
 * arm64 only: all names in here, as the CPU's exceptions are its own.
 */
#include <asm/entry-macros.h>
#include <asm/traps.h>

	.text

/*
 * Exception vectors, Arm ARM D1.10.2.
 */
	.macro	ventry	label
	.align	7
	b	\label
	.endm

	.align	11
ENTRY(vectors)
	.cfi_startproc
	.cfi_undefined x30
	ventry	el1_sync_invalid		// Synchronous EL1t
	ventry	el1_irq_invalid			// IRQ EL1t
	ventry	el1_fiq_invalid			// FIQ EL1t
	ventry	el1_error_invalid		// Error EL1t

	ventry	el1_sync			// Synchronous EL1h
	ventry	el1_irq				// IRQ EL1h
	ventry	el1_fiq_invalid			// FIQ EL1h
	ventry	el1_error_invalid		// Error EL1h

	ventry	el0_sync			// Synchronous 64-bit EL0
	ventry	el0_irq				// IRQ 64-bit EL0
	ventry	el0_fiq_invalid			// FIQ 64-bit EL0
	ventry	el0_error_invalid		// Error 64-bit EL0

	ventry	el0_sync_invalid		// Synchronous 32-bit EL0
	ventry	el0_irq_invalid			// IRQ 32-bit EL0
	ventry	el0_fiq_invalid			// FIQ 32-bit EL0
	ventry	el0_error_invalid		// Error 32-bit EL0
	.align	7
	.cfi_endproc
END(vectors)

/*
 * Vectors that this kernel never arms: show the registers and stop.
 */
	.macro	inv_entry, name, el, reason
ENTRY(\name)
	.cfi_startproc
	.if	\el == 1
	.cfi_signal_frame
	.else
	.cfi_undefined x30
	.endif
	.cfi_def_cfa_offset 0
	kernel_entry \el
	mov	x0, sp
	mov	x1, #\reason
	mrs	x2, esr_el1
	bl	bad_mode
	.cfi_endproc
ENDPROC(\name)
	.endm

	inv_entry el0_sync_invalid, 0, BAD_SYNC
	inv_entry el0_irq_invalid, 0, BAD_IRQ
	inv_entry el0_fiq_invalid, 0, BAD_FIQ
	inv_entry el0_error_invalid, 0, BAD_ERROR
	inv_entry el1_sync_invalid, 1, BAD_SYNC
	inv_entry el1_irq_invalid, 1, BAD_IRQ
	inv_entry el1_fiq_invalid, 1, BAD_FIQ
	inv_entry el1_error_invalid, 1, BAD_ERROR

/*
 * EL1 mode handlers.
 */
	.align	6
ENTRY(el1_sync)
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa_offset 0
	kernel_entry 1
	mrs	x1, esr_el1
	lsr	x24, x1, #ESR_ELx_EC_SHIFT	// exception class
	cmp	x24, #ESR_ELx_EC_DABT_CUR	// data abort in EL1
	b.eq	el1_da
	cmp	x24, #ESR_ELx_EC_IABT_CUR	// instruction abort in EL1
	b.eq	el1_da
	mov	x0, sp
	mov	x2, x1
	mov	x1, #BAD_SYNC
	bl	bad_mode
	.cfi_endproc
ENDPROC(el1_sync)

ENTRY(el1_da)
	cfi_kernel_frame
	mrs	x0, far_el1
	/* Interrupts go on as the interrupted code had them. */
	tbnz	x23, #7, 1f			// PSR_I_BIT
	enable_irq
1:	mov	x2, sp				// struct pt_regs
	bl	do_mem_abort
	disable_irq
	kernel_exit 1
	.cfi_endproc
ENDPROC(el1_da)

	.align	6
ENTRY(el1_irq)
	.cfi_startproc
	.cfi_signal_frame
	.cfi_def_cfa_offset 0
	kernel_entry 1
	mov	x0, sp
	bl	do_IRQ
	kernel_exit 1
	.cfi_endproc
ENDPROC(el1_irq)

/*
 * EL0 mode handlers.
 */
	.align	6
ENTRY(el0_sync)
	.cfi_startproc
	.cfi_undefined x30
	kernel_entry 0
	mrs	x25, esr_el1			// read the syndrome register
	lsr	x24, x25, #ESR_ELx_EC_SHIFT	// exception class
	cmp	x24, #ESR_ELx_EC_SVC64		// SVC in 64-bit state
	b.eq	el0_svc
	cmp	x24, #ESR_ELx_EC_DABT_LOW	// data abort in EL0
	b.eq	el0_da
	cmp	x24, #ESR_ELx_EC_IABT_LOW	// instruction abort in EL0
	b.eq	el0_da
	cmp	x24, #ESR_ELx_EC_FP_EXC64	// FP/ASIMD exception
	b.eq	el0_fpsimd_exc
	cmp	x24, #ESR_ELx_EC_SP_ALIGN	// stack alignment exception
	b.eq	el0_sp_pc
	cmp	x24, #ESR_ELx_EC_PC_ALIGN	// pc alignment exception
	b.eq	el0_sp_pc
	cmp	x24, #ESR_ELx_EC_BREAKPT_LOW	// debug exception in EL0
	b.ge	el0_dbg
	b	el0_undef
	.cfi_endproc
ENDPROC(el0_sync)

ENTRY(el0_da)
	cfi_user_frame
	mrs	x26, far_el1
	enable_dbg_and_irq
	mov	x0, x26
	mov	x1, x25
	mov	x2, sp
	bl	do_mem_abort
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_da)

ENTRY(el0_fpsimd_exc)
	cfi_user_frame
	enable_dbg_and_irq
	mov	x0, x25
	mov	x1, sp
	bl	do_fpsimd_exc
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_fpsimd_exc)

ENTRY(el0_sp_pc)
	cfi_user_frame
	mrs	x26, far_el1
	enable_dbg_and_irq
	mov	x0, x26
	mov	x1, x25
	mov	x2, sp
	bl	do_sp_pc_abort
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_sp_pc)

ENTRY(el0_undef)
	cfi_user_frame
	enable_dbg_and_irq
	mov	x0, sp
	bl	do_undefinstr
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_undef)

ENTRY(el0_dbg)
	cfi_user_frame
	mrs	x0, far_el1
	enable_dbg_and_irq
	mov	x1, x25
	mov	x2, sp
	bl	do_debug_exception
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_dbg)

	.align	6
ENTRY(el0_irq)
	.cfi_startproc
	.cfi_undefined x30
	kernel_entry 0
	mov	x0, sp
	bl	do_IRQ
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_irq)
