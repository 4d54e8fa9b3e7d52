# A ROM of 64 KiB that executes where code segments have bases: in real mode at F000 and, copied, at 1000; in a 32-bit segment with
# base 0xf0000, with data at 0x30000; and in virtual-8086 mode at 1000. It ends with port 0xf4.
	.code16
	.text
	.globl _start
_start:	cli
	xor %ax, %ax
	mov %ax, %ss
	mov $0x7000, %sp
	mov $0xf000, %ax
	mov %ax, %ds
	mov $0x1000, %ax
	mov %ax, %es
	mov $copied, %si
	xor %di, %di
	mov $copied_end - copied, %cx
	cld
1:	lodsb
	stosb
	loop 1b
	.globl calls
calls:	lcall $0x1000, $0
	mov $0xf000, %ax
	mov %ax, %ds
	lgdtl gdtr
	mov %cr0, %eax
	or $1, %al
	mov %eax, %cr0
	ljmpl $8, $protected

	.code32
	.globl protected
protected:
	mov $0x10, %eax
	mov %eax, %ds
	mov $0x18, %eax			# flat
	mov %eax, %ss
	mov %eax, %es
	mov $0x7000, %esp
	movl $3, 0x20			# at 0x30020
	.globl again
again:	call inner
	decl 0x20
	jnz again
	movl $0x6000, %es:0x5004	# the stack of a fault: esp0 and ss0 of the TSS at 0x5000
	movw $0x18, %es:0x5008
	movw $0x68, %es:0x5066
	mov $0x20, %eax
	ltr %ax
	movl $0x80000 + back, %es:0x4068	# gate 13 of the table at 0x4000
	movl $0x8e00, %es:0x406c
	lidt %cs:idtr
	pushl $0			# gs, fs, ds, es
	pushl $0
	pushl $0x2000
	pushl $0
	pushl $0			# ss:esp
	pushl $0x6800
	pushl $0x20002			# VM
	pushl $0x1000
	pushl $virtual - copied
	iretl
	.globl back
back:	mov $0x15, %al
	out %al, $0xf4
1:	hlt
	jmp 1b
	.globl inner
inner:	nop
	ret

	.code16
copied:	mov $0x2000, %bx
	mov %bx, %ds
	.globl store
store:	movw $0x55aa, 0x10		# at 0x20010
	call near
	.globl load
load:	mov 0x10, %cx
	lret
	.globl near
near:	nop
	ret
	.globl virtual
virtual: movw $0x1234, 0x12		# at 0x20012
	.globl hlt
hlt:	hlt				# not allowed here
copied_end:

	.balign 8
gdt:	.quad 0, 0x00409a0f0000ffff, 0x004092030000ffff, 0x00cf92000000ffff, 0x0000890050000067
gdtr:	.word gdtr - gdt - 1
	.long 0xf0000 + gdt
idtr:	.word 0x7ff
	.long 0x4000
	.org 0xfff0, 0xff
	ljmp $0xf000, $_start
	.org 0x10000, 0xff
