/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#include <linux/types.h>

/* printk has no levels and no timestamps: what it gets is what is shown. */
int printk(const char *fmt, ...) __printf(1, 2);

/*
 * vsnprintf understands d u x o c s p % with flags "-0", a width (also *), and
 * lengths l ll. %p prints zero-padded hex.
 */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);

#endif
