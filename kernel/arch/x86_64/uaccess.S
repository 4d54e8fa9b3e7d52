/* SPDX-License-Identifier: MIT */
/*
 * Copies to and from user addresses. Every access that may fault has an entry
 * in __ex_table: { address, where to go on }. Words first, then the last 0-7
 * bytes; a fault among the words goes on by bytes, so that what lies before
 * the bad one is still done: what is reported as left over is exact.
 *
 * CR0.WP makes kernel writes fault on copy-on-write pages as user writes do.
 */
#include <asm/entry-macros.h>

	.text

	/* rdx bytes by "rep movs" or "rep stos"; rcx = what was left of them. */
	.macro	user_string op:req
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
1:	rep	\op\()q
	movl	%edx, %ecx
2:	rep	\op\()b
3:
	.pushsection .text.fixup, "ax"
4:	leaq	(%rdx, %rcx, 8), %rcx
	jmp	2b
	.popsection
	.pushsection __ex_table, "a"
	.quad	1b, 4b
	.quad	2b, 3b
	.popsection
	.endm

	/* to in rdi, from in rsi, n in rdx */
	.macro	copy_user
	.cfi_startproc
	user_string movs
	movq	%rcx, %rax
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
	movq	%rsi, %rdx			/* n */
	xorl	%eax, %eax
	user_string stos
	movq	%rcx, %rax
	ret
	.cfi_endproc
END(raw_clear_user)
