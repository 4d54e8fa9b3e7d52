// SPDX-License-Identifier: MIT
/*
 * The console terminal (POSIX, chapter 11) over the board's UART: reading,
 * writing, control. There is one, and every tty device node is it.
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/tty.h>
#include <linux/uaccess.h>
#include "tty.h"

struct tty_struct console_tty = {
	.termios = {
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			   ECHOKE | IEXTEN,
		.c_cc = {
			[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127,
			[VKILL] = 21, [VEOF] = 4, [VTIME] = 0, [VMIN] = 1,
			[VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26,
			[VREPRINT] = 18, [VWERASE] = 23, [VLNEXT] = 22,
		},
	},
	.winsize = { .ws_row = 24, .ws_col = 80 },
	.read_wait = __WAIT_QUEUE_HEAD_INITIALIZER(console_tty.read_wait),
};

void console_init(void)
{
	arch_console_init();
}

static bool is_ctty(struct tty_struct *tty)
{
	return current->signal->tty == tty;
}

/* A background job must not use the terminal: it is stopped. */
static int job_control(struct tty_struct *tty, int sig)
{
	if (!is_ctty(tty) || !tty->pgrp || task_pgrp(current) == tty->pgrp)
		return 0;
	if (sigismember(&current->blocked, sig) ||
	    current->sighand->action[sig - 1].sa.sa_handler == SIG_IGN)
		return sig == SIGTTIN ? -EIO : 0;
	/* Nobody could put it in the foreground again. */
	if (is_current_pgrp_orphaned())
		return -EIO;
	kill_pgrp(task_pgrp(current), sig, 1);
	set_thread_flag(TIF_SIGPENDING);
	return -ERESTARTSYS;
}

static bool input_available(struct tty_struct *tty)
{
	unsigned int min = tty->termios.c_cc[VMIN];

	if (l_flag(tty, ICANON))
		return tty->canon != tty->tail;
	return tty->head - tty->tail >= (min ? min : 1);
}

/* Waits as VMIN and VTIME say: 1 when there is input, 0 at the time's end. */
static int wait_for_input(struct tty_struct *tty, bool nonblock)
{
	bool timed = !l_flag(tty, ICANON) && tty->termios.c_cc[VTIME];
	bool minimum = l_flag(tty, ICANON) || tty->termios.c_cc[VMIN];
	ktime_t expires;
	DEFINE_WAIT(wait);
	int ret = 1;

	expires = ktime_get() + tty->termios.c_cc[VTIME] * 100 * NSEC_PER_MSEC;
	while (!input_available(tty)) {
		if (nonblock) {
			ret = -EAGAIN;
			break;
		}
		if (!minimum && !timed)
			return 0;
		prepare_to_wait(&tty->read_wait, &wait, TASK_INTERRUPTIBLE);
		if (input_available(tty))
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (timed && (!minimum || tty->head != tty->tail)) {
			if (schedule_hrtimeout(&expires) == 0) {
				ret = tty->head != tty->tail;
				break;
			}
		} else {
			schedule();
		}
	}
	finish_wait(&tty->read_wait, &wait);
	return ret;
}

static ssize_t tty_read(struct file *file, char __user *buf, size_t count,
			loff_t *pos)
{
	struct tty_struct *tty = &console_tty;
	bool canon = l_flag(tty, ICANON);
	size_t n = 0;
	int ret;

	ret = job_control(tty, SIGTTIN);
	if (ret)
		return ret;
	if (!count)
		return 0;
	ret = wait_for_input(tty, file->f_flags & O_NONBLOCK);
	if (ret <= 0)
		return ret;
	while (n < count && tty->tail != (canon ? tty->canon : tty->head)) {
		u8 c = tty->buf[tty->tail % TTY_BUF];

		if (is_eof(tty, tty->tail)) {
			/* After text it only ends the line. */
			tty->tail++;
			break;
		}
		if (put_user(c, buf + n))
			return n ? (ssize_t)n : -EFAULT;
		tty->tail++;
		n++;
		if (canon && (c == '\n' || is_cc(tty, VEOL, c) ||
			      is_cc(tty, VEOL2, c)))
			break;
		/* An end of file right after belongs to this line. */
		if (canon && n == count && tty->tail != tty->canon &&
		    is_eof(tty, tty->tail))
			tty->tail++;
	}
	return n;
}

static ssize_t tty_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	struct tty_struct *tty = &console_tty;
	char chunk[128];
	size_t done = 0;
	int ret;

	if (l_flag(tty, TOSTOP)) {
		ret = job_control(tty, SIGTTOU);
		if (ret)
			return ret;
	}
	while (done < count) {
		size_t n = min(count - done, sizeof(chunk));
		unsigned long flags;

		if (copy_from_user(chunk, buf + done, n))
			return done ? (ssize_t)done : -EFAULT;
		local_irq_save(flags);
		for (size_t i = 0; i < n; i++)
			tty_put(tty, chunk[i]);
		local_irq_restore(flags);
		done += n;
		if (signal_pending(current) && done < count)
			break;
		cond_resched();
	}
	return done;
}

static unsigned int tty_poll(struct file *file, poll_table *pt)
{
	struct tty_struct *tty = &console_tty;
	unsigned int mask = POLLOUT | POLLWRNORM;

	poll_wait(file, &tty->read_wait, pt);
	if (input_available(tty))
		mask |= POLLIN | POLLRDNORM;
	return mask;
}

/* A session leader that has none gets it as its controlling terminal. */
static void set_ctty(struct tty_struct *tty)
{
	put_pid(tty->session);
	put_pid(tty->pgrp);
	tty->session = get_pid(task_session(current));
	tty->pgrp = get_pid(task_pgrp(current));
	current->signal->tty = tty;
}

static void clear_ctty(struct tty_struct *tty)
{
	struct pid *session = tty->session;
	struct task_struct *p;

	do_each_pid_task(session, PIDTYPE_SID, p) {
		p->signal->tty = NULL;
	} while_each_pid_task(session, PIDTYPE_SID, p);
	put_pid(tty->session);
	put_pid(tty->pgrp);
	tty->session = NULL;
	tty->pgrp = NULL;
}

/* The foreground group of a session that ends is hung up. */
void disassociate_ctty(struct task_struct *leader)
{
	struct tty_struct *tty = leader->signal->tty;

	if (!tty || tty->session != task_session(leader))
		return;
	if (tty->pgrp) {
		kill_pgrp(tty->pgrp, SIGHUP, 1);
		kill_pgrp(tty->pgrp, SIGCONT, 1);
	}
	clear_ctty(tty);
}

static int tty_open(struct inode *inode, struct file *file)
{
	struct tty_struct *tty = &console_tty;

	/* /dev/tty is for those who have one. */
	if (inode->i_rdev == MKDEV(5, 0))
		return current->signal->tty ? 0 : -ENXIO;
	/* /dev/console never becomes the controlling terminal by open. */
	if (inode->i_rdev != MKDEV(5, 1) && !(file->f_flags & O_NOCTTY) &&
	    current->signal->leader && !current->signal->tty && !tty->session)
		set_ctty(tty);
	return 0;
}

static long set_termios(struct tty_struct *tty, unsigned int cmd,
			unsigned long arg)
{
	struct termios new;
	bool was_canon = l_flag(tty, ICANON);
	unsigned long flags;
	int ret = job_control(tty, SIGTTOU);

	if (ret)
		return ret;
	if (copy_from_user(&new, (void __user *)arg, sizeof(new)))
		return -EFAULT;
	local_irq_save(flags);
	if (cmd == TCSETSF)
		flush_input(tty);
	tty->termios = new;
	/* What was typed so far becomes readable as it is. */
	if (was_canon && !l_flag(tty, ICANON) && tty->head != tty->tail)
		line_done(tty);
	local_irq_restore(flags);
	return 0;
}

static long set_pgrp(struct tty_struct *tty, int __user *arg)
{
	struct task_struct *p;
	struct pid *pgrp;
	int nr, ret;

	if (!is_ctty(tty) || tty->session != task_session(current))
		return -ENOTTY;
	ret = job_control(tty, SIGTTOU);
	if (ret)
		return ret;
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	pgrp = find_pid(nr);
	p = pid_task(pgrp, PIDTYPE_PGID);
	if (!p)
		return -ESRCH;
	if (task_session(p) != task_session(current))
		return -EPERM;
	get_pid(pgrp);
	put_pid(tty->pgrp);
	tty->pgrp = pgrp;
	return 0;
}

static long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty_struct *tty = &console_tty;
	void __user *p = (void __user *)arg;
	unsigned long flags;

	switch (cmd) {
	case TCGETS:
		return copy_to_user(p, &tty->termios, sizeof(tty->termios)) ?
		       -EFAULT : 0;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(tty, cmd, arg);
	case TCSBRK:
	case TCXONC:
		return 0;
	case TCFLSH:
		if (arg > 2)
			return -EINVAL;
		if (arg != 1) {
			local_irq_save(flags);
			flush_input(tty);
			local_irq_restore(flags);
		}
		return 0;
	case TIOCGWINSZ:
		return copy_to_user(p, &tty->winsize, sizeof(tty->winsize)) ?
		       -EFAULT : 0;
	case TIOCSWINSZ:
		if (copy_from_user(&tty->winsize, p, sizeof(tty->winsize)))
			return -EFAULT;
		if (tty->pgrp)
			kill_pgrp(tty->pgrp, SIGWINCH, 1);
		return 0;
	case TIOCOUTQ:
		return put_user(0, (int __user *)arg);
	case FIONREAD:
		return put_user((int)((l_flag(tty, ICANON) ? tty->canon :
				       tty->head) - tty->tail),
				(int __user *)arg);
	case TIOCSCTTY:
		if (is_ctty(tty) && tty->session == task_session(current))
			return 0;
		if (!current->signal->leader || current->signal->tty)
			return -EPERM;
		if (tty->session) {
			if (arg != 1 || current->euid)
				return -EPERM;
			clear_ctty(tty);
		}
		set_ctty(tty);
		return 0;
	case TIOCNOTTY:
		if (!is_ctty(tty))
			return -ENOTTY;
		if (current->signal->leader)
			disassociate_ctty(current);
		current->signal->tty = NULL;
		return 0;
	case TIOCGPGRP:
		if (!is_ctty(tty))
			return -ENOTTY;
		return put_user(pid_vnr(tty->pgrp), (int __user *)arg);
	case TIOCSPGRP:
		return set_pgrp(tty, (int __user *)arg);
	case TIOCGSID:
		if (!is_ctty(tty))
			return -ENOTTY;
		return put_user(pid_vnr(tty->session), (int __user *)arg);
	}
	return -ENOTTY;
}

const struct file_operations tty_fops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.unlocked_ioctl = tty_ioctl,
	.open = tty_open,
};
