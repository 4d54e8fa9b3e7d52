# A ROM of 64 KiB in real mode. It prints from its place below 4 GiB, then from the one below 1 MiB, tries to change itself, and
# ends with port 0xf4: 0x11, or 0x22 when a write took effect.
	.code16
	.text
	.globl _start
_start:	mov $high, %si
	mov $1f, %bp			# there is no stack yet
	jmp print
1:	ljmp $0xf000, $below
below:	mov $low, %si
	mov $1f, %bp
	jmp print
1:	mov $0xf000, %ax
	mov %ax, %ds
	mov %ax, %es
	mov $0x1000, %sp
	xor %ax, %ax
	mov %ax, %ss
	movw $0x5858, same		# a word, then a string
	mov $same, %di
	mov $0x58, %al
	mov $4, %cx
	cld
	rep stosb
	mov $0x22, %bl
	cmpb $'u', same
	jne 1f
	mov $0x11, %bl
1:	mov $same, %si
	call show
	mov %bl, %al
	out %al, $0xf4
2:	hlt
	jmp 2b
show:	pop %bp
print:	mov $0x3fd, %dx			# wait until the transmitter is empty
	in %dx, %al
	test $0x20, %al
	jz print
	cs lodsb
	test %al, %al
	jz 3f
	mov $0x3f8, %dx
	out %al, %dx
	jmp print
3:	jmp *%bp
high:	.asciz "high\n"
low:	.asciz "low\n"
same:	.asciz "unchanged\n"
	.org 0xfff0, 0xff
	jmp _start
	.org 0x10000, 0xff
