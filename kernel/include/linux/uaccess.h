/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/linkage.h>
#include <asm/page.h>
#include <asm/processor.h>

/*
 * arch's uaccess.S, with a fixup in the exception table for each access. They
 * return how many bytes at the end they could not reach (0 when all went well)
 * and do not check the range.
 */
asmlinkage unsigned long raw_copy_from_user(void *to, const void __user *from,
					    unsigned long n);
asmlinkage unsigned long raw_copy_to_user(void __user *to, const void *from,
					  unsigned long n);
asmlinkage unsigned long raw_clear_user(void __user *to, unsigned long n);

static inline bool access_ok(const void __user *addr, unsigned long size)
{
	return size <= TASK_SIZE && (unsigned long)addr <= TASK_SIZE - size;
}

/* All three return the number of bytes NOT copied or cleared. */
unsigned long copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long clear_user(void __user *to, unsigned long n);

/*
 * Length of the string without its NUL; count when no NUL came within count
 * bytes (dst is then not terminated); -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long count);
/* Length including the NUL, 0 on a fault, more than n when longer than n. */
long strnlen_user(const char __user *str, long n);

/* x is assigned 0 when the read fails, as Linux does. */
#define get_user(x, ptr)						\
({									\
	__typeof__((__typeof__(*(ptr)))0) __gu_val;			\
	long __gu_err = copy_from_user(&__gu_val, (ptr),		\
				       sizeof(__gu_val)) ? -EFAULT : 0;	\
	if (__gu_err)							\
		__builtin_memset(&__gu_val, 0, sizeof(__gu_val));	\
	(x) = (__typeof__(x))__gu_val;					\
	__gu_err;							\
})

#define put_user(x, ptr)						\
({									\
	__typeof__(*(ptr)) __pu_val = (__typeof__(*(ptr)))(x);		\
	copy_to_user((ptr), &__pu_val, sizeof(__pu_val)) ? -EFAULT : 0;	\
})

#endif
