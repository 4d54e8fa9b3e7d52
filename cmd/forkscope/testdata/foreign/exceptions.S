// A kernel that raises exceptions of four kinds, each of which its handler passes.
	.text
	.globl _start
_start:	adr x0, vectors
	msr vbar_el1, x0
	isb
	svc #0
	mov x1, #0xfff0000		// nothing is there
	ldr x2, [x1]
	.word 0				// undefined
	brk #1
	.globl end
end:	b end
	.balign 2048
vectors: .skip 0x200
	.globl vector
vector:	mrs x9, esr_el1
	mrs x8, elr_el1
	lsr x10, x9, #26
	cmp x10, #0x15			// svc comes back behind itself
	b.eq 1f
	add x8, x8, #4
	msr elr_el1, x8
1:	eret
	.balign 2048
