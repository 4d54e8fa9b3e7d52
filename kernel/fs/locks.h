/* SPDX-License-Identifier: MIT */
/* Between the rules of file locks and the calls that ask for them. */
#ifndef _FS_LOCKS_H
#define _FS_LOCKS_H

#include <linux/fs.h>

#define OFFSET_MAX		0x7fffffffffffffffLL

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

/* A lock of another owner that rq can't be held beside, or NULL. */
struct file_lock *find_conflict(struct inode *inode, const struct file_lock *rq);
/* Takes, changes or gives back rq's range; -EAGAIN when it must wait for that. */
int try_lock(struct inode *inode, struct file_lock *rq);
/* The same, and waits. */
int wait_for_lock(struct inode *inode, struct file_lock *rq);

#endif
