/* The guest of i386.S in a file for x86-64, which is started in 32-bit mode as well, by the entry point in its note (PVH). */
	.code32
	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start
#include "i386.S"
