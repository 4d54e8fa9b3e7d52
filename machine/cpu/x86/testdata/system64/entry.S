/* Entry, traps and ways to run a test; long.c drives them. Linked flat at 1 MB, with a Multiboot header for QEMU. */
	.code32
	.globl _start
_start:
	jmp	1f
	.balign	4
header:	.long	0x1badb002, 0x00010000, -(0x1badb002 + 0x00010000)
	.long	header, _start, 0, 0, _start
1:	cli
	movl	$__bss_start, %edi
	movl	$_end + 3, %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	cld
	rep stosl
	movl	$stack_top, %esp
	/* The first GB one to one, by pages of 2 MB. */
	movl	$pdpt + 7, pml4
	movl	$pages_2m + 3, pdpt
	xorl	%ecx, %ecx
2:	movl	%ecx, %eax
	shll	$21, %eax
	orl	$0x83, %eax
	movl	%eax, pages_2m(,%ecx,8)
	incl	%ecx
	cmpl	$512, %ecx
	jb	2b
	movl	$pml4, %eax
	movl	%eax, %cr3
	movl	$0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	movl	$0x901, %eax		/* SCE, LME, NXE */
	xorl	%edx, %edx
	wrmsr
	movl	$0x80010033, %eax
	movl	%eax, %cr0
	lgdt	boot_gdtr
	ljmp	$8, $3f
	.balign	8
boot_gdt: .quad	0, 0x00af9b000000ffff
boot_gdtr: .word 15
	.long	boot_gdt
	.code64
3:	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	call	main
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
4:	hlt
	jmp	4b

	.globl load_tables
/* void load_tables(void): GDT, IDT, LDT, TR and segments. */
load_tables:
	lgdt	gdtr
	lidt	idtr
	movw	$0x10, %ax
	movw	%ax, %ss
	movw	%ax, %ds
	movw	%ax, %es
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	movw	$0x60, %ax
	ltr	%ax
	ret

	.globl run
/* int run(void (*test)(void)): calls test at CPL 0; a trap comes back here through recover. */
run:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	movq	%rsp, saved_rsp
	movq	%rdi, %r15
	movq	$0x1111111111111111, %rax
	movq	$0x2222222222222222, %rcx
	movq	$0x3333333333333333, %rdx
	movq	$0x4444444444444444, %rbx
	movq	$0x5555, %rbp
	movq	$0x6666666666666666, %rsi
	movq	$0x7777777777777777, %rdi
	movq	$0x8888888888888888, %r8
	call	*%r15
	xorl	%eax, %eax
	jmp	1f

	.globl recover
/* void recover(void): back to the caller of run, with 1. */
recover:
	movl	$1, %eax
1:	movw	$0x10, %cx
	movw	%cx, %ss
	movq	saved_rsp, %rsp
	pushq	$2
	popfq
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.globl user
/* As a tail: the code at rax runs at CPL 3 with IOPL 0, and ends by int $0x81. */
user:
	addq	$0x40800000, %rax		/* where the user may see it */
	pushq	$0x3b
	pushq	$user_stack_top + 0x40800000
	pushq	$2
	pushq	$0x33
	push	%rax
	iretq

/* One stub for each vector, 16 bytes apart. */
	.globl	vectors
	.balign	16
vectors:
	.set	v, 0
	.rept	256
	.balign	16
	.if	(v == 8) || (v >= 10 && v <= 14) || (v == 17) || (v == 21)
	.else
	pushq	$0
	.endif
	pushq	$v
	jmp	common
	.set	v, v + 1
	.endr
common:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r11
	movq	%rsp, %rdi
	cld
	call	trap
	jmp	recover

	.globl syscall_entry
syscall_entry:
	movq	%rcx, out
	movq	%r11, out + 8
	movl	%cs, %eax
	movl	%eax, out + 16
	movl	%ss, %eax
	movl	%eax, out + 20
	pushfq
	popq	out + 24
	movq	%rsp, out + 32
	sysretq

	.data
	.globl	saved_rsp
saved_rsp: .quad 0
	.bss
	.balign	4096
	.globl	pml4, pdpt, pages_2m
pml4:	.skip	4096
pdpt:	.skip	4096
pages_2m: .skip	4096
	.skip	16384
stack_top:
	.globl	trap_stack_top, user_stack_top, ist_stack_top
	.skip	8192
trap_stack_top:
	.skip	8192
ist_stack_top:
	.balign	4096
	.globl	user_page
user_page:
	.skip	4096
user_stack_top:
