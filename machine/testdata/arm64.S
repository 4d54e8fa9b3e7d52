/*
 * A guest for the tests of the machine: prints "boot", takes three timer interrupts (one '.' each), then echoes what is typed until
 * 'q', which powers off with status 42. Any other exception powers off with status 99.
 */
	.set GICD, 0x08000000
	.set GICC, 0x08010000
	.set UART, 0x09000000
	.set TICKS, 1000

	.global _start
_start:	mov	x27, x0			/* the device tree */
	ldr	x0, =stack
	mov	sp, x0
	ldr	x0, =vectors
	msr	vbar_el1, x0
	isb
	ldr	x20, =GICD
	ldr	x21, =GICC
	ldr	x22, =UART
	mov	w0, #1
	str	w0, [x20]		/* GICD_CTLR */
	str	w0, [x21]		/* GICC_CTLR */
	mov	w0, #0xff
	str	w0, [x21, #4]		/* GICC_PMR */
	mov	w0, #(1 << 27)
	str	w0, [x20, #0x100]	/* the virtual timer */
	mov	w0, #(1 << 1)
	str	w0, [x20, #0x104]	/* the UART */
	mov	w0, #0x10
	str	w0, [x22, #0x38]	/* UARTIMSC: receive */
	adr	x1, hello
1:	ldrb	w0, [x1], #1
	cbz	w0, 2f
	str	w0, [x22]
	b	1b
2:	mov	x23, #3
	mov	x0, #TICKS
	.global arm_timer
arm_timer:
	msr	cntv_tval_el0, x0
	mov	x0, #1
	msr	cntv_ctl_el0, x0
	msr	daifclr, #2
	isb
spin:	add	x24, x24, #1
	cbnz	x23, spin
idle:	wfi
	b	idle

	.global irq
irq:	ldr	w0, [x21, #0xc]		/* GICC_IAR */
	mov	w5, w0
	cmp	w0, #33
	b.eq	uart
	sub	x23, x23, #1
	mov	w1, #'.'
	str	w1, [x22]
	mov	x1, #TICKS
	msr	cntv_tval_el0, x1
	cbnz	x23, done
	msr	cntv_ctl_el0, xzr
done:	str	w5, [x21, #0x10]	/* GICC_EOIR */
	eret
uart:	ldr	w1, [x22, #0x18]	/* UARTFR */
	tbnz	w1, #4, done
	ldr	w1, [x22]
	and	w1, w1, #0xff
	cmp	w1, #'q'
	b.eq	off
	str	w1, [x22]
	b	uart
off:	mov	x1, #42
3:	ldr	w0, =0x86004653		/* the status of the next SYSTEM_OFF */
	hvc	#0
	ldr	w0, =0x84000008		/* SYSTEM_OFF */
	hvc	#0
	b	.
fail:	mov	x1, #99
	b	3b

hello:	.asciz	"boot\n"
	.ltorg
	.balign	2048
	.global vectors
vectors:
	.rept	5
	b	fail
	.balign	128
	.endr
	b	irq
	.balign	128
	.rept	10
	b	fail
	.balign	128
	.endr
	.bss
	.balign	16
	.skip	4096
stack:
