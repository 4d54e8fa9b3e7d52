/* SPDX-License-Identifier: MIT */
/*
 * Copies to and from user addresses. Every access that may fault has an entry
 * in __ex_table: { address, where to go on }. The user side goes eight bytes
 * at a time when both ends allow it, so the fixups finish byte by byte: what
 * is reported as left over is exact.
 */
#include <linux/linkage.h>

	.cfi_sections .debug_frame
	.text

	.macro	ex_entry, addr, fixup
	.pushsection __ex_table, "a"
	.balign	8
	.quad	\addr, \fixup
	.popsection
	.endm

	/* user access with its table entry: on a fault go to \fixup */
	.macro	user, fixup, insn:vararg
9999:	\insn
	ex_entry 9999b, \fixup
	.endm

/*
 * unsigned long raw_copy_from_user(void *to, const void *from,
 *				    unsigned long n);
 */
ENTRY(raw_copy_from_user)
	.cfi_startproc
	orr	x3, x0, x1
	tst	x3, #7
	b.ne	3f
1:	cmp	x2, #8
	b.lo	3f
	user	3f, ldr x4, [x1]
	str	x4, [x0], #8
	add	x1, x1, #8
	sub	x2, x2, #8
	b	1b
3:	cbz	x2, 5f
4:	user	5f, ldrb w4, [x1]
	strb	w4, [x0], #1
	add	x1, x1, #1
	sub	x2, x2, #1
	cbnz	x2, 4b
5:	mov	x0, x2
	ret
	.cfi_endproc
ENDPROC(raw_copy_from_user)

/*
 * unsigned long raw_copy_to_user(void *to, const void *from,
 *				  unsigned long n);
 */
ENTRY(raw_copy_to_user)
	.cfi_startproc
	orr	x3, x0, x1
	tst	x3, #7
	b.ne	3f
1:	cmp	x2, #8
	b.lo	3f
	ldr	x4, [x1], #8
	user	2f, str x4, [x0]
	add	x0, x0, #8
	sub	x2, x2, #8
	b	1b
2:	sub	x1, x1, #8
3:	cbz	x2, 5f
4:	ldrb	w4, [x1], #1
	user	5f, strb w4, [x0]
	add	x0, x0, #1
	sub	x2, x2, #1
	cbnz	x2, 4b
5:	mov	x0, x2
	ret
	.cfi_endproc
ENDPROC(raw_copy_to_user)

/* unsigned long raw_clear_user(void *to, unsigned long n); */
ENTRY(raw_clear_user)
	.cfi_startproc
	tst	x0, #7
	b.ne	3f
1:	cmp	x1, #8
	b.lo	3f
	user	3f, str xzr, [x0]
	add	x0, x0, #8
	sub	x1, x1, #8
	b	1b
3:	cbz	x1, 5f
4:	user	5f, strb wzr, [x0]
	add	x0, x0, #1
	sub	x1, x1, #1
	cbnz	x1, 4b
5:	mov	x0, x1
	ret
	.cfi_endproc
ENDPROC(raw_clear_user)
