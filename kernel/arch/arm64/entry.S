/* SPDX-License-Identifier: MIT */
/*
 * System calls, the way back to user mode, and the switch between tasks.
 *
 * Unwinding: an entry from EL0 is the end of the stack (x30 undefined, and
 * the frame record chain starts with fp = 0); an entry from EL1 is a signal
 * frame whose caller is the interrupted code, with both its pc and its x30.
 */
#include <asm/entry-macros.h>
#include <asm/unistd.h>

	.text

/*
 * arm64 only: the way in and out has other names on i386, from system_call on.
 *
 * el0_svc: svc #0. x8 = number; x0 to x5 = arguments.
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
 * arm64 only: i386 has one way out, resume_userspace.
 *
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
	/* arm64 only: where debuggers show a task that is not on the CPU. */
	.globl	cpu_switch_to_ret
cpu_switch_to_ret:
	ret
	.cfi_endproc
ENDPROC(cpu_switch_to)

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
	 * instruction of cpu_switch_to this is the caller, not itself.
	 */
	nop
ENDPROC(__ret_from_fork)
/* i386 and arm64 only: on x86_64 it is in C, under ret_from_fork_asm. */
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
