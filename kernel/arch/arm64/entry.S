/* SPDX-License-Identifier: MIT */
/*
 * Exceptions in and out, the task switch, and where a new task begins.
 *
 * Unwinding: an entry from EL0 is the end of the stack (x30 undefined, and
 * the frame record chain starts with fp = 0); an entry from EL1 is a signal
 * frame whose caller is the interrupted code, with both its pc and its x30.
 */
#include <linux/linkage.h>
#include <linux/thread_info.h>
#include <asm/ptrace.h>
#include <asm/esr.h>
#include <asm/unistd.h>
#include <generated/asm-offsets.h>

	.cfi_sections .debug_frame

tsk	.req	x28		// current thread_info
sc_nr	.req	x25		// number of system calls
scno	.req	x26		// syscall number
stbl	.req	x27		// syscall table pointer

	.macro	get_thread_info, rd
	mov	\rd, sp
	and	\rd, \rd, #~(THREAD_SIZE - 1)
	.endm

	.macro	enable_irq
	msr	daifclr, #2
	.endm

	.macro	disable_irq
	msr	daifset, #2
	.endm

	.macro	enable_dbg_and_irq
	msr	daifclr, #(8 | 2)
	.endm

	/* CFI while pt_regs is at sp, entered from EL0. */
	.macro	cfi_user_frame
	.cfi_startproc
	.cfi_def_cfa sp, S_FRAME_SIZE
	.cfi_undefined x30
	.endm

	/* CFI while pt_regs is at sp, entered from EL1. */
	.macro	cfi_kernel_regs
	.cfi_def_cfa sp, S_FRAME_SIZE
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	.cfi_offset	x\n, 8 * \n - S_FRAME_SIZE
	.endr
	.cfi_offset	x30, S_LR - S_FRAME_SIZE
	.cfi_offset	32, S_PC - S_FRAME_SIZE		// DWARF's number of the PC
	.endm

	.macro	cfi_kernel_frame
	.cfi_startproc
	.cfi_signal_frame
	cfi_kernel_regs
	.endm

	.macro	kernel_entry, el
	sub	sp, sp, #S_FRAME_SIZE
	.cfi_adjust_cfa_offset S_FRAME_SIZE
	stp	x0, x1, [sp, #16 * 0]
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
	.if	\el == 0
	mrs	x21, sp_el0
	get_thread_info tsk
	mov	x29, xzr			// frame records end here
	.else
	add	x21, sp, #S_FRAME_SIZE
	.endif
	mrs	x22, elr_el1
	mrs	x23, spsr_el1
	stp	lr, x21, [sp, #S_LR]
	stp	x22, x23, [sp, #S_PC]
	.if	\el == 1
	cfi_kernel_regs
	.endif
	/* No system call until el0_svc says so. */
	mvn	x21, xzr
	str	x21, [sp, #S_SYSCALLNO]
	/*
	 * x21 - ~0
	 * x22 - aborted PC
	 * x23 - aborted PSTATE
	 */
	.endm

	/* With ret = 1, x0 is kept: it is the result of a system call. */
	.macro	kernel_exit, el, ret = 0
	ldp	x21, x22, [sp, #S_PC]
	.if	\el == 0
	ldr	x23, [sp, #S_SP]
	msr	sp_el0, x23
	.endif
	msr	elr_el1, x21
	msr	spsr_el1, x22
	.if	\ret
	ldr	x1, [sp, #S_X1]
	.else
	ldp	x0, x1, [sp, #16 * 0]
	.endif
	ldp	x2, x3, [sp, #16 * 1]
	ldp	x4, x5, [sp, #16 * 2]
	ldp	x6, x7, [sp, #16 * 3]
	ldp	x8, x9, [sp, #16 * 4]
	ldp	x10, x11, [sp, #16 * 5]
	ldp	x12, x13, [sp, #16 * 6]
	ldp	x14, x15, [sp, #16 * 7]
	ldp	x16, x17, [sp, #16 * 8]
	ldp	x18, x19, [sp, #16 * 9]
	ldp	x20, x21, [sp, #16 * 10]
	ldp	x22, x23, [sp, #16 * 11]
	ldp	x24, x25, [sp, #16 * 12]
	ldp	x26, x27, [sp, #16 * 13]
	ldp	x28, x29, [sp, #16 * 14]
	ldr	lr, [sp, #S_LR]
	add	sp, sp, #S_FRAME_SIZE
	.cfi_adjust_cfa_offset -S_FRAME_SIZE
	eret
	.endm

	.macro	ventry	label
	.align	7
	b	\label
	.endm

	.section .entry.text, "ax"

/*
 * Exception vectors, Arm ARM D1.10.2.
 */
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
	bl	gic_handle_irq
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
	bl	gic_handle_irq
	b	ret_to_user
	.cfi_endproc
ENDPROC(el0_irq)

/*
 * The fast way out of a system call: when no work is pending, x0 goes back to
 * user mode without passing through pt_regs.
 */
ENTRY(ret_fast_syscall)
	cfi_user_frame
	disable_irq
	ldr	x1, [tsk, #TI_FLAGS]
	and	x2, x1, #_TIF_WORK_MASK
	cbnz	x2, fast_work_pending
	kernel_exit 0, ret = 1
	.cfi_endproc
ENDPROC(ret_fast_syscall)

/*
 * Something is to be done before user mode: x1 = thread flags, interrupts off.
 */
ENTRY(fast_work_pending)
	cfi_user_frame
	str	x0, [sp, #S_X0]			// returned x0
	.cfi_endproc
ENDPROC(fast_work_pending)
ENTRY(work_pending)
	cfi_user_frame
	mov	x0, sp
	bl	do_notify_resume
	b	ret_to_user
	.cfi_endproc
ENDPROC(work_pending)

/*
 * The slow way out: all registers come from pt_regs.
 */
ENTRY(ret_to_user)
	cfi_user_frame
	disable_irq
	ldr	x1, [tsk, #TI_FLAGS]
	and	x2, x1, #_TIF_WORK_MASK
	cbnz	x2, work_pending
no_work_pending:
	kernel_exit 0, ret = 0
	.cfi_endproc
ENDPROC(ret_to_user)

/*
 * Where a forked task begins: cpu_switch_to comes here on the child's
 * stack, whose top is the pt_regs that copy_thread made. A kernel thread has
 * its function in x19 and the argument in x20; it gets past the call only
 * when it has become a user program.
 */
ENTRY(__ret_from_fork)
	cfi_user_frame
	/*
	 * Never run. Debuggers look up a return address less one: at the last
	 * instruction of cpu_switch_to this is the caller, not ret_to_user.
	 */
	nop
ENDPROC(__ret_from_fork)
ENTRY(ret_from_fork)
	mov	x29, xzr
	bl	schedule_tail
	cbz	x19, 1f				// not a kernel thread
	mov	x0, x20
	blr	x19
1:	get_thread_info tsk
	b	ret_to_user
	.cfi_endproc
ENDPROC(ret_from_fork)

/*
 * SVC handler.
 */
	.align	6
ENTRY(el0_svc)
	cfi_user_frame
	adrp	stbl, sys_call_table		// load syscall table pointer
	mov	w26, w8				// syscall number in w8
	mov	sc_nr, #__NR_syscalls
el0_svc_naked:
	stp	x0, scno, [sp, #S_ORIG_X0]	// save the original x0 and syscall number
	enable_dbg_and_irq
	cmp	scno, sc_nr			// check upper syscall limit
	b.hs	ni_sys
	ldr	x16, [stbl, scno, lsl #3]	// address in the syscall table
	blr	x16				// call sys_* routine
	b	ret_fast_syscall
ni_sys:
	mov	x0, sp
	bl	do_ni_syscall
	b	ret_fast_syscall
	.cfi_endproc
ENDPROC(el0_svc)

	.text

/*
 * struct task_struct *cpu_switch_to(struct task_struct *prev,
 *				     struct task_struct *next);
 *
 * Saves what a call preserves in prev->thread.cpu_context, loads next's, and
 * returns on next's stack, to next's caller: context_switch, or ret_from_fork
 * for a new task. x0 (prev) is not touched, so next gets to know who left.
 *
 * Until sp changes the frame is prev's; once registers hold next's values the
 * CFI finds prev's in its cpu_context.
 */
	.macro	cfi_saved, reg, off
	/* DW_CFA_expression \reg: DW_OP_breg0 (x0), off as a 2-byte sleb128 */
	.cfi_escape 0x10, \reg, 3, 0x70, ((THREAD_CPU_CONTEXT + \off) & 0x7f) | 0x80, (THREAD_CPU_CONTEXT + \off) >> 7
	.endm

ENTRY(cpu_switch_to)
	.cfi_startproc
	add	x8, x0, #THREAD_CPU_CONTEXT
	mov	x9, sp
	stp	x19, x20, [x8], #16		// store callee-saved registers
	stp	x21, x22, [x8], #16
	stp	x23, x24, [x8], #16
	stp	x25, x26, [x8], #16
	stp	x27, x28, [x8], #16
	stp	x29, x9, [x8], #16
	str	lr, [x8]
	.cfi_remember_state
	cfi_saved 19, 0
	cfi_saved 20, 8
	cfi_saved 21, 16
	cfi_saved 22, 24
	cfi_saved 23, 32
	cfi_saved 24, 40
	cfi_saved 25, 48
	cfi_saved 26, 56
	cfi_saved 27, 64
	cfi_saved 28, 72
	cfi_saved 29, 80
	cfi_saved 30, 96
	add	x8, x1, #THREAD_CPU_CONTEXT
	ldp	x19, x20, [x8], #16		// restore callee-saved registers
	ldp	x21, x22, [x8], #16
	ldp	x23, x24, [x8], #16
	ldp	x25, x26, [x8], #16
	ldp	x27, x28, [x8], #16
	ldp	x29, x9, [x8], #16
	ldr	lr, [x8]
	mov	sp, x9
	.cfi_restore_state
	.globl	cpu_switch_to_ret
cpu_switch_to_ret:
	ret
	.cfi_endproc
ENDPROC(cpu_switch_to)
