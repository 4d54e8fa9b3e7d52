/* SPDX-License-Identifier: MIT */
/* Between tty.c and n_tty.c. */
#ifndef _DRIVERS_TTY_H
#define _DRIVERS_TTY_H

#include <linux/sched.h>
#include <linux/termios.h>

#define TTY_BUF		4096		/* a power of two */

struct tty_struct {
	struct termios termios;
	struct winsize winsize;
	struct pid *session;		/* whose controlling terminal it is */
	struct pid *pgrp;		/* foreground group */
	wait_queue_head_t read_wait;

	/*
	 * Ring of received bytes, as free-running counters. A reader may take
	 * [tail, canon) in canonical mode and [tail, head) otherwise; the line
	 * being edited is [canon, head). Changed with interrupts off.
	 */
	u8 buf[TTY_BUF];
	u8 eof[TTY_BUF / 8];		/* this byte is an end of file */
	unsigned int head, canon, tail;
	unsigned int column;		/* of the cursor, for erasing tabs */
	bool lnext;			/* the next byte is literal */
};

extern struct tty_struct console_tty;

static inline bool l_flag(struct tty_struct *tty, u32 flag)
{
	return tty->termios.c_lflag & flag;
}

static inline bool is_cc(struct tty_struct *tty, int which, u8 c)
{
	return c && tty->termios.c_cc[which] == c;
}

/* n_tty.c; all but tty_put with interrupts off. */
void tty_put(struct tty_struct *tty, u8 c);
bool is_eof(struct tty_struct *tty, unsigned int i);
void line_done(struct tty_struct *tty);
void flush_input(struct tty_struct *tty);

#endif
