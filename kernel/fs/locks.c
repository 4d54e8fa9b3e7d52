// SPDX-License-Identifier: MIT
/*
 * File locks: record locks of a process (fcntl), record locks of an open file
 * (F_OFD_*), and flock(2), which the other two do not see. An inode has a list
 * of them, in which one owner's never overlap. Who must wait looks again after
 * every change of any lock.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define OFFSET_MAX		0x7fffffffffffffffLL
#define MAX_DEADLK_ITERATIONS	10

enum lock_class { FL_POSIX, FL_OFDLCK, FL_FLOCK };

struct file_lock {
	struct file_lock *fl_next;	/* in inode->i_flock */
	struct inode *fl_inode;
	const void *fl_owner;		/* a files_struct, or else a file */
	enum lock_class fl_class;
	s16 fl_type;			/* F_RDLCK, F_WRLCK, F_UNLCK */
	pid_t fl_pid;			/* for F_GETLK; -1: not a process's */
	loff_t fl_start, fl_end;	/* both within */
	struct list_head fl_block;	/* in blocked_list: what it wants to be */
};

static LIST_HEAD(blocked_list);		/* of processes' record locks only */
static DECLARE_WAIT_QUEUE_HEAD(file_lock_wait);

static bool same_owner(const struct file_lock *a, const struct file_lock *b)
{
	return a->fl_owner == b->fl_owner && a->fl_class == b->fl_class;
}

/* The first lock of another owner that rq can't be held beside, or NULL. */
static struct file_lock *find_conflict(const struct file_lock *rq)
{
	struct file_lock *fl, *first = NULL;

	for (fl = rq->fl_inode->i_flock; fl; fl = fl->fl_next)
		if ((fl->fl_class == FL_FLOCK) == (rq->fl_class == FL_FLOCK) &&
		    fl->fl_owner != rq->fl_owner &&
		    (fl->fl_type == F_WRLCK || rq->fl_type == F_WRLCK) &&
		    fl->fl_start <= rq->fl_end && rq->fl_start <= fl->fl_end &&
		    (!first || fl->fl_start < first->fl_start))
			first = fl;
	return first;
}

static void add_lock(struct file_lock *new, const struct file_lock *as)
{
	*new = *as;
	new->fl_next = new->fl_inode->i_flock;
	new->fl_inode->i_flock = new;
}

static void remove_lock(struct file_lock **pos)
{
	struct file_lock *fl = *pos;

	*pos = fl->fl_next;
	kfree(fl);
}

/*
 * Gives the owner what it asks for and nobody else objects to: what it held
 * in the range goes, and pieces of one type that touch become one.
 */
static int set_lock(struct file_lock *rq)
{
	/* Before anything changes: rq's own, and one for the end of a split. */
	struct file_lock *new = kmalloc(sizeof(*new), GFP_KERNEL);
	struct file_lock *rest = kmalloc(sizeof(*rest), GFP_KERNEL);
	struct file_lock *fl, **pos = &rq->fl_inode->i_flock;

	if (!new || !rest) {
		kfree(new);
		kfree(rest);
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
		} else if (fl->fl_start < rq->fl_start) {
			if (fl->fl_end > rq->fl_end) {
				add_lock(rest, fl);
				rest->fl_start = rq->fl_end + 1;
				rest = NULL;
			}
			fl->fl_end = rq->fl_start - 1;
		} else if (fl->fl_end > rq->fl_end) {
			fl->fl_start = rq->fl_end + 1;
		} else {
			remove_lock(pos);
		}
	}
	if (rq->fl_type != F_UNLCK)
		add_lock(new, rq);
	else
		kfree(new);
	kfree(rest);
	wake_up_interruptible_all(&file_lock_wait);
	return 0;
}

/* Does the lock's owner wait, through whomever, for one of rq's owner? */
static bool posix_locks_deadlock(const struct file_lock *rq,
				 const struct file_lock *lock)
{
	int i;

	for (i = 0; lock && i < MAX_DEADLK_ITERATIONS; i++) {
		const void *owner = lock->fl_owner;
		struct file_lock *waiter;

		if (owner == rq->fl_owner)
			return true;
		lock = NULL;
		list_for_each_entry(waiter, &blocked_list, fl_block)
			if (waiter->fl_owner == owner)
				lock = find_conflict(waiter);
	}
	return false;
}

/* Takes, changes or gives back rq's range; -EAGAIN: it must wait for that. */
static int try_lock(struct file_lock *rq)
{
	struct file_lock *fl = rq->fl_type == F_UNLCK ? NULL : find_conflict(rq);

	if (!fl)
		return set_lock(rq);
	return !list_empty(&rq->fl_block) && posix_locks_deadlock(rq, fl) ?
	       -EDEADLK : -EAGAIN;
}

static int do_lock(struct file_lock *rq, bool wait)
{
	int error, ret;

	INIT_LIST_HEAD(&rq->fl_block);
	if (!wait)
		return try_lock(rq);
	if (rq->fl_class == FL_POSIX)
		list_add(&rq->fl_block, &blocked_list);
	error = wait_event_interruptible(file_lock_wait,
					 (ret = try_lock(rq)) != -EAGAIN);
	list_del(&rq->fl_block);
	return error ? error : ret;
}

/* A close, of any descriptor (owner is the table) or of the last (the file). */
void locks_remove_owner(struct file *file, const void *owner)
{
	struct file_lock **pos = file->f_inode ? &file->f_inode->i_flock : NULL;

	if (!pos || !*pos)
		return;
	while (*pos) {
		if ((*pos)->fl_owner == owner)
			remove_lock(pos);
		else
			pos = &(*pos)->fl_next;
	}
	wake_up_interruptible_all(&file_lock_wait);
}

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	struct file *file __free(fput) = fget(fd);
	struct file_lock rq = {
		.fl_owner = file, .fl_class = FL_FLOCK, .fl_end = OFFSET_MAX,
		.fl_type = F_UNLCK,
	};
	unsigned int how = cmd & ~LOCK_NB;
	int error;

	if (!file || (file->f_mode & FMODE_PATH))
		return -EBADF;
	if (how != LOCK_SH && how != LOCK_EX && how != LOCK_UN)
		return -EINVAL;
	/* What it had is given up before anything else is asked for. */
	rq.fl_inode = file->f_inode;
	error = set_lock(&rq);
	if (error || how == LOCK_UN)
		return error;
	rq.fl_type = how == LOCK_SH ? F_RDLCK : F_WRLCK;
	return do_lock(&rq, !(cmd & LOCK_NB));
}

/* As user mode passes it; flock64 is flock on 64-bit machines. */
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

/* The range in absolute, inclusive offsets. */
static int flock_to_range(struct file *file, const struct flock64 *l,
			  struct file_lock *rq)
{
	loff_t base = 0, len = l->l_len;

	if (l->l_whence == SEEK_CUR)
		base = file->f_pos;
	else if (l->l_whence == SEEK_END)
		base = file->f_inode->i_size;
	else if (l->l_whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(base, l->l_start, &rq->fl_start) ||
	    __builtin_add_overflow(rq->fl_start, len - (len > 0), &rq->fl_end))
		return -EOVERFLOW;
	if (!len)
		rq->fl_end = OFFSET_MAX;
	if (len < 0) {
		/* Backwards from the start, which is the first byte after. */
		rq->fl_end = rq->fl_start - 1;
		rq->fl_start += len;
	}
	return rq->fl_start < 0 ? -EINVAL : 0;
}

static int fcntl_getlk(struct file_lock *rq, struct flock64 *l)
{
	struct file_lock *fl = find_conflict(rq);

	if (rq->fl_type == F_UNLCK)
		return -EINVAL;
	l->l_type = F_UNLCK;
	if (fl)
		*l = (struct flock64){
			.l_type = fl->fl_type, .l_whence = SEEK_SET,
			.l_start = fl->fl_start, .l_pid = fl->fl_pid,
			.l_len = fl->fl_end == OFFSET_MAX ? 0 :
				 fl->fl_end - fl->fl_start + 1,
		};
	return 0;
}

/* Each of the three kinds has these, in this order. */
enum lock_op { GETLK, SETLK, SETLKW };

static int do_fcntl_lock(struct file *file, enum lock_op op, bool ofd,
			 struct flock64 *l)
{
	struct file_lock rq = {
		.fl_inode = file->f_inode, .fl_type = l->l_type,
		.fl_class = ofd ? FL_OFDLCK : FL_POSIX,
		.fl_owner = ofd ? (void *)file : current->files,
		.fl_pid = ofd ? -1 : current->tgid,
	};
	int error = flock_to_range(file, l, &rq);

	if (rq.fl_type < F_RDLCK || rq.fl_type > F_UNLCK || (ofd && l->l_pid))
		error = -EINVAL;
	if (error)
		return error;
	if (op == GETLK)
		return fcntl_getlk(&rq, l);
	if ((rq.fl_type == F_RDLCK && !(file->f_mode & FMODE_READ)) ||
	    (rq.fl_type == F_WRLCK && !(file->f_mode & FMODE_WRITE)))
		return -EBADF;
	return do_lock(&rq, op == SETLKW);
}

/* F_GETLK, F_SETLK and F_SETLKW take a struct flock, the others the wide one. */
long fcntl_lock(struct file *file, unsigned int cmd, unsigned long arg)
{
	bool narrow = cmd <= F_SETLKW, ofd = cmd >= F_OFD_GETLK;
	enum lock_op op = cmd - (narrow ? F_GETLK : ofd ? F_OFD_GETLK : F_GETLK64);
	void __user *ul = (void __user *)arg;
	struct flock64 l;
	struct flock n;
	long error;

	if (narrow ? copy_from_user(&n, ul, sizeof(n)) :
		     copy_from_user(&l, ul, sizeof(l)))
		return -EFAULT;
	if (narrow)
		l = (struct flock64){ n.l_type, n.l_whence, n.l_start, n.l_len, n.l_pid };
	error = do_fcntl_lock(file, op, ofd, &l);
	if (error || op != GETLK)
		return error;
	n = (struct flock){ l.l_type, l.l_whence, l.l_start, l.l_len, l.l_pid };
	if (narrow && (n.l_start != l.l_start || n.l_len != l.l_len))
		return -EOVERFLOW;
	return (narrow ? copy_to_user(ul, &n, sizeof(n)) :
			 copy_to_user(ul, &l, sizeof(l))) ? -EFAULT : 0;
}
