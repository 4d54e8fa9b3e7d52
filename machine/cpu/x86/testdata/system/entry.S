/* Entry, traps and the tests themselves; system.c drives them. Linked flat at 1 MB, with a Multiboot header for QEMU. */
	.code32
	.globl _start
_start:
	jmp	1f
	.balign	4
header:	.long	0x1badb002, 0x00010000, -(0x1badb002 + 0x00010000)
	.long	header, _start, 0, 0, _start
1:	cli
	movl	$stack_top, %esp
	call	main
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
2:	hlt
	jmp	2b

	.globl	load_tables
/* void load_tables(void): GDT, IDT, LDT, TR and flat segments. */
load_tables:
	lgdt	gdtr
	lidt	idtr
	ljmp	$8, $1f
1:	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	xorl	%eax, %eax
	movw	%ax, %fs
	movw	%ax, %gs
	movw	$0x30, %ax
	lldt	%ax
	movw	$0x28, %ax
	ltr	%ax
	ret

/* int run(void (*test)(void)): calls test at CPL 0; a trap comes back here through recover. */
	.globl	run
run:
	pushal
	movl	%esp, saved_esp
	movl	36(%esp), %eax
	movl	%eax, 1f
	movl	$0x11111111, %eax
	movl	$0x22222222, %ecx
	movl	$0x33333333, %edx
	movl	$0x44444444, %ebx
	movl	$0x55555555, %ebp
	movl	$0x66666666, %esi
	movl	$0x77777777, %edi
	call	*1f
	pushl	$2
	popfl
	movl	saved_esp, %esp
	movw	%ss:flat_ds, %ds
	movw	%ss:flat_ds, %es
	popal
	xorl	%eax, %eax
	ret
	.data
1:	.long	0
flat_ds: .word	0x10, 0
	.text

/* void recover(void): back to the caller of run, with 1. */
	.globl	recover
recover:
	movw	$0x10, %ax
	movw	%ax, %ss
	movl	saved_esp, %esp
	movw	%ax, %ds
	movw	%ax, %es
	pushl	$2
	popfl
	popal
	movl	$1, %eax
	ret

/* void user(void (*test)(void)), as a tail: test runs at CPL 3 with IOPL 0. It ends by int $0x81. */
	.globl	user
user:
	popl	%eax
	popl	%eax
user_eax:
	pushl	$0x23
	pushl	$user_stack_top
	pushl	$0x2
	pushl	$0x1b
	pushl	%eax
	movw	$0x23, %ax
	movw	%ax, %ds
	movw	%ax, %es
	xorl	%eax, %eax
	iret

	.macro	vector n
	.if	(\n == 8) || (\n >= 10 && \n <= 14) || (\n == 17)
	.else
	pushl	$0
	.endif
	pushl	$\n
	jmp	common
	.balign	16
	.endm
	.balign	16
	.globl	vectors
vectors:
	.set	n, 0
	.rept	256
	vector	n
	.set	n, n + 1
	.endr

common:
	cld
	pushal
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	pushl	%esp
	call	trap
	jmp	recover

	.bss
	.balign	4096
	.skip	4096
	.globl	stack_top
stack_top:
	.skip	4096
	.globl	trap_stack_top
trap_stack_top:
	.skip	4096
	.globl	user_stack_top
user_stack_top:
	.skip	4096
	.globl	ring1_stack_top
ring1_stack_top:
	.globl	saved_esp
saved_esp: .skip 4
