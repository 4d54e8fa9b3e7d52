/* SPDX-License-Identifier: MIT */
/*
 * Assembly shared by entry.S and entry-traps.S: pt_regs on and off the stack,
 * and what the CFI says of frames that begin with it.
 */
#ifndef _ASM_ENTRY_MACROS_H
#define _ASM_ENTRY_MACROS_H

#include <linux/linkage.h>
#include <linux/thread_info.h>
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

#endif
