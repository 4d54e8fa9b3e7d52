// SPDX-License-Identifier: MIT
/* Extended attributes: no file has any, which the calls say of each that is there. */
#include <linux/fs.h>
#include <linux/err.h>
#include <linux/syscalls.h>

static long xattr_path(const char __user *path, unsigned int how, long result)
{
	struct dentry *dentry __free(dput) = user_path_at(AT_FDCWD, path, how);

	return IS_ERR(dentry) ? PTR_ERR(dentry) : result;
}

static long xattr_fd(int fd, long result)
{
	struct file *file __free(fput) = fget(fd);

	return file && !(file->f_mode & FMODE_PATH) ? result : -EBADF;
}

/* An empty list is no error. */
SYSCALL_DEFINE1(listxattr, const char __user *, path)
{
	return xattr_path(path, LOOKUP_FOLLOW, 0);
}

SYSCALL_DEFINE1(llistxattr, const char __user *, path)
{
	return xattr_path(path, 0, 0);
}

SYSCALL_DEFINE1(flistxattr, int, fd)
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
