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

#define raw_copy_from_user	__arch_copy_from_user
#define raw_copy_to_user	__arch_copy_to_user
#define raw_clear_user		__arch_clear_user

#endif
