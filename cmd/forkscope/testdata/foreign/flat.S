// A flat binary that prints where it is and the first word of the device tree, and switches off by PSCI.
	.text
	.globl _start
_start:	adr	x19, _start
	ldr	w20, [x0]
	rev	w20, w20
	ldr	x21, =0x09000000
	mov	w22, #60
1:	lsr	x0, x19, x22
	bl	digit
	subs	w22, w22, #4
	b.pl	1b
	mov	w0, #' '
	str	w0, [x21]
	mov	w22, #28
2:	lsr	w0, w20, w22
	bl	digit
	subs	w22, w22, #4
	b.pl	2b
	mov	w0, #'\n'
	str	w0, [x21]
	ldr	w0, =0x84000008
	mov	x1, #0
	hvc	#0
	b	.
digit:	and	w0, w0, #15
	add	w1, w0, #'0'
	add	w2, w0, #'a' - 10
	cmp	w0, #10
	csel	w0, w1, w2, lo
	str	w0, [x21]
	ret
