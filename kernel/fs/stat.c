// SPDX-License-Identifier: MIT
/* stat(2) in the layouts each machine knows, statx(2), statfs(2), readlink(2). */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

static int vfs_fstatat(int dfd, const char __user *filename, int flags,
		       struct kstat *stat)
{
	unsigned int how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct dentry *dentry;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		char c = 1;

		how |= LOOKUP_EMPTY;
		/* An empty name means the file itself, which may be a pipe. */
		if (dfd >= 0 && !get_user(c, filename) && !c) {
			struct file *file = fget(dfd);

			if (!file)
				return -EBADF;
			vfs_getattr(file->f_inode, stat);
			fput(file);
			return 0;
		}
	}
	dentry = user_path_at(dfd, filename, how);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	vfs_getattr(dentry->d_inode, stat);
	dput(dentry);
	return 0;
}

static int vfs_fstat(unsigned int fd, struct kstat *stat)
{
	struct file *file = fget(fd);

	if (!file)
		return -EBADF;
	vfs_getattr(file->f_inode, stat);
	fput(file);
	return 0;
}

/* The user's dev_t: minor's low byte, major, minor's rest. */
static u32 new_encode_dev(u32 dev)
{
	u32 major = MAJOR(dev), minor = MINOR(dev);

	return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

static int cp_new_stat(const struct kstat *k, struct stat __user *statbuf)
{
	struct stat s;

	memset(&s, 0, sizeof(s));
	s.st_dev = new_encode_dev(k->dev);
	s.st_ino = k->ino;
	s.st_mode = k->mode;
	s.st_nlink = k->nlink;
	s.st_uid = k->uid;
	s.st_gid = k->gid;
	s.st_rdev = new_encode_dev(k->rdev);
#ifdef __i386__
	if (k->size > 0x7fffffff)
		return -EOVERFLOW;
#endif
	s.st_size = k->size;
	s.st_blksize = k->blksize;
	s.st_blocks = k->blocks;
	s.st_atime_sec = k->atime_sec;
	s.st_atime_nsec = k->atime_nsec;
	s.st_mtime_sec = k->mtime_sec;
	s.st_mtime_nsec = k->mtime_nsec;
	s.st_ctime_sec = k->ctime_sec;
	s.st_ctime_nsec = k->ctime_nsec;
	return copy_to_user(statbuf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, filename,
		struct stat __user *, statbuf, int, flag)
{
	struct kstat k;
	int error = vfs_fstatat(dfd, filename, flag, &k);

	return error ? error : cp_new_stat(&k, statbuf);
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
	struct kstat k;
	int error = vfs_fstat(fd, &k);

	return error ? error : cp_new_stat(&k, statbuf);
}

#ifdef __i386__
static int cp_new_stat64(const struct kstat *k, struct stat64 __user *statbuf)
{
	struct stat64 s;

	memset(&s, 0, sizeof(s));
	s.st_dev = new_encode_dev(k->dev);
	s.__st_ino = k->ino;
	s.st_ino = k->ino;
	s.st_mode = k->mode;
	s.st_nlink = k->nlink;
	s.st_uid = k->uid;
	s.st_gid = k->gid;
	s.st_rdev = new_encode_dev(k->rdev);
	s.st_size = k->size;
	s.st_blksize = k->blksize;
	s.st_blocks = k->blocks;
	s.st_atime_sec = k->atime_sec;
	s.st_atime_nsec = k->atime_nsec;
	s.st_mtime_sec = k->mtime_sec;
	s.st_mtime_nsec = k->mtime_nsec;
	s.st_ctime_sec = k->ctime_sec;
	s.st_ctime_nsec = k->ctime_nsec;
	return copy_to_user(statbuf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(fstatat64, int, dfd, const char __user *, filename,
		struct stat64 __user *, statbuf, int, flag)
{
	struct kstat k;
	int error = vfs_fstatat(dfd, filename, flag, &k);

	return error ? error : cp_new_stat64(&k, statbuf);
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
	struct kstat k;
	int error = vfs_fstat(fd, &k);

	return error ? error : cp_new_stat64(&k, statbuf);
}
#endif

#define AT_STATX_SYNC_TYPE	0x6000

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, filename,
		unsigned int, flags, unsigned int, mask,
		struct statx __user *, buffer)
{
	struct kstat k;
	struct statx s;
	int error;

	if ((mask & STATX__RESERVED) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	error = vfs_fstatat(dfd, filename, flags & ~AT_STATX_SYNC_TYPE, &k);
	if (error)
		return error;
	memset(&s, 0, sizeof(s));
	s.stx_mask = STATX_BASIC_STATS;
	s.stx_blksize = k.blksize;
	s.stx_nlink = k.nlink;
	s.stx_uid = k.uid;
	s.stx_gid = k.gid;
	s.stx_mode = k.mode;
	s.stx_ino = k.ino;
	s.stx_size = k.size;
	s.stx_blocks = k.blocks;
	s.stx_atime.tv_sec = k.atime_sec;
	s.stx_atime.tv_nsec = k.atime_nsec;
	s.stx_mtime.tv_sec = k.mtime_sec;
	s.stx_mtime.tv_nsec = k.mtime_nsec;
	s.stx_ctime.tv_sec = k.ctime_sec;
	s.stx_ctime.tv_nsec = k.ctime_nsec;
	s.stx_rdev_major = MAJOR(k.rdev);
	s.stx_rdev_minor = MINOR(k.rdev);
	s.stx_dev_major = MAJOR(k.dev);
	s.stx_dev_minor = MINOR(k.dev);
	return copy_to_user(buffer, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, pathname,
		char __user *, buf, int, bufsiz)
{
	struct dentry *dentry;
	char *page;
	int len;

	if (bufsiz <= 0)
		return -EINVAL;
	dentry = user_path_at(dfd, pathname, LOOKUP_EMPTY);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	page = kmalloc(PATH_MAX, GFP_KERNEL);
	len = page ? vfs_readlink(dentry, page, min(bufsiz, PATH_MAX)) : -ENOMEM;
	if (len > 0 && copy_to_user(buf, page, len))
		len = -EFAULT;
	kfree(page);
	dput(dentry);
	return len;
}

SYSCALL_DEFINE3(readlink, const char __user *, path, char __user *, buf,
		int, bufsiz)
{
	return sys_readlinkat(AT_FDCWD, path, buf, bufsiz);
}
