# A multiboot kernel that prints bytes of every kind on COM1 and on port 0xe9, and ends with port 0xf4.
	.text
	.align 4
	.long 0x1badb002, 0, -0x1badb002
	.globl _start
_start:	mov $serial, %esi
	mov $0x3f8, %dx
	mov $serial_end - serial, %ecx
	rep outsb
	mov $debug, %esi
	mov $0xe9, %dx
	mov $debug_end - debug, %ecx
	rep outsb
	in $0xe9, %al			# reads as 0xe9, which is printed
	out %al, $0xe9
	mov $0x15, %al
	out %al, $0xf4
1:	hlt
	jmp 1b
serial:	.ascii "first line\r\n"
	.byte 0, 1, 0x7f, 0x80, 0xff, 0x1b
	.ascii "no newline"
serial_end:
debug:	.ascii "port e9\n"
debug_end:
