# A multiboot kernel that stops for good.
	.text
	.align 4
	.long 0x1badb002, 0, -0x1badb002
	.globl _start
_start:	cli
1:	hlt
	jmp 1b
