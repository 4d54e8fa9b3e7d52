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
#include <asm/segment.h>

	.cfi_sections .debug_frame

/* Bytes of pt_regs that the CPU pushes on every entry. */
#define HW_FRAME	40

	.macro PUSH reg:req
	pushq	\reg
	.cfi_adjust_cfa_offset 8
	.endm

	.macro POP reg:req
	popq	\reg
	.cfi_adjust_cfa_offset -8
	.endm

/* The same with a register of whoever was interrupted. */
	.macro PUSH_REG reg:req
	PUSH	%\reg
	.cfi_rel_offset \reg, 0
	.endm

	.macro POP_REG reg:req
	POP	%\reg
	.cfi_restore \reg
	.endm

/*
 * All of pt_regs below orig_ax, which has been pushed. ax is what is to be
 * found in its place; with save_di=0 di is there already, and rdi of some use.
 * Then no register but rax, rdi and rsp holds anything of the user's.
 */
	.macro PUSH_AND_CLEAR_REGS ax=%rax save_di=1
	.if \save_di
	PUSH	%rdi
	.endif
	.cfi_rel_offset rdi, 0
	PUSH_REG rsi
	PUSH_REG rdx
	PUSH_REG rcx
	PUSH	\ax
	.cfi_rel_offset rax, 0
	PUSH_REG r8
	PUSH_REG r9
	PUSH_REG r10
	PUSH_REG r11
	PUSH_REG rbx
	PUSH_REG rbp
	PUSH_REG r12
	PUSH_REG r13
	PUSH_REG r14
	PUSH_REG r15
	.irp	reg, esi, edx, ecx, r8d, r9d, r10d, r11d, ebx, ebp, r12d, r13d, r14d, r15d
	xorl	%\reg, %\reg
	.endr
	.endm

/* Everything back up to orig_ax. */
	.macro POP_REGS
	.irp	reg, r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	POP_REG	\reg
	.endr
	.endm

/* A frame whose caller is user mode: the backtrace ends in it. */
	.macro CFI_USER_FRAME offset:req
	.cfi_startproc simple
	.cfi_def_cfa rsp, \offset
	.cfi_undefined rip
	.endm

/*
 * A frame whose caller is the kernel, or perhaps: rip and rsp are where the CPU
 * pushed them. (It aligned the stack first, so that rsp is not just above.)
 */
	.macro CFI_KERNEL_FRAME offset:req
	.cfi_startproc simple
	.cfi_signal_frame
	.cfi_def_cfa rsp, \offset
	.cfi_offset rip, -40
	.cfi_offset rsp, -16
	.endm

#endif
