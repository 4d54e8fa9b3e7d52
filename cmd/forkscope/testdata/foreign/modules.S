# A multiboot kernel that ends with the number of its modules, by port 0xf4.
	.text
	.align 4
	.long 0x1badb002, 0, -0x1badb002
	.globl _start
_start:	xor %eax, %eax
	testl $8, (%ebx)		# flags: mods_count is valid
	jz 1f
	mov 20(%ebx), %eax
1:	out %al, $0xf4
	hlt
