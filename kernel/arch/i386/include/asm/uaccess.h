/* SPDX-License-Identifier: MIT */
#ifndef _ASM_UACCESS_H
#define _ASM_UACCESS_H

#include <linux/types.h>

/*
 * Return how many bytes at the end were not copied (0 when all were); the
 * caller has checked the range. CR0.WP makes kernel writes fault on
 * copy-on-write pages as user writes do.
 */
unsigned long raw_copy_from_user(void *to, const void __user *from,
				 unsigned long n);
unsigned long raw_copy_to_user(void __user *to, const void *from,
			       unsigned long n);
unsigned long raw_clear_user(void __user *to, unsigned long n);

#endif
