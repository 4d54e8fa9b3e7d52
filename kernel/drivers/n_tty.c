// SPDX-License-Identifier: MIT
/* The terminal's line discipline: editing, echo, signals, output processing. */
#include <linux/arch.h>
#include <linux/tty.h>
#include "tty.h"

static void put_byte(struct tty_struct *tty, u8 c)
{
	if (c == '\n' || c == '\r')
		tty->column = 0;
	else if (c == '\b')
		tty->column -= tty->column > 0;
	else if (c == '\t')
		tty->column = (tty->column | 7) + 1;
	else if (c >= ' ' && c != 127 && (c & 0xc0) != 0x80)
		tty->column++;
	arch_console_putc(c);
}

/* Output processing. */
void tty_put(struct tty_struct *tty, u8 c)
{
	u32 oflag = tty->termios.c_oflag;

	if (oflag & OPOST) {
		if (c == '\n' && (oflag & ONLCR))
			put_byte(tty, '\r');
		else if (c == '\r' && (oflag & OCRNL))
			c = '\n';
	}
	put_byte(tty, c);
}

static bool is_control(u8 c)
{
	return (c < ' ' && c != '\t' && c != '\n') || c == 127;
}

static void echo_char(struct tty_struct *tty, u8 c)
{
	if (!l_flag(tty, ECHO))
		return;
	if (l_flag(tty, ECHOCTL) && is_control(c)) {
		tty_put(tty, '^');
		tty_put(tty, c ^ 0x40);
	} else {
		tty_put(tty, c);
	}
}

bool is_eof(struct tty_struct *tty, unsigned int i)
{
	i %= TTY_BUF;
	return tty->eof[i / 8] & (1 << i % 8);
}

static void set_eof(struct tty_struct *tty, unsigned int i, bool on)
{
	i %= TTY_BUF;
	if (on)
		tty->eof[i / 8] |= 1 << i % 8;
	else
		tty->eof[i / 8] &= ~(1 << i % 8);
}

static void store(struct tty_struct *tty, u8 c, bool eof)
{
	/* One place is kept for the end of the line. */
	unsigned int room = TTY_BUF - (tty->head - tty->tail);

	if (!room || (room == 1 && c != '\n' && !eof))
		return;
	tty->buf[tty->head % TTY_BUF] = c;
	set_eof(tty, tty->head, eof);
	tty->head++;
}

void line_done(struct tty_struct *tty)
{
	tty->canon = tty->head;
	wake_up_interruptible_all(&tty->read_wait);
}

/* Columns that the line being edited takes up to head. */
static unsigned int width_of(struct tty_struct *tty, u8 c)
{
	if (is_control(c))
		return l_flag(tty, ECHOCTL) ? 2 : 0;
	return (c & 0xc0) == 0x80 ? 0 : 1;
}

static void erase_one(struct tty_struct *tty)
{
	unsigned int n;
	u8 c;

	/* A character may be several bytes of UTF-8. */
	do {
		c = tty->buf[--tty->head % TTY_BUF];
	} while ((c & 0xc0) == 0x80 && tty->head != tty->canon);
	if (!l_flag(tty, ECHO) || !l_flag(tty, ECHOE))
		return;
	for (n = width_of(tty, c); n; n--) {
		put_byte(tty, '\b');
		put_byte(tty, ' ');
		put_byte(tty, '\b');
	}
}

static void erase(struct tty_struct *tty, u8 c)
{
	bool seen_word = false;

	if (is_cc(tty, VERASE, c)) {
		if (tty->head != tty->canon)
			erase_one(tty);
		return;
	}
	while (tty->head != tty->canon) {
		if (is_cc(tty, VWERASE, c)) {
			u8 last = tty->buf[(tty->head - 1) % TTY_BUF];
			bool blank = last == ' ' || last == '\t';

			if (blank && seen_word)
				break;
			seen_word |= !blank;
		}
		erase_one(tty);
	}
}

void flush_input(struct tty_struct *tty)
{
	tty->head = tty->canon = tty->tail;
}

static void isig(struct tty_struct *tty, int sig, u8 c)
{
	if (!l_flag(tty, NOFLSH))
		flush_input(tty);
	echo_char(tty, c);
	if (tty->pgrp)
		kill_pgrp(tty->pgrp, sig, 1);
}

static bool signal_char(struct tty_struct *tty, u8 c)
{
	if (!l_flag(tty, ISIG))
		return false;
	if (is_cc(tty, VINTR, c))
		isig(tty, SIGINT, c);
	else if (is_cc(tty, VQUIT, c))
		isig(tty, SIGQUIT, c);
	else if (is_cc(tty, VSUSP, c))
		isig(tty, SIGTSTP, c);
	else
		return false;
	return true;
}

/* Input processing, in the UART's interrupt. */
__visible void tty_receive_char(unsigned char c)
{
	struct tty_struct *tty = &console_tty;
	u32 iflag = tty->termios.c_iflag;

	if (iflag & ISTRIP)
		c &= 0x7f;
	if (tty->lnext) {
		tty->lnext = false;
		echo_char(tty, c);
		store(tty, c, false);
		goto stored;
	}
	if (c == '\r') {
		if (iflag & IGNCR)
			return;
		if (iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && (iflag & INLCR)) {
		c = '\r';
	}
	if (signal_char(tty, c))
		return;
	/* Output is never held back: there is no queue to fill. */
	if ((iflag & IXON) && (is_cc(tty, VSTART, c) || is_cc(tty, VSTOP, c)))
		return;
	if (!l_flag(tty, ICANON)) {
		echo_char(tty, c);
		store(tty, c, false);
		goto stored;
	}
	if (is_cc(tty, VERASE, c) || is_cc(tty, VKILL, c) ||
	    (l_flag(tty, IEXTEN) && is_cc(tty, VWERASE, c))) {
		erase(tty, c);
		return;
	}
	if (l_flag(tty, IEXTEN) && is_cc(tty, VLNEXT, c)) {
		tty->lnext = true;
		return;
	}
	if (is_cc(tty, VEOF, c)) {
		store(tty, 0, true);
		line_done(tty);
		return;
	}
	if (c == '\n' && l_flag(tty, ECHONL) && !l_flag(tty, ECHO))
		tty_put(tty, c);
	echo_char(tty, c);
	store(tty, c, false);
	if (c == '\n' || is_cc(tty, VEOL, c) || is_cc(tty, VEOL2, c))
		line_done(tty);
	return;

stored:
	if (!l_flag(tty, ICANON))
		line_done(tty);
}
