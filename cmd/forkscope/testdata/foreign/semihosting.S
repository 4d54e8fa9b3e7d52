// A flat binary that prints by SYS_WRITEC, SYS_WRITE0 and SYS_WRITE, and ends with status 42 by SYS_EXIT, or 7 by
// SYS_EXIT_EXTENDED when something fails.
	.text
	.globl _start
_start:	adr	x0, vectors
	msr	vbar_el1, x0
	mov	w0, #3
	adr	x1, c
	hlt	#0xf000
	mov	w0, #3
	adr	x1, string + 6		// a newline
	hlt	#0xf000
	mov	w0, #4
	adr	x1, string
	hlt	#0xf000
	adr	x20, block
	adr	x2, tt
#ifdef FAIL
	add	x2, x2, #1		// no such file
#endif
	mov	x3, #4			// "w"
	mov	x4, #3
	stp	x2, x3, [x20]
	str	x4, [x20, #16]
	mov	w0, #1
	mov	x1, x20
	hlt	#0xf000
	cmn	x0, #1
	b.eq	bad
	adr	x2, file
	mov	x3, #5
	stp	x0, x2, [x20]
	str	x3, [x20, #16]
	mov	w0, #5
	mov	x1, x20
	hlt	#0xf000
	cbnz	x0, bad			// bytes not written
	mov	x3, #42
	mov	w0, #0x18
1:	ldr	x2, =0x20026
	stp	x2, x3, [x20]
	mov	x1, x20
	hlt	#0xf000
	b	.
bad:	mov	x3, #7
	mov	w0, #0x20
	b	1b
c:	.ascii	"c"
string:	.asciz	"string\n"
tt:	.asciz	":tt"
file:	.ascii	"file\n"
	.align	3
block:	.skip	24
	.ltorg
	.align	11
vectors:
	.rept	16
	b	.
	.align	7
	.endr
