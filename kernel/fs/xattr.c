// SPDX-License-Identifier: MIT
/*
 * Extended attributes: no file system here has any. The calls find their file
 * as if one had, and then say so.
 */
#include <linux/fs.h>
#include <linux/err.h>
#include <linux/syscalls.h>

/* What a call on the path, or on the file of a descriptor, comes to. */
static long xattr_path(const char __user *path, unsigned int how, long result)
{
	struct dentry *dentry = user_path_at(AT_FDCWD, path, how);

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dput(dentry);
	return result;
}

static long xattr_fd(int fd, long result)
{
	struct file *file = fget(fd);

	if (!file)
		return -EBADF;
	if (file->f_mode & FMODE_PATH)
		result = -EBADF;
	fput(file);
	return result;
}

/* None is there to be listed, which is no error. */
SYSCALL_DEFINE3(listxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return xattr_path(path, LOOKUP_FOLLOW, 0);
}

SYSCALL_DEFINE3(llistxattr, const char __user *, path, char __user *, list,
		size_t, size)
{
	return xattr_path(path, 0, 0);
}

SYSCALL_DEFINE3(flistxattr, int, fd, char __user *, list, size_t, size)
{
	return xattr_fd(fd, 0);
}

/* get, set and remove take more, of which nothing is looked at. */
SYSCALL_DEFINE1(xattr_none, const char __user *, path)
{
	return xattr_path(path, LOOKUP_FOLLOW, -EOPNOTSUPP);
}

SYSCALL_DEFINE1(lxattr_none, const char __user *, path)
{
	return xattr_path(path, 0, -EOPNOTSUPP);
}

SYSCALL_DEFINE1(fxattr_none, int, fd)
{
	return xattr_fd(fd, -EOPNOTSUPP);
}
