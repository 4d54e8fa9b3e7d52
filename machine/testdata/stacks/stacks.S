/*
 * A ROM that runs instructions of both operand sizes on stacks of both sizes, and prints to port 0xe9 what they did to registers and memory.
 * The same ROM starts on Bochs and on QEMU. It is linked at 0, copies itself to PROGRAM and runs there, so that every address in it fits
 * 16 bits; stacks lie at STACKS. driver.c says what is run.
 */
	.set	PROGRAM, 0x20000
	.set	STACKS, 0x40000
	.set	INNER, 0x80000		/* stacks of the most privileged level */

	.code16
	.section .text
	.globl	_start
_start:	cli
	cld
	movw	%cs, %ax		/* 0xf000: what a far jump to the ROM gives */
	movw	%ax, %ds
	movw	$(PROGRAM >> 4), %ax
	movw	%ax, %es
	xorw	%si, %si
	xorw	%di, %di
	movw	$0x8000, %cx
	rep movsw
	ljmp	$(PROGRAM >> 4), $1f
1:	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	gdtr
	lidtl	idtr
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $2f
	.code32
2:	movw	$0x1b, %ax		/* of privilege 3, so that it stays loaded there */
	movw	%ax, %ds
	movw	%ax, %es
	movw	$0x20, %ax
	movw	%ax, %ss
	movl	$driver_stack, %esp
	movw	$0x60, %ax
	ltr	%ax
	call	main
	movb	$0, %al
	outb	%al, $0xf4
	movl	$end, %esi		/* Bochs ends at this word on port 0x8900 */
	movw	$0x8900, %dx
3:	lodsb
	outb	%al, %dx
	testb	%al, %al
	jnz	3b
4:	hlt
	jmp	4b
end:	.asciz	"Shutdown"

/* void run(void): from the state in `in`, to the end of the snippet at in.eip, or to a trap; `out` is what was there then. */
	.globl	run
run:	pushal
	movl	%esp, driver_esp
	movl	in+4*4, %eax
	movl	%eax, far
	movl	in+7*4, %eax
	movl	%eax, far+4
	xorl	%eax, %eax
	movw	%ax, %fs
	movl	in+5*4, %ebp
	movl	in+6*4, %eax
	movl	in+4*3, %esp
	movw	%ax, %ss
	movl	$0x8a11, %eax
	movl	$0xc0de2222, %ecx
	movl	$0xc0de3333, %edx
	movl	$0xc0de4444, %ebx
	movl	$0xc0de6666, %esi
	movl	$0xc0de7777, %edi
	ljmpl	*far

/* The snippet is over, with any stack, at privilege 0. */
	.globl	done
done:	movl	%eax, out
	movl	$0, out+4
finish:	movl	%ecx, out+8
	movl	%esp, out+12
	movl	%ebp, out+16
	movl	%ebx, out+20
	xorl	%eax, %eax
	movw	%ss, %ax
	movl	%eax, out+24
	movw	%cs, %ax
	movl	%eax, out+28
	movl	%edx, out+32
	movl	%esi, out+36
	movl	%edi, out+40
	movw	$0x20, %ax
	movw	%ax, %ss
	movl	driver_esp, %esp
	movw	$0x1b, %ax
	movw	%ax, %ds
	movw	%ax, %es
	pushl	$2
	popfl
	popal
	ret
	/* Traps, 8 bytes apart: their vector is what they are told by. */
	.balign	8
	.globl	traps
	.set	vector, 0
traps:	.rept	32
	.byte	0x6a, vector		/* pushl, in its short form */
	jmp	trapped
	.balign	8
	.set	vector, vector + 1
	.endr
trapped: movl	%eax, out
	popl	%eax
	incl	%eax
	movl	%eax, out+4
	jmp	finish
	/* A handler that returns by each size. */
	.globl	back16, back32
back16:	iretw
back32:	iretl
	/* A procedure behind a call gate returns to less privilege; from there, software interrupt 0x44 tells. */
	.globl	outer
outer:	int	$0x44
	/* It came with what the interrupt pushed: EIP, CS, EFLAGS, ESP, SS. */
	.globl	told
told:	movl	%eax, out
	movl	%ebx, out+20
	movw	%sp, %bx
	movl	%ss:12(%bx), %eax
	movl	%eax, out+12
	movl	$0, out+4
	movl	%ecx, out+8
	movl	%ebp, out+16
	movl	%ss:16(%bx), %eax
	movzwl	%ax, %eax
	movl	%eax, out+24
	movl	%ss:4(%bx), %eax
	movzwl	%ax, %eax
	movl	%eax, out+28
	movl	%edx, out+32
	movl	%esi, out+36
	movl	%edi, out+40
	movw	$0x20, %ax
	movw	%ax, %ss
	movl	driver_esp, %esp
	movw	$0x1b, %ax
	movw	%ax, %ds
	movw	%ax, %es
	pushl	$2
	popfl
	popal
	ret

	.data
	.balign	8
far:	.long	0, 0
driver_esp: .long 0
	.globl	tss
tss:	.skip	104
	.balign	8
	.macro	segment base, access, flags
	.word	0xffff, \base & 0xffff
	.byte	\base >> 16, \access, \flags << 4 | 15, 0
	.endm
	.globl	gdt
gdt:	.quad	0
	segment	PROGRAM, 0x9b, 0xc	/* 08: 32-bit code */
	segment	PROGRAM, 0x9b, 0x8	/* 10: 16-bit code */
	segment	PROGRAM, 0xf3, 0xc	/* 18: data */
	segment	PROGRAM, 0x93, 0xc	/* 20: the driver's stack */
	segment	STACKS, 0x93, 0xc	/* 28: a 32-bit stack */
	segment	STACKS, 0x93, 0x8	/* 30: a 16-bit stack */
	segment	PROGRAM, 0xfb, 0xc	/* 38: 32-bit code, privilege 3 */
	segment	PROGRAM, 0xfb, 0x8	/* 40: 16-bit code, privilege 3 */
	segment	STACKS, 0xf3, 0xc	/* 48: a 32-bit stack, privilege 3 */
	segment	STACKS, 0xf3, 0x8	/* 50: a 16-bit stack, privilege 3 */
	.quad	0			/* 58 */
	.word	103, tss		/* 60: TSS */
	.byte	PROGRAM >> 16, 0x89, 0, 0
	segment	INNER, 0x93, 0xc	/* 68: a 32-bit inner stack */
	segment	INNER, 0x93, 0x8	/* 70: a 16-bit inner stack */
	.word	done, 8, 0xe403, 0	/* 78: 16-bit call gate, 3 words */
	.word	done, 8, 0xec03, 0	/* 80: 32-bit call gate, 3 doublewords */
	.word	return16, 8, 0xe403, 0	/* 88 */
	.word	return32, 8, 0xec03, 0	/* 90 */
gdt_end:
gdtr:	.word	gdt_end - gdt - 1
	.long	PROGRAM + gdt
idtr:	.word	256 * 8 - 1
	.long	PROGRAM + idt

	.text
return16: lretw	$6
return32: lretl	$12

	.bss
	.balign	8
	.globl	idt
idt:	.skip	256 * 8
	.skip	4096
driver_stack:

	.section .reset, "ax"
	.code16
	ljmp	$0xf000, $_start
	.balign	16
