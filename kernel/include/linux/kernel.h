/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/types.h>
#include <linux/linkage.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/string.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define ALIGN(x, a)		(((x) + ((typeof(x))(a) - 1)) & ~((typeof(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((typeof(x))(a) - 1))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#define min(a, b) \
	({ typeof(a) ____a = (a); typeof(b) ____b = (b); ____a < ____b ? ____a : ____b; })
#define max(a, b) \
	({ typeof(a) ____a = (a); typeof(b) ____b = (b); ____a > ____b ? ____a : ____b; })
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define swap(a, b) \
	do { typeof(a) ____t = (a); (a) = (b); (b) = ____t; } while (0)

#define INT_MAX		0x7fffffff
#define LONG_MAX	((long)(~0UL >> 1))
#define LLONG_MAX	((long long)(~0ULL >> 1))

#define BUG()								\
	panic("BUG at %s:%d in %s", __FILE__, __LINE__, __func__)
#define BUG_ON(c)							\
	do { if (unlikely(c)) BUG(); } while (0)

void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#endif
