/* The ROM that Bochs starts in: from the reset vector into flat protected mode, and to the monitor in RAM. */
	.set	base, 0xffff0000
	.set	monitor, 0x100000

	.code16
	.globl _start
_start:	cli
	lgdtl	%cs:gdtr
	mov	%cr0, %eax
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$8, $base + flat
	.code32
flat:	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$monitor, %eax
	jmp	*%eax

	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	23
	.long	base + gdt

	.org	0xfff0
	.code16
	jmp	_start
	.org	0x10000
