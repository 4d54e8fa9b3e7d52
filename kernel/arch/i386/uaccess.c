// SPDX-License-Identifier: MIT
/*
 * Copies between the kernel and user memory. A fault that do_page_fault
 * can't resolve goes on at the fixup, with ecx telling what was left.
 */
#include <linux/types.h>
#include <asm/uaccess.h>

/*
 * Words first, then the last 0-3 bytes. A fault among the words goes on by
 * bytes, so that what lies before the bad one is still done.
 */
#define USER_STRING_OP(op)				\
	"	movl	%[n], %%ecx\n"			\
	"	shrl	$2, %%ecx\n"			\
	"	andl	$3, %[n]\n"			\
	"1:	rep " op "l\n"				\
	"	movl	%[n], %%ecx\n"			\
	"2:	rep " op "b\n"				\
	"3:\n"						\
	"	.pushsection .text.fixup, \"ax\"\n"	\
	"4:	leal	(%[n], %%ecx, 4), %%ecx\n"	\
	"	jmp	2b\n"				\
	"	.popsection\n"				\
	"	.pushsection __ex_table, \"a\"\n"	\
	"	.long	1b, 4b\n"			\
	"	.long	2b, 3b\n"			\
	"	.popsection\n"

static unsigned long copy_user(void *to, const void *from, unsigned long n)
{
	unsigned long left;

	__asm__ __volatile__(USER_STRING_OP("movs")
		: "=&c" (left), "+D" (to), "+S" (from), [n] "+r" (n)
		: : "memory", "cc");
	return left;
}

unsigned long raw_copy_from_user(void *to, const void __user *from,
				 unsigned long n)
{
	return copy_user(to, from, n);
}

unsigned long raw_copy_to_user(void __user *to, const void *from,
			       unsigned long n)
{
	return copy_user(to, from, n);
}

unsigned long raw_clear_user(void __user *to, unsigned long n)
{
	unsigned long left;

	__asm__ __volatile__(USER_STRING_OP("stos")
		: "=&c" (left), "+D" (to), [n] "+r" (n)
		: "a" (0) : "memory", "cc");
	return left;
}
