// SPDX-License-Identifier: MIT
/* flock(2), and fcntl(2) with its two layouts of a record lock. */
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "locks.h"

/* As user mode passes it. Both are the same on 64-bit machines. */
struct flock {
	s16 l_type, l_whence;
	long l_start, l_len;
	pid_t l_pid;
};

struct flock64 {
	s16 l_type, l_whence;
	loff_t l_start, l_len;
	pid_t l_pid;
};

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	struct file_lock rq = { .fl_flags = FL_FLOCK, .fl_end = OFFSET_MAX };
	struct file *file = fget(fd);
	long error = -EBADF;

	if (!file)
		return -EBADF;
	rq.fl_owner = file;
	switch (cmd & ~LOCK_NB) {
	case LOCK_SH:
		rq.fl_type = F_RDLCK;
		break;
	case LOCK_EX:
		rq.fl_type = F_WRLCK;
		break;
	case LOCK_UN:
		rq.fl_type = F_UNLCK;
		break;
	default:
		error = -EINVAL;
		goto out;
	}
	if (file->f_mode & FMODE_PATH)
		goto out;
	error = cmd & LOCK_NB ? try_lock(file->f_inode, &rq) :
				wait_for_lock(file->f_inode, &rq);
out:
	fput(file);
	return error;
}

/* The range in absolute, inclusive offsets. */
static int flock_to_range(struct file *file, const struct flock64 *l,
			  struct file_lock *rq)
{
	loff_t base, end;

	switch (l->l_whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->f_pos;
		break;
	case SEEK_END:
		base = file->f_inode->i_size;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, l->l_start, &rq->fl_start))
		return -EOVERFLOW;
	if (rq->fl_start < 0)
		return -EINVAL;
	rq->fl_end = OFFSET_MAX;
	if (l->l_len > 0) {
		if (l->l_len - 1 > OFFSET_MAX - rq->fl_start)
			return -EOVERFLOW;
		rq->fl_end = rq->fl_start + l->l_len - 1;
	} else if (l->l_len < 0) {
		/* Backwards from the start, which is the first byte after. */
		end = rq->fl_start;
		if (end + l->l_len < 0)
			return -EINVAL;
		rq->fl_start = end + l->l_len;
		rq->fl_end = end - 1;
	}
	return 0;
}

static int fcntl_getlk(struct file *file, struct file_lock *rq, struct flock64 *l)
{
	struct file_lock *fl;

	if (l->l_type == F_UNLCK)
		return -EINVAL;
	fl = find_conflict(file->f_inode, rq);
	if (!fl) {
		l->l_type = F_UNLCK;
		return 0;
	}
	l->l_type = fl->fl_type;
	l->l_whence = SEEK_SET;
	l->l_start = fl->fl_start;
	l->l_len = fl->fl_end == OFFSET_MAX ? 0 : fl->fl_end - fl->fl_start + 1;
	l->l_pid = fl->fl_pid;
	return 0;
}

static int fcntl_setlk(struct file *file, struct file_lock *rq, bool wait)
{
	if ((rq->fl_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (rq->fl_type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	return wait ? wait_for_lock(file->f_inode, rq) :
		      try_lock(file->f_inode, rq);
}

static int do_fcntl_lock(struct file *file, unsigned int cmd, struct flock64 *l)
{
	struct file_lock rq = {
		.fl_owner = current->files, .fl_flags = FL_POSIX,
		.fl_type = l->l_type, .fl_pid = current->tgid,
	};
	int error;

	if (l->l_type != F_RDLCK && l->l_type != F_WRLCK && l->l_type != F_UNLCK)
		return -EINVAL;
	error = flock_to_range(file, l, &rq);
	if (error)
		return error;
	if (cmd >= F_OFD_GETLK) {
		if (l->l_pid)
			return -EINVAL;
		rq.fl_owner = file;
		rq.fl_flags = FL_OFDLCK;
		rq.fl_pid = -1;
	}
	switch (cmd) {
	case F_GETLK:
	case F_GETLK64:
	case F_OFD_GETLK:
		return fcntl_getlk(file, &rq, l);
	default:
		return fcntl_setlk(file, &rq, cmd == F_SETLKW ||
				   cmd == F_SETLKW64 || cmd == F_OFD_SETLKW);
	}
}

/* F_GETLK, F_SETLK and F_SETLKW take a struct flock, the others the wide one. */
long fcntl_lock(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct flock64 l;
	struct flock l32;
	bool narrow = cmd <= F_SETLKW;
	long error;

	if (narrow) {
		if (copy_from_user(&l32, (void __user *)arg, sizeof(l32)))
			return -EFAULT;
		l = (struct flock64){ l32.l_type, l32.l_whence, l32.l_start,
				      l32.l_len, l32.l_pid };
	} else if (copy_from_user(&l, (void __user *)arg, sizeof(l))) {
		return -EFAULT;
	}
	error = do_fcntl_lock(file, cmd, &l);
	if (error || (cmd != F_GETLK && cmd != F_GETLK64 && cmd != F_OFD_GETLK))
		return error;
	if (!narrow)
		return copy_to_user((void __user *)arg, &l, sizeof(l)) ? -EFAULT : 0;
	l32 = (struct flock){ l.l_type, l.l_whence, l.l_start, l.l_len, l.l_pid };
	if (l32.l_start != l.l_start || l32.l_len != l.l_len)
		return -EOVERFLOW;
	return copy_to_user((void __user *)arg, &l32, sizeof(l32)) ? -EFAULT : 0;
}
