/* SPDX-License-Identifier: MIT */
/*
 * One CPU and interrupts off: a plain read, change and write is atomic for
 * user mode too, and its exclusive monitor is cleared by the exception return.
 */
#ifndef _ASM_FUTEX_H
#define _ASM_FUTEX_H

#include <linux/uaccess.h>
#include <linux/irqflags.h>

#endif
