/*
 * The entry of the monitor and its way into user code and back. All linear addresses of CPL 0 are physical ones plus KERNEL, as in the
 * machine of native_test.go, whose tables (GDT, IDT, TSS, LDT, page directory) are in memory already.
 */
	.set	KERNEL, 0x7f000000
	.set	PAGE_DIR, 0x1000
	.set	GDT, 0x5000
	.set	IDT, 0x6000
	.set	TSS_BUSY, 2

	.text
	.globl	_start
_start:
	jmp	start
	.org	16				/* the stubs of the IDT come here */
	jmp	collect
start:
	mov	$0x10 | 0x200 | 0x400, %eax	/* PSE, OSFXSR, OSXMMEXCPT */
	mov	%eax, %cr4
	movl	$0x83, PAGE_DIR			/* the first 4 MiB where they are, until the jump */
	mov	$PAGE_DIR, %eax
	mov	%eax, %cr3
	mov	$0x80050033, %eax		/* PG, AM, WP, NE, ET, MP, PE */
	mov	%eax, %cr0
	mov	$high, %eax
	jmp	*%eax
high:	movl	$0, KERNEL + PAGE_DIR
	mov	%cr3, %eax
	mov	%eax, %cr3
	lgdt	gdtr
	lidt	idtr
	ljmp	$0x08, $1f
1:	mov	$0x18, %eax
	mov	%eax, %ss
	mov	%eax, %ds
	mov	%eax, %es
	movl	$0x0000ffff, KERNEL + GDT + 0x10	/* a flat data segment but for its base; see enter */
	movl	$0x00cf9300, KERNEL + GDT + 0x14
	andb	$~TSS_BUSY, KERNEL + GDT + 0x30 + 5	/* LTR wants one that is not busy, and makes it so */
	mov	$0x30, %eax
	ltr	%ax
	mov	$0x38, %eax
	lldt	%ax
	mov	$0xff, %al			/* no interrupts */
	out	%al, $0x21
	out	%al, $0xa1
	mov	$stack_top, %esp
	call	run_all
	mov	$0x8a00, %edx			/* to the debugger's prompt: port 8A00 and the word 8AE0, once enabled */
	mov	$0x8a00, %eax
	out	%ax, %dx
	mov	$0x8ae0, %eax
	out	%ax, %dx
2:	hlt
	jmp	2b

/* void enter(const uint32_t regs[8], const uint32_t segs[6], const uint32_t frame[5], const uint8_t fx[512]) */
	.globl	enter
enter:
	pushal
	mov	%esp, monitor_esp
	mov	36(%esp), %ebx
	mov	40(%esp), %ecx
	mov	44(%esp), %esi
	mov	48(%esp), %eax
	fxrstor	(%eax)
	/*
	 * IRET to a 16-bit stack leaves the upper half of ESP alone, so the frame is on a stack whose pointer has it already: the entry at
	 * 0x10 of the GDT is for a segment with the base that this takes.
	 */
	movzwl	12(%esi), %edx
	xorl	12(%esi), %edx			/* the upper half that the user's ESP has */
	movzwl	%si, %eax
	or	%edx, %eax			/* the new ESP */
	mov	%esi, %edx
	sub	%eax, %edx			/* the base: SS:ESP is the frame */
	mov	%dx, KERNEL + GDT + 0x10 + 2
	shr	$16, %edx
	mov	%dl, KERNEL + GDT + 0x10 + 4
	mov	%dh, KERNEL + GDT + 0x10 + 7
	movl	%eax, new_stack
	mov	0(%ecx), %es
	mov	16(%ecx), %fs
	mov	20(%ecx), %gs
	mov	12(%ecx), %ax
	mov	%ax, in_ds
	mov	20(%ebx), %ebp
	mov	24(%ebx), %esi
	mov	28(%ebx), %edi
	mov	8(%ebx), %edx
	mov	4(%ebx), %ecx
	mov	0(%ebx), %eax
	mov	12(%ebx), %ebx
	lss	new_stack, %esp
	movw	%cs:in_ds, %ds
	iret

/* Each stub of the IDT has pushed its vector; EIP, CS, EFLAGS, ESP and SS, and an error code for some, are behind it. */
	.globl	collect
collect:
	pushal
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	fxsave	fx_out
	cld
	push	%esp
	call	collected
	mov	monitor_esp, %esp
	popal
	ret

	.data
gdtr:	.word	0x3f
	.long	KERNEL + GDT
idtr:	.word	0x7ff
	.long	KERNEL + IDT
new_stack:				/* for LSS */
	.long	0
	.word	0x10
in_ds:	.word	0
	.bss
	.globl	monitor_esp
monitor_esp:
	.space	4
	.balign	16
	.globl	fx_out
fx_out:	.space	512
stack:	.space	4096
stack_top:
