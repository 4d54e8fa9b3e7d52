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
#include "locks.h"

#define MAX_DEADLK_ITERATIONS	10

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

struct file_lock *find_conflict(struct inode *inode, const struct file_lock *rq)
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

int try_lock(struct inode *inode, struct file_lock *rq)
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
	if (rq->fl_type != F_UNLCK && find_conflict(inode, rq))
		return -EAGAIN;
	return set_lock(inode, rq);
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

int wait_for_lock(struct inode *inode, struct file_lock *rq)
{
	struct lock_waiter me = { .owner = rq->fl_owner };
	DEFINE_WAIT(wait);
	int error;

	INIT_LIST_HEAD(&me.node);
	for (;;) {
		prepare_to_wait(&file_lock_wait, &wait, TASK_INTERRUPTIBLE);
		error = try_lock(inode, rq);
		if (error != -EAGAIN)
			break;
		if (rq->fl_flags & FL_POSIX) {
			me.blocker = find_conflict(inode, rq)->fl_owner;
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
