/* Entry, exception vectors, and run(): execute something at another exception level until it takes an exception. */

	.section .text.start, "ax"
	.globl	_start
_start:
	ldr	x1, =stack_top
	mov	sp, x1
	ldr	x1, =vectors
	msr	vbar_el1, x1
	isb
	bl	main
	/* PSCI SYSTEM_OFF */
	movz	w0, #0x8400, lsl #16
	movk	w0, #0x0008
	hvc	#0
1:	wfi
	b	1b

	.macro	vector number
	.balign	128
	msr	tpidr_el1, x0
	mov	x0, #\number
	b	taken
	.endm

	.balign	2048
vectors:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\n
	.endr

/* Save what the exception told into `result`, and return from run(). */
taken:
	msr	spsel, #1
	str	x1, [sp, #-16]!
	ldr	x1, =result
	str	x0, [x1]
	mrs	x0, esr_el1
	str	x0, [x1, #8]
	mrs	x0, far_el1
	str	x0, [x1, #16]
	mrs	x0, elr_el1
	str	x0, [x1, #24]
	mrs	x0, spsr_el1
	str	x0, [x1, #32]
	mrs	x0, tpidr_el1
	str	x0, [x1, #40]
	ldr	x0, [sp], #16
	str	x0, [x1, #48]
	str	x2, [x1, #56]
	str	x3, [x1, #64]
	ldr	x1, =saved
	ldp	x19, x20, [x1]
	ldp	x21, x22, [x1, #16]
	ldp	x23, x24, [x1, #32]
	ldp	x25, x26, [x1, #48]
	ldp	x27, x28, [x1, #64]
	ldp	x29, x30, [x1, #80]
	ldr	x2, [x1, #96]
	mov	sp, x2
	ret

/* void run(uint64_t spsr, uint64_t pc, uint64_t x1, uint64_t x2, uint64_t sp_el0) */
	.globl	run
run:
	ldr	x5, =saved
	stp	x19, x20, [x5]
	stp	x21, x22, [x5, #16]
	stp	x23, x24, [x5, #32]
	stp	x25, x26, [x5, #48]
	stp	x27, x28, [x5, #64]
	stp	x29, x30, [x5, #80]
	mov	x6, sp
	str	x6, [x5, #96]
	msr	spsr_el1, x0
	msr	elr_el1, x1
	msr	sp_el0, x4
	mov	x1, x2
	mov	x2, x3
	mov	x3, #0
	mov	x0, #0
	isb
	eret

	.bss
	.balign	16
	.globl	result
result:	.skip	128
saved:	.skip	128
	.balign	16
	.skip	8192
stack_top:

/* What run() executes: x1 is an address, x2 a value. Each ends in an svc that tells that nothing stopped it. */
	.section .stubs, "ax"
	.macro	stub name, insn:vararg
	.globl	\name
	.balign	16
\name:
	\insn
	svc	#0x77
	.endm
	stub	stub_load, ldr x0, [x1]
	stub	stub_store, str x2, [x1]
	stub	stub_load_byte, ldrb w0, [x1]
	stub	stub_load_pair, ldp x0, x3, [x1]
	stub	stub_store_pair, stp x2, x2, [x1]
	stub	stub_load_post, ldr x0, [x1], #8
	stub	stub_ldtr, ldtr x0, [x1]
	stub	stub_sttr, sttr x2, [x1]
	stub	stub_ldxr, ldxr x0, [x1]
	stub	stub_ldar, ldar x0, [x1]
	stub	stub_stlr, stlr x2, [x1]
	stub	stub_ldq, ldr q0, [x1]
	stub	stub_call, br x1
	stub	stub_zva, dc zva, x1
	stub	stub_cvau, dc cvau, x1
	stub	stub_civac, dc civac, x1
	stub	stub_ivau, ic ivau, x1
	stub	stub_ivac, dc ivac, x1
	stub	stub_svc, svc #0x1234
	stub	stub_brk, brk #0x4321
	stub	stub_udf, .inst 0x00000000
	stub	stub_fadd, fadd d0, d1, d2
	stub	stub_simd, add v0.4s, v1.4s, v2.4s
	stub	stub_fpcr, mrs x0, fpcr
	stub	stub_sp_load, ldr x0, [sp]
	stub	stub_sp_store, stp x2, x2, [sp, #-16]!
	stub	stub_sctlr, mrs x0, sctlr_el1
	stub	stub_set_vbar, msr vbar_el1, x2
	stub	stub_midr, mrs x0, midr_el1
	stub	stub_ctr, mrs x0, ctr_el0
	stub	stub_dczid, mrs x0, dczid_el0
	stub	stub_daif, mrs x0, daif
	stub	stub_daifset, msr daifset, #2
	stub	stub_daifclr, msr daifclr, #2
	stub	stub_spsel, msr spsel, #0
	stub	stub_current, mrs x0, currentel
	stub	stub_sp_el0, mrs x0, sp_el0
	stub	stub_nzcv, mrs x0, nzcv
	stub	stub_cntvct, mrs x3, cntvct_el0
	stub	stub_cntpct, mrs x3, cntpct_el0
	stub	stub_cntfrq, mrs x0, cntfrq_el0
	stub	stub_cntv_ctl, mrs x0, cntv_ctl_el0
	stub	stub_cntp_ctl, mrs x0, cntp_ctl_el0
	stub	stub_tpidrro, msr tpidrro_el0, x2
	stub	stub_tpidr, msr tpidr_el0, x2
	stub	stub_tlbi, tlbi vmalle1
	stub	stub_eret, eret
	stub	stub_hlt, hlt #1
	stub	stub_wfe, wfe
	stub	stub_smc, smc #0
	stub	stub_hcr, .inst 0xd53c1100 /* mrs x0, hcr_el2 */
	stub	stub_nops, nop; nop; nop
	stub	stub_clear_d, msr daifclr, #8; nop; nop
	stub	stub_branch, b .+8; nop
	.arch	armv8.2-a
	stub	stub_ldadd, ldadd x2, x0, [x1]
	stub	stub_ldaddb, ldaddalb w2, w0, [x1]
	stub	stub_swp, swpa x2, x0, [x1]
	stub	stub_cas, casal x0, x2, [x1]
	stub	stub_casp, caspal x0, x1, x2, x3, [x1]
	stub	stub_ldapr, .inst 0xf8bfc020 /* ldapr x0, [x1] */
	stub	stub_cvap, dc cvap, x1
	stub	stub_store_simd, st1 {v0.16b, v1.16b}, [x1]
	stub	stub_pan_clear, msr pan, #0
	stub	stub_pan_read, mrs x0, pan
	stub	stub_pan_write, msr pan, x2
	stub	stub_pan, .inst 0xd500419f /* msr pan, #1 */
	stub	stub_lse, .inst 0xf8200020 /* ldadd x0, x0, [x1] */
