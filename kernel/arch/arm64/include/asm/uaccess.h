/* SPDX-License-Identifier: MIT */
#ifndef _ASM_UACCESS_H
#define _ASM_UACCESS_H

#include <linux/types.h>

/* uaccess.S; each returns the number of bytes left over. */
unsigned long __arch_copy_from_user(void *to, const void __user *from,
				    unsigned long n);
unsigned long __arch_copy_to_user(void __user *to, const void *from,
				  unsigned long n);
unsigned long __arch_clear_user(void __user *to, unsigned long n);
/* Length without the NUL, count if there is none, or -EFAULT. */
long __arch_strncpy_from_user(char *dst, const char __user *src, long count);

#endif
