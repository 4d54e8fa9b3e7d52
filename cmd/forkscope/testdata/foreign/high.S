/*
 * A kernel that is linked high, and calls early twice: where it is loaded, before its page tables are in use, and where it is
 * linked. Then it maps other code where it is loaded, and calls that.
 */
	.text
#ifdef __aarch64__
	.globl _start
_start:	adr x1, counter
	mov w2, #5
	str w2, [x1]
	bl early
	adr x0, table			/* level 1: 1 GiB at 0x40000000, low and high */
	mov x2, #0x40000000
	add x2, x2, #0x701
	str x2, [x0, #8]
	msr ttbr0_el1, x0
	msr ttbr1_el1, x0
	ldr x2, =0x80190019		/* 39 bits of address, 4 KiB pages */
	msr tcr_el1, x2
	mov x2, #0xff
	msr mair_el1, x2
	isb
	mrs x2, sctlr_el1
	orr x2, x2, #1
	msr sctlr_el1, x2
	isb
	ldr x3, =upstairs
	br x3
upstairs:
	ldr x1, =counter
	ldr w2, [x1]
	add w2, w2, #1
	str w2, [x1]
	bl early
	adr x0, other_table		/* level 1 for low addresses, and level 2: 2 MiB there are those at 0x40400000 */
	ldr x2, =other_table_2 - OFFSET + 3
	str x2, [x0, #8]
	ldr x2, =0x40400701
	adr x1, other_table_2
	str x2, [x1]
	ldr x2, =other_table - OFFSET
	msr ttbr0_el1, x2
	ldr x2, =early + 0x400000
	ldr w3, =0xd65f03c0		/* ret */
	str w3, [x2]
	dsb sy
	tlbi vmalle1
	ic iallu
	dsb sy
	isb
	ldr x2, =early - OFFSET
	blr x2
	mov x1, #0
	ldr x0, =0x84000008		/* PSCI SYSTEM_OFF */
	hvc #0
1:	wfi
	b 1b
	.globl early
early:	nop
	ret
	.ltorg
	.balign 4096
table:	.skip 4096
other_table: .skip 4096
other_table_2: .skip 4096
#else
	.align 4
	.long 0x1badb002, 0, -0x1badb002
	.globl _start
_start:	mov $stack - OFFSET, %esp
	movl $5, counter - OFFSET
	call early
	mov $table - OFFSET, %eax	/* 4 MiB, low and high */
	movl $0x83, (%eax)
	movl $0x83, 0xc00(%eax)
	mov %eax, %cr3
	mov %cr4, %eax
	or $0x10, %eax
	mov %eax, %cr4
	mov %cr0, %eax
	or $0x80000000, %eax
	mov %eax, %cr0
	mov $upstairs, %eax
	jmp *%eax
upstairs:
	mov $stack, %esp
	incl counter
	call early
	movl $0x400083, table		/* low addresses are those at 4 MiB */
	mov %cr3, %eax
	mov %eax, %cr3
	movb $0xc3, early - OFFSET	/* ret */
	mov $early - OFFSET, %eax
	call *%eax
	mov $0, %al
	out %al, $0xf4
1:	hlt
	jmp 1b
	.globl early
early:	nop
	ret
	.skip 64
stack:	.balign 4096
table:	.skip 4096
#endif
	.globl counter
	.balign 8
counter: .long 0
