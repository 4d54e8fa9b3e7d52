/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#include <linux/types.h>

/* printk has no levels and no timestamps: what it gets is what is shown. */
int printk(const char *fmt, ...) __printf(1, 2);
int vprintk(const char *fmt, va_list args);

/*
 * vsnprintf understands d i u x X o c s p % with flags "-0+ #", width,
 * precision (also *), and lengths hh h l ll z t. %p prints zero-padded hex.
 */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);

#endif
