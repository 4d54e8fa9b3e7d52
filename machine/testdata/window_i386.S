/*
 * A guest for TestWindowsMove: it moves the windows of two devices, looks at them, runs code out of them, and prints who answered; '-' is
 * nobody. It does so twice without paging and twice with it. The ports from 0x2000 on move device a, those from 0x2004 on device b, each to the address that is written, 0 being none.
 */
	.set X, 0xfe000000
	.set Y, 0xfd000000
	.set Z, 0xfd000020
	.set RAM, 0x180000

	.macro	move port, to
	movl	$\to, %eax
	movl	$\port, %edx
	outl	%eax, %dx
	.endm

	.macro	look at
	movb	\at + 1, %al
	call	print
	.endm

	.macro	run at
	movl	$\at, %ecx
	call	*%ecx
	call	print
	.endm

	.text
	.balign	4
	.long	0x1badb002, 3, -(0x1badb002 + 3)

	.global	_start
_start:	movl	$stack, %esp
	movb	$'r', RAM + 1
	movl	$4, %ebx
1:	move	0x2000, X
	look	X
	run	X
	move	0x2004, X		/* b was moved last */
	look	X
	run	X
	move	0x2004, Y
	look	X
	run	X
	run	Y
	move	0x2000, 0
	look	X
	movl	$Z, Y + 0x20		/* b moves itself, from within this store */
	look	Y
	look	Z
	run	Z
	move	0x2004, RAM		/* RAM answers before every window */
	look	RAM
	move	0x2004, 0
	movb	$'\n', %al
	call	print
	decl	%ebx
	jz	off
	cmpl	$2, %ebx
	jne	1b
	movl	$0x83, pgd		/* pages of 4 MiB where they are */
	movl	$(X + 0x83), pgd + (X >> 22) * 4
	movl	$(Y + 0x83), pgd + (Y >> 22) * 4
	movl	%cr4, %eax
	orl	$0x10, %eax		/* PSE */
	movl	%eax, %cr4
	movl	$pgd, %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	jmp	1b

off:	movw	$0x604, %dx		/* by ACPI S5 */
	movw	$0x2000, %ax
	outw	%ax, %dx
2:	hlt
	jmp	2b

print:	cmpb	$0xff, %al
	jne	3f
	movb	$'-', %al
3:	movw	$0x3f8, %dx
	outb	%al, %dx
	ret

	.bss
	.balign	4096
pgd:	.space	4096
	.space	256
stack:
