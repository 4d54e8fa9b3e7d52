/*
 * A guest for TestWindowsMove: it moves the windows of two devices, looks at them and prints who answered; '-' is nobody, which is an external
 * abort. It does so twice with the MMU off and twice with it on, where all is Normal memory. The word at MOVE moves device a, the next one device b, each to the address that is written, 0 being none.
 */
	.set MOVE, 0x0b000000
	.set UART, 0x09000000
	.set X, 0x10000000
	.set Y, 0x11000000
	.set Z, 0x11000020
	.set RAM, 0x40200000

	.macro	move device, to
	ldr	w0, =\to
	str	w0, [x20, #\device]
	.endm

	.macro	look at
	ldr	x1, =\at
	ldrb	w0, [x1, #1]
	str	w0, [x21]
	.endm

	.global _start
_start:	ldr	x0, =vectors
	msr	vbar_el1, x0
	isb
	ldr	x20, =MOVE
	ldr	x21, =UART
	mov	w0, #'r'
	ldr	x1, =RAM
	strb	w0, [x1, #1]
	mov	x23, #4
1:	move	0, X
	look	X
	move	4, X			/* b was moved last */
	look	X
	move	4, Y
	look	X
	look	Y
	move	0, 0
	look	X
	ldr	x1, =Y
	ldr	w0, =Z
	str	w0, [x1, #0x20]		/* b moves itself, from within this store */
	look	Y
	look	Z
	move	4, RAM			/* RAM answers before every window */
	look	RAM
	move	4, 0
	mov	w0, #'\n'
	str	w0, [x21]
	subs	x23, x23, #1
	b.eq	off
	cmp	x23, #2
	b.ne	1b
	adrp	x1, table
	add	x1, x1, :lo12:table
	mov	x0, #0x401		/* blocks of 1 GiB where they are */
	str	x0, [x1]
	mov	x2, #0x40000000
	add	x0, x0, x2
	str	x0, [x1, #8]
	msr	ttbr0_el1, x1
	mov	x0, #0xff
	msr	mair_el1, x0
	ldr	x0, =(2 << 32 | 1 << 23 | 32) /* 40 bits of physical address, no TTBR1, 32 of virtual */
	msr	tcr_el1, x0
	mrs	x0, sctlr_el1
	orr	x0, x0, #1
	msr	sctlr_el1, x0
	isb
	b	1b

off:	ldr	w0, =0x84000008		/* SYSTEM_OFF */
	hvc	#0
2:	wfi
	b	2b

	.balign	2048
vectors:
	.space	0x200
	mrs	x0, elr_el1		/* the load that nobody answered gives '-' */
	add	x0, x0, #4
	msr	elr_el1, x0
	mov	w0, #'-'
	eret

	.bss
	.balign	4096
table:	.space	4096
