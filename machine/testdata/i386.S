/*
 * A guest for the tests of the machine: prints "boot", takes three timer interrupts (one '.' each), then echoes what is typed until
 * 'q', which powers off with status 42. Any other interrupt powers off with status 99.
 */
	.set COM1, 0x3f8
	.set TICKS, 1000

	.text
	.balign	4
	.long	0x1badb002, 3, -(0x1badb002 + 3)

	.global	_start
_start:	movl	$stack, %esp
	lgdt	gdtr			/* the loader's may be gone */
	ljmp	$8, $0f
0:	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$fail, %eax		/* every gate to fail */
	movl	$idt, %edi
	movl	$256, %ecx
1:	call	gate
	addl	$8, %edi
	loop	1b
	movl	$timer, %eax
	movl	$(idt + 8 * 0x20), %edi
	call	gate
	movl	$uart, %eax
	movl	$(idt + 8 * 0x24), %edi
	call	gate
	lidt	idtr

	movb	$0x11, %al		/* 8259A: vectors 0x20, inputs 0 and 4 open */
	outb	%al, $0x20
	movb	$0x20, %al
	outb	%al, $0x21
	movb	$0x04, %al
	outb	%al, $0x21
	movb	$0x01, %al
	outb	%al, $0x21
	movb	$0xee, %al
	outb	%al, $0x21

	movw	$(COM1 + 1), %dx	/* receive interrupt */
	movb	$1, %al
	outb	%al, %dx
	movl	$hello, %esi
	movw	$COM1, %dx
2:	lodsb
	testb	%al, %al
	jz	3f
	outb	%al, %dx
	jmp	2b
3:	movl	$3, %ebx
	.global	arm_timer
arm_timer:
	call	program
	sti
spin:	incl	%ecx
	testl	%ebx, %ebx
	jnz	spin
idle:	hlt
	jmp	idle

gate:	movw	%ax, (%edi)
	movw	%cs, 2(%edi)
	movl	%eax, %ebp
	andl	$0xffff0000, %ebp
	orl	$0x8e00, %ebp
	movl	%ebp, 4(%edi)
	ret

program:				/* counter 0, mode 0, 1000 ticks */
	movb	$0x30, %al
	outb	%al, $0x43
	movb	$(TICKS & 0xff), %al
	outb	%al, $0x40
	movb	$(TICKS >> 8), %al
	outb	%al, $0x40
	.global	programmed
programmed:
	ret

	.global	timer
timer:	movb	$'.', %al
	movw	$COM1, %dx
	outb	%al, %dx
	movb	$0x20, %al
	outb	%al, $0x20
	decl	%ebx
	jz	4f
	call	program
4:	iret

uart:	movw	$(COM1 + 5), %dx
	inb	%dx, %al
	testb	$1, %al
	jz	5f
	movw	$COM1, %dx
	inb	%dx, %al
	cmpb	$'q', %al
	je	off
	outb	%al, %dx
	jmp	uart
5:	movb	$0x20, %al
	outb	%al, $0x20
	iret
off:	movb	$42, %al
6:	movw	$0x501, %dx
	movb	$0x46, %ah		/* the agreed word: the status is %al itself */
	outw	%ax, %dx
	jmp	.
fail:	movb	$99, %al
	jmp	6b

hello:	.asciz	"boot\n"
	.balign	8
gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:	.word	23
	.long	gdt
idtr:	.word	256 * 8 - 1
	.long	idt
	.bss
	.balign	16
idt:	.skip	256 * 8
	.skip	4096
stack:
