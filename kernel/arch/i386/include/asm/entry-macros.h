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

#endif
