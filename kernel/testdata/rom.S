/*
 * The end of a ROM that loads what the rest of it holds, as a PVH loader would, for a machine without firmware. In
 * front of it lie the parts; the table behind it (address, source, bytes, zeros after them; 0 ends it) says which.
 */
	.set	BASE, 0xffff0000	/* 64 KiB below 4 GiB: the first of them is here */
	.code16
	.text
	.globl	start
start:
	cli
	lgdtl	%cs:gdtr - start
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$8, $(BASE + start32 - start)
	.code32
start32:
	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	cld
	movl	$(BASE + table - start), %ebp
1:	movl	(%ebp), %edi
	testl	%edi, %edi
	jz	2f
	movl	4(%ebp), %esi
	movl	8(%ebp), %ecx
	rep movsb
	movl	12(%ebp), %ecx
	xorl	%eax, %eax
	rep stosb
	addl	$16, %ebp
	jmp	1b
2:	movl	$0x8000, %ebx		/* hvm_start_info */
	movl	4(%ebp), %eax
	jmp	*%eax
	.balign	8
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:
	.word	gdtr - gdt - 1
	.long	BASE + gdt - start
	.balign	16
table:
