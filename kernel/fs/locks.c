// SPDX-License-Identifier: MIT
/*
 * File locks: record locks of a process (fcntl), record locks of an open file
 * (F_OFD_*), and flock(2), which the other two do not see. An inode's locks
 * are a list in which each owner's lie together, by address and never
 * overlapping. Who must wait looks again after every change.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define OFFSET_MAX		0x7fffffffffffffffLL
#define MAX_DEADLK_ITERATIONS	10

#define FL_POSIX	1
#define FL_FLOCK	2
#define FL_OFDLCK	1024

struct file_lock {
	struct file_lock *fl_next;	/* in inode->i_flock */
	const void *fl_owner;		/* a files_struct, or else a file */
	unsigned int fl_flags;		/* FL_* */
	s16 fl_type;			/* F_RDLCK, F_WRLCK, F_UNLCK */
	pid_t fl_pid;			/* for F_GETLK; -1: not a process's */
	loff_t fl_start, fl_end;	/* both within */
};

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

/* A process that waits for a record lock, and whose lock keeps it waiting. */
struct lock_waiter {
	struct list_head node;
	const void *owner, *blocker;
};

static LIST_HEAD(blocked_list);
static DECLARE_WAIT_QUEUE_HEAD(file_lock_wait);

static bool same_class(const struct file_lock *a, const struct file_lock *b)
{
	return !((a->fl_flags ^ b->fl_flags) & FL_FLOCK);
}

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->fl_owner == b->fl_owner && same_class(a, b);
}

static struct file_lock *find_conflict(struct inode *inode,
				       const struct file_lock *rq)
{
	struct file_lock *fl;

	for (fl = inode->i_flock; fl; fl = fl->fl_next)
		if (same_class(fl, rq) && fl->fl_owner != rq->fl_owner &&
		    (fl->fl_type == F_WRLCK || rq->fl_type == F_WRLCK) &&
		    fl->fl_start <= rq->fl_end && rq->fl_start <= fl->fl_end)
			return fl;
	return NULL;
}

static void remove_lock(struct file_lock **pos)
{
	struct file_lock *fl = *pos;

	*pos = fl->fl_next;
	kfree(fl);
}

static void insert_lock(struct inode *inode, struct file_lock *new)
{
	struct file_lock **pos = &inode->i_flock;
	bool among_own = false;

	for (; *pos; pos = &(*pos)->fl_next) {
		if (same_owner(*pos, new)) {
			among_own = true;
			if ((*pos)->fl_start > new->fl_start)
				break;
		} else if (among_own) {
			break;
		}
	}
	new->fl_next = *pos;
	*pos = new;
}

/*
 * Gives the owner what it asks for and nobody else objects to: what it held
 * in the range goes, and pieces of one type that touch become one.
 */
static int set_lock(struct inode *inode, struct file_lock *rq)
{
	struct file_lock *new = NULL, *rest, *fl, **pos = &inode->i_flock;

	if (rq->fl_type != F_UNLCK) {
		new = kmalloc(sizeof(*new), GFP_KERNEL);
		if (!new)
			return -ENOLCK;
	}
	while ((fl = *pos) != NULL) {
		bool same = fl->fl_type == rq->fl_type;

		if (!same_owner(fl, rq) || fl->fl_end < rq->fl_start - same ||
		    fl->fl_start - same > rq->fl_end) {
			pos = &fl->fl_next;
		} else if (same) {
			rq->fl_start = min(rq->fl_start, fl->fl_start);
			rq->fl_end = max(rq->fl_end, fl->fl_end);
			remove_lock(pos);
		} else if (fl->fl_start < rq->fl_start && fl->fl_end > rq->fl_end) {
			rest = kmemdup(fl, sizeof(*fl), GFP_KERNEL);
			if (!rest) {
				kfree(new);
				return -ENOLCK;
			}
			fl->fl_end = rq->fl_start - 1;
			rest->fl_start = rq->fl_end + 1;
			fl->fl_next = rest;
			pos = &rest->fl_next;
		} else if (fl->fl_start < rq->fl_start) {
			fl->fl_end = rq->fl_start - 1;
		} else if (fl->fl_end > rq->fl_end) {
			fl->fl_start = rq->fl_end + 1;
		} else {
			remove_lock(pos);
		}
	}
	if (new) {
		*new = *rq;
		insert_lock(inode, new);
	}
	wake_up_interruptible_all(&file_lock_wait);
	return 0;
}

/* -EAGAIN with the lock that is in the way. */
static int try_lock(struct inode *inode, struct file_lock *rq,
		    struct file_lock **conflict)
{
	struct file_lock unlock = *rq, *fl;

	/* flock gives the old kind of lock up before it asks for the new. */
	if (rq->fl_flags & FL_FLOCK) {
		unlock.fl_type = F_UNLCK;
		for (fl = inode->i_flock; fl; fl = fl->fl_next)
			if (same_owner(fl, rq) && fl->fl_type != rq->fl_type) {
				set_lock(inode, &unlock);
				break;
			}
	}
	*conflict = rq->fl_type == F_UNLCK ? NULL : find_conflict(inode, rq);
	return *conflict ? -EAGAIN : set_lock(inode, rq);
}

/* Does blocker wait, through whomever, for a lock of owner's? */
static bool posix_locks_deadlock(const void *owner, const void *blocker)
{
	int i;

	for (i = 0; i < MAX_DEADLK_ITERATIONS; i++) {
		const void *next = NULL;
		struct lock_waiter *w;

		list_for_each_entry(w, &blocked_list, node)
			if (w->owner == blocker)
				next = w->blocker;
		if (!next || next == owner)
			return next;
		blocker = next;
	}
	return false;
}

static int wait_for_lock(struct inode *inode, struct file_lock *rq)
{
	struct lock_waiter me = { .owner = rq->fl_owner };
	struct file_lock *conflict;
	DEFINE_WAIT(wait);
	int error;

	INIT_LIST_HEAD(&me.node);
	for (;;) {
		prepare_to_wait(&file_lock_wait, &wait, TASK_INTERRUPTIBLE);
		error = try_lock(inode, rq, &conflict);
		if (error != -EAGAIN)
			break;
		if (rq->fl_flags & FL_POSIX) {
			me.blocker = conflict->fl_owner;
			error = -EDEADLK;
			if (posix_locks_deadlock(me.owner, me.blocker))
				break;
			if (list_empty(&me.node))
				list_add(&me.node, &blocked_list);
		}
		error = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		schedule();
	}
	list_del(&me.node);
	finish_wait(&file_lock_wait, &wait);
	return error;
}

/* A close, of any descriptor (owner is the table) or of the last (the file). */
void locks_remove_owner(struct file *file, const void *owner)
{
	struct file_lock **pos = file->f_inode ? &file->f_inode->i_flock : NULL;
	bool removed = false;

	while (pos && *pos) {
		if ((*pos)->fl_owner == owner) {
			remove_lock(pos);
			removed = true;
		} else {
			pos = &(*pos)->fl_next;
		}
	}
	if (removed)
		wake_up_interruptible_all(&file_lock_wait);
}

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	struct file_lock rq = { .fl_flags = FL_FLOCK, .fl_end = OFFSET_MAX };
	struct file *file = fget(fd);
	struct file_lock *conflict;
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
	error = cmd & LOCK_NB ? try_lock(file->f_inode, &rq, &conflict) :
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
	struct file_lock *conflict;

	if ((rq->fl_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (rq->fl_type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	return wait ? wait_for_lock(file->f_inode, rq) :
		      try_lock(file->f_inode, rq, &conflict);
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
