// SPDX-License-Identifier: MIT
/* Rights, owners and times of files: access, chmod, chown, utimensat. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

SYSCALL_DEFINE4(faccessat2, int, dfd, const char __user *, filename, int, mode,
		int, flags)
{
	uid_t fsuid = current->fsuid;
	gid_t fsgid = current->fsgid;
	unsigned int how = LOOKUP_FOLLOW;
	struct dentry *dentry __free(dput) = NULL;
	long error;

	if ((mode & ~7) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (flags & AT_SYMLINK_NOFOLLOW)
		how &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	/* The question is about the real user, not the effective one. */
	if (!(flags & AT_EACCESS)) {
		current->fsuid = current->uid;
		current->fsgid = current->gid;
	}
	dentry = user_path_at(dfd, filename, how);
	error = PTR_ERR(dentry);
	if (!IS_ERR(dentry))
		error = mode ? inode_permission(dentry->d_inode, mode) : 0;
	current->fsuid = fsuid;
	current->fsgid = fsgid;
	return error;
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, filename, int, mode)
{
	return sys_faccessat2(dfd, filename, mode, 0);
}

SYSCALL_DEFINE2(access, const char __user *, filename, int, mode)
{
	return sys_faccessat2(AT_FDCWD, filename, mode, 0);
}

static long chmod_inode(struct inode *inode, umode_t mode)
{
	if (current->fsuid && current->fsuid != inode->i_uid)
		return -EPERM;
	inode->i_mode = (inode->i_mode & S_IFMT) | (mode & S_IALLUGO);
	inode->i_ctime = current_time();
	return 0;
}

SYSCALL_DEFINE3(fchmodat, int, dfd, const char __user *, filename, umode_t, mode)
{
	struct dentry *dentry __free(dput) =
		user_path_at(dfd, filename, LOOKUP_FOLLOW);

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	return chmod_inode(dentry->d_inode, mode);
}

SYSCALL_DEFINE2(chmod, const char __user *, filename, umode_t, mode)
{
	return sys_fchmodat(AT_FDCWD, filename, mode);
}

SYSCALL_DEFINE2(fchmod, unsigned int, fd, umode_t, mode)
{
	struct file *file __free(fput) = fget(fd);

	if (!file || (file->f_mode & FMODE_PATH))
		return -EBADF;
	return chmod_inode(file->f_inode, mode);
}

/* An id of -1 stays as it is. */
static long chown_inode(struct inode *inode, uid_t user, gid_t group)
{
	if (current->fsuid &&
	    (current->fsuid != inode->i_uid ||
	     (user != (uid_t)-1 && user != inode->i_uid) ||
	     (group != (gid_t)-1 && group != inode->i_gid &&
	      !in_group_p(group))))
		return -EPERM;
	if (user != (uid_t)-1)
		inode->i_uid = user;
	if (group != (gid_t)-1)
		inode->i_gid = group;
	if (!S_ISDIR(inode->i_mode))
		inode->i_mode &= ~(S_ISUID | S_ISGID);
	inode->i_ctime = current_time();
	return 0;
}

SYSCALL_DEFINE5(fchownat, int, dfd, const char __user *, filename, uid_t, user,
		gid_t, group, int, flags)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct dentry *dentry __free(dput) = NULL;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	dentry = user_path_at(dfd, filename, how);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	return chown_inode(dentry->d_inode, user, group);
}

SYSCALL_DEFINE3(chown, const char __user *, filename, uid_t, user, gid_t, group)
{
	return sys_fchownat(AT_FDCWD, filename, user, group, 0);
}

SYSCALL_DEFINE3(lchown, const char __user *, filename, uid_t, user, gid_t, group)
{
	return sys_fchownat(AT_FDCWD, filename, user, group, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE3(fchown, unsigned int, fd, uid_t, user, gid_t, group)
{
	struct file *file __free(fput) = fget(fd);

	if (!file || (file->f_mode & FMODE_PATH))
		return -EBADF;
	return chown_inode(file->f_inode, user, group);
}

#define UTIME_NOW	((1L << 30) - 1L)
#define UTIME_OMIT	((1L << 30) - 2L)

static bool nsec_valid(s64 nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT ||
	       (nsec >= 0 && nsec < NSEC_PER_SEC);
}

static void set_time(struct timespec64 *where, const struct timespec64 *t)
{
	if (!t || t->tv_nsec == UTIME_NOW)
		*where = current_time();
	else if (t->tv_nsec != UTIME_OMIT)
		*where = *t;
}

/* times NULL means now, twice. filename NULL means dfd itself. */
static long do_utimes(int dfd, const char __user *filename,
		      const struct timespec64 *times, int flags)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct dentry *dentry __free(dput) = NULL;
	struct file *file __free(fput) = NULL;
	struct inode *inode;
	long error = 0;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (times && (!nsec_valid(times[0].tv_nsec) || !nsec_valid(times[1].tv_nsec)))
		return -EINVAL;
	if (filename || dfd == AT_FDCWD) {
		dentry = user_path_at(dfd, filename, how);
		if (IS_ERR(dentry))
			return PTR_ERR(dentry);
		inode = dentry->d_inode;
	} else {
		file = fget(dfd);
		if (!file)
			return -EBADF;
		inode = file->f_inode;
	}
	if (current->fsuid && current->fsuid != inode->i_uid)
		error = times ? -EPERM : inode_permission(inode, MAY_WRITE);
	if (error)
		return error;
	set_time(&inode->i_atime, times);
	set_time(&inode->i_mtime, times ? times + 1 : NULL);
	inode->i_ctime = current_time();
	return 0;
}

static long do_utimensat(int dfd, const char __user *filename,
			 const void __user *utimes, int flags, enum time_kind kind)
{
	size_t size = kind == TIMESPEC_64 ? sizeof(struct timespec64) :
					    sizeof(struct timespec);
	struct timespec64 t[2];

	if (utimes && (get_timespec64(&t[0], utimes, kind) ||
		       get_timespec64(&t[1], utimes + size, kind)))
		return -EFAULT;
	return do_utimes(dfd, filename, utimes ? t : NULL, flags);
}

SYSCALL_DEFINE4(utimensat, int, dfd, const char __user *, filename,
		const void __user *, utimes, int, flags)
{
	return do_utimensat(dfd, filename, utimes, flags, TIMESPEC_64);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE4(utimensat_time32, int, dfd, const char __user *, filename,
		const void __user *, utimes, int, flags)
{
	return do_utimensat(dfd, filename, utimes, flags, TIMESPEC_NATIVE);
}
#endif

/* Two seconds counts, as wide as the machine. */
SYSCALL_DEFINE2(utime, const char __user *, filename, const long __user *, times)
{
	struct timespec64 t[2] = { { 0, 0 }, { 0, 0 } };
	long sec[2];

	if (times) {
		if (copy_from_user(sec, times, sizeof(sec)))
			return -EFAULT;
		t[0].tv_sec = sec[0];
		t[1].tv_sec = sec[1];
	}
	return do_utimes(AT_FDCWD, filename, times ? t : NULL, 0);
}

SYSCALL_DEFINE3(futimesat, int, dfd, const char __user *, filename,
		const struct timeval __user *, times)
{
	struct timespec64 t[2];
	struct timeval tv[2];
	int i;

	if (times) {
		if (copy_from_user(tv, times, sizeof(tv)))
			return -EFAULT;
		for (i = 0; i < 2; i++) {
			if (tv[i].tv_usec < 0 || tv[i].tv_usec >= USEC_PER_SEC)
				return -EINVAL;
			t[i].tv_sec = tv[i].tv_sec;
			t[i].tv_nsec = tv[i].tv_usec * NSEC_PER_USEC;
		}
	}
	return do_utimes(dfd, filename, times ? t : NULL, 0);
}

SYSCALL_DEFINE2(utimes, const char __user *, filename,
		const struct timeval __user *, times)
{
	return sys_futimesat(AT_FDCWD, filename, times);
}
