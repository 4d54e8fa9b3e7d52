// SPDX-License-Identifier: MIT
/* stat(2) in the layouts each machine knows, statx(2), readlink(2). */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/*
 * What a call of this family is about, referenced; with an empty name and
 * AT_EMPTY_PATH that is dfd's file itself, which may be a pipe.
 */
static struct dentry *stat_dentry(int dfd, const char __user *filename, int flags)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	char c = 1;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return ERR_PTR(-EINVAL);
	if (flags & AT_EMPTY_PATH) {
		how |= LOOKUP_EMPTY;
		if (dfd >= 0 && !get_user(c, filename) && !c)
			return fd_dentry(dfd);
	}
	return user_path_at(dfd, filename, how);
}

/* The user's dev_t: minor's low byte, major, minor's rest. */
static u32 new_encode_dev(u32 dev)
{
	u32 major = MAJOR(dev), minor = MINOR(dev);

	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

/* The members that every layout has by these names. */
#define FILL_STAT(s, inode)						\
	do {								\
		memset(&(s), 0, sizeof(s));				\
		(s).st_dev = new_encode_dev((inode)->i_sb->s_dev);	\
		(s).st_ino = (inode)->i_ino;				\
		(s).st_mode = (inode)->i_mode;				\
		(s).st_nlink = (inode)->i_nlink;			\
		(s).st_uid = (inode)->i_uid;				\
		(s).st_gid = (inode)->i_gid;				\
		(s).st_rdev = new_encode_dev((inode)->i_rdev);		\
		(s).st_size = (inode)->i_size;				\
		(s).st_blksize = PAGE_SIZE;				\
		(s).st_blocks = inode_blocks(inode);			\
		(s).st_atime_sec = (inode)->i_atime.tv_sec;		\
		(s).st_atime_nsec = (inode)->i_atime.tv_nsec;		\
		(s).st_mtime_sec = (inode)->i_mtime.tv_sec;		\
		(s).st_mtime_nsec = (inode)->i_mtime.tv_nsec;		\
		(s).st_ctime_sec = (inode)->i_ctime.tv_sec;		\
		(s).st_ctime_nsec = (inode)->i_ctime.tv_nsec;		\
	} while (0)

/* Of 512 bytes. */
static u64 inode_blocks(const struct inode *inode)
{
	return (u64)inode->i_blocks_used * (PAGE_SIZE / 512);
}

static int cp_new_stat(struct dentry *found, struct stat __user *statbuf)
{
	struct dentry *dentry __free(dput) = found;
	struct stat s;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	FILL_STAT(s, dentry->d_inode);
	/* i386's size has 32 bits, the upper one for the sign. */
	if (BITS_PER_LONG == 32 && dentry->d_inode->i_size > INT_MAX)
		return -EOVERFLOW;
	return copy_to_user(statbuf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, filename,
		struct stat __user *, statbuf, int, flag)
{
	return cp_new_stat(stat_dentry(dfd, filename, flag), statbuf);
}

SYSCALL_DEFINE2(newstat, const char __user *, filename,
		struct stat __user *, statbuf)
{
	return sys_newfstatat(AT_FDCWD, filename, statbuf, 0);
}

SYSCALL_DEFINE2(newlstat, const char __user *, filename,
		struct stat __user *, statbuf)
{
	return sys_newfstatat(AT_FDCWD, filename, statbuf, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE2(newfstat, unsigned int, fd, struct stat __user *, statbuf)
{
	return cp_new_stat(fd_dentry(fd), statbuf);
}

#ifdef __i386__
static int cp_new_stat64(struct dentry *found, struct stat64 __user *statbuf)
{
	struct dentry *dentry __free(dput) = found;
	struct stat64 s;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	FILL_STAT(s, dentry->d_inode);
	s.__st_ino = s.st_ino;
	return copy_to_user(statbuf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(fstatat64, int, dfd, const char __user *, filename,
		struct stat64 __user *, statbuf, int, flag)
{
	return cp_new_stat64(stat_dentry(dfd, filename, flag), statbuf);
}

SYSCALL_DEFINE2(stat64, const char __user *, filename,
		struct stat64 __user *, statbuf)
{
	return sys_fstatat64(AT_FDCWD, filename, statbuf, 0);
}

SYSCALL_DEFINE2(lstat64, const char __user *, filename,
		struct stat64 __user *, statbuf)
{
	return sys_fstatat64(AT_FDCWD, filename, statbuf, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE2(fstat64, unsigned int, fd, struct stat64 __user *, statbuf)
{
	return cp_new_stat64(fd_dentry(fd), statbuf);
}
#endif

static struct statx_timestamp statx_time(const struct timespec64 *t)
{
	return (struct statx_timestamp){ .tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec };
}

#define AT_STATX_SYNC_TYPE	0x6000

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, filename,
		unsigned int, flags, unsigned int, mask,
		struct statx __user *, buffer)
{
	struct dentry *dentry __free(dput) = NULL;
	const struct inode *inode;
	struct statx s;

	if ((mask & STATX__RESERVED) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	dentry = stat_dentry(dfd, filename, flags & ~AT_STATX_SYNC_TYPE);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	inode = dentry->d_inode;
	memset(&s, 0, sizeof(s));
	s.stx_mask = STATX_BASIC_STATS;
	s.stx_blksize = PAGE_SIZE;
	s.stx_nlink = inode->i_nlink;
	s.stx_uid = inode->i_uid;
	s.stx_gid = inode->i_gid;
	s.stx_mode = inode->i_mode;
	s.stx_ino = inode->i_ino;
	s.stx_size = inode->i_size;
	s.stx_blocks = inode_blocks(inode);
	s.stx_atime = statx_time(&inode->i_atime);
	s.stx_mtime = statx_time(&inode->i_mtime);
	s.stx_ctime = statx_time(&inode->i_ctime);
	s.stx_rdev_major = MAJOR(inode->i_rdev);
	s.stx_rdev_minor = MINOR(inode->i_rdev);
	s.stx_dev_major = MAJOR(inode->i_sb->s_dev);
	s.stx_dev_minor = MINOR(inode->i_sb->s_dev);
	return copy_to_user(buffer, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, pathname,
		char __user *, buf, int, bufsiz)
{
	struct dentry *dentry __free(dput) = NULL;
	char *page __free(kfree) = NULL;
	int len;

	if (bufsiz <= 0)
		return -EINVAL;
	dentry = user_path_at(dfd, pathname, LOOKUP_EMPTY);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	page = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	len = vfs_readlink(dentry, page, min(bufsiz, PATH_MAX));
	return len > 0 && copy_to_user(buf, page, len) ? -EFAULT : len;
}

SYSCALL_DEFINE3(readlink, const char __user *, path, char __user *, buf,
		int, bufsiz)
{
	return sys_readlinkat(AT_FDCWD, path, buf, bufsiz);
}
