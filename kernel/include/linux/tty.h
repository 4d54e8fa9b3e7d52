/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_TTY_H
#define _LINUX_TTY_H

#include <linux/types.h>

struct file_operations;
struct tty_struct;
struct task_struct;

/* The console: /dev/console, /dev/tty, /dev/ttyS0 or ttyAMA0 all open it. */
extern const struct file_operations tty_fops;

void console_init(void);
/* A byte from the UART; interrupts off. */
void tty_receive_char(unsigned char c);
/* A session leader exits. */
void disassociate_ctty(struct task_struct *leader);

#endif
