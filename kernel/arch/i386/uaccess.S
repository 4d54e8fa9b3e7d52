/* SPDX-License-Identifier: MIT */
/*
 * Copies to and from user addresses. Every access that may fault has an entry
 * in __ex_table: { address, where to go on }. Words first, then the last 0-3
 * bytes; a fault among the words goes on by bytes, so that what lies before
 * the bad one is still done: what is reported as left over is exact.
 *
 * CR0.WP makes kernel writes fault on copy-on-write pages as user writes do.
 */
#include <asm/entry-macros.h>

	.text

	/* n bytes by "rep movs" or "rep stos"; ecx = what was left of them. */
	.macro	user_string op:req, n:req
	movl	\n, %ecx
	shrl	$2, %ecx
	andl	$3, \n
1:	rep	\op\()l
	movl	\n, %ecx
2:	rep	\op\()b
3:
	.pushsection .text.fixup, "ax"
4:	leal	(\n, %ecx, 4), %ecx
	jmp	2b
	.popsection
	.pushsection __ex_table, "a"
	.long	1b, 4b
	.long	2b, 3b
	.popsection
	.endm

	.macro	copy_user
	.cfi_startproc
	PUSH	%edi
	.cfi_rel_offset edi, 0
	PUSH	%esi
	.cfi_rel_offset esi, 0
	movl	12(%esp), %edi			/* to */
	movl	16(%esp), %esi			/* from */
	movl	20(%esp), %edx			/* n */
	user_string movs, %edx
	movl	%ecx, %eax
	POP	%esi
	.cfi_restore esi
	POP	%edi
	.cfi_restore edi
	ret
	.cfi_endproc
	.endm

/*
 * unsigned long raw_copy_from_user(void *to, const void *from,
 *				    unsigned long n);
 */
ENTRY(raw_copy_from_user)
	copy_user
END(raw_copy_from_user)

/*
 * unsigned long raw_copy_to_user(void *to, const void *from,
 *				  unsigned long n);
 */
ENTRY(raw_copy_to_user)
	copy_user
END(raw_copy_to_user)

/* unsigned long raw_clear_user(void *to, unsigned long n); */
ENTRY(raw_clear_user)
	.cfi_startproc
	PUSH	%edi
	.cfi_rel_offset edi, 0
	movl	8(%esp), %edi			/* to */
	movl	12(%esp), %edx			/* n */
	xorl	%eax, %eax
	user_string stos, %edx
	movl	%ecx, %eax
	POP	%edi
	.cfi_restore edi
	ret
	.cfi_endproc
END(raw_clear_user)
