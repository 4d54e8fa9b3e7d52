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

/*
 * All of pt_regs below orig_ax, which has been pushed. ax is what is to be
 * found in its place; with save_di=0 di is there already, and rdi of some use.
 * Then no register but rax, rdi and rsp holds anything of the user's.
 */
	.macro PUSH_AND_CLEAR_REGS ax=%rax save_di=1
	.if \save_di
	PUSH	%rdi
	.endif
	PUSH	%rsi
	PUSH	%rdx
	PUSH	%rcx
	PUSH	\ax
	PUSH	%r8
	PUSH	%r9
	PUSH	%r10
	PUSH	%r11
	PUSH	%rbx
	PUSH	%rbp
	PUSH	%r12
	PUSH	%r13
	PUSH	%r14
	PUSH	%r15
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	.endm

/* Everything back up to orig_ax. */
	.macro POP_REGS
	POP	%r15
	POP	%r14
	POP	%r13
	POP	%r12
	POP	%rbp
	POP	%rbx
	POP	%r11
	POP	%r10
	POP	%r9
	POP	%r8
	POP	%rax
	POP	%rcx
	POP	%rdx
	POP	%rsi
	POP	%rdi
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

	.macro CFI_SAVED_REGISTERS
	.cfi_rel_offset r15, PT_R15
	.cfi_rel_offset r14, PT_R14
	.cfi_rel_offset r13, PT_R13
	.cfi_rel_offset r12, PT_R12
	.cfi_rel_offset rbp, PT_BP
	.cfi_rel_offset rbx, PT_BX
	.cfi_rel_offset r11, PT_R11
	.cfi_rel_offset r10, PT_R10
	.cfi_rel_offset r9, PT_R9
	.cfi_rel_offset r8, PT_R8
	.cfi_rel_offset rax, PT_AX
	.cfi_rel_offset rcx, PT_CX
	.cfi_rel_offset rdx, PT_DX
	.cfi_rel_offset rsi, PT_SI
	.cfi_rel_offset rdi, PT_DI
	.endm

	.macro CFI_RESTORED_REGISTERS
	.irp	reg, r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi
	.cfi_restore \reg
	.endr
	.endm

#endif
