// SPDX-License-Identifier: MIT
/* Making, removing and renaming names. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define dir_of(dentry)	((dentry)->d_parent->d_inode)

/* The directory may have been removed while somebody still stood in it. */
static bool dir_gone(struct dentry *dentry)
{
	return dentry->d_parent->d_flags & DCACHE_UNHASHED;
}

int vfs_create(struct dentry *dentry, umode_t mode)
{
	struct inode *dir = dir_of(dentry);

	if (dir_gone(dentry))
		return -ENOENT;
	if (!dir->i_op || !dir->i_op->create)
		return -EACCES;
	return dir->i_op->create(dir, dentry, mode & S_IALLUGO);
}

int vfs_mknod(struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct inode *dir = dir_of(dentry);

	if (dir_gone(dentry))
		return -ENOENT;
	if (!dir->i_op || !dir->i_op->mknod)
		return -EPERM;
	return dir->i_op->mknod(dir, dentry, mode, dev);
}

int vfs_mkdir(struct dentry *dentry, umode_t mode)
{
	struct inode *dir = dir_of(dentry);

	if (dir_gone(dentry))
		return -ENOENT;
	if (!dir->i_op || !dir->i_op->mkdir)
		return -EPERM;
	return dir->i_op->mkdir(dir, dentry, mode & (S_IRWXUGO | S_ISVTX));
}

int vfs_symlink(struct dentry *dentry, const char *target)
{
	struct inode *dir = dir_of(dentry);

	if (dir_gone(dentry))
		return -ENOENT;
	if (!dir->i_op || !dir->i_op->symlink)
		return -EPERM;
	return dir->i_op->symlink(dir, dentry, target);
}

int vfs_unlink(struct dentry *dentry)
{
	struct inode *dir = dir_of(dentry);

	if (!dir->i_op || !dir->i_op->unlink)
		return -EPERM;
	if (dentry->d_mounted)
		return -EBUSY;
	return dir->i_op->unlink(dir, dentry);
}

SYSCALL_DEFINE4(mknodat, int, dfd, const char __user *, filename,
		umode_t, mode, unsigned int, dev)
{
	struct dentry *dentry __free(dput) = user_path_create(dfd, filename, false);

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	mode &= ~current->fs->umask;
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return vfs_create(dentry, mode);
	case S_IFCHR:
	case S_IFBLK:
		/* The user's dev_t has the minor's upper bits above the major. */
		dev = MKDEV((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
		return current->fsuid ? -EPERM : vfs_mknod(dentry, mode, dev);
	case S_IFIFO:
	case S_IFSOCK:
		return vfs_mknod(dentry, mode, 0);
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE3(mknod, const char __user *, filename, umode_t, mode,
		unsigned int, dev)
{
	return sys_mknodat(AT_FDCWD, filename, mode, dev);
}

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, pathname, umode_t, mode)
{
	struct dentry *dentry __free(dput) = user_path_create(dfd, pathname, true);

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	return vfs_mkdir(dentry, mode & ~current->fs->umask);
}

SYSCALL_DEFINE2(mkdir, const char __user *, pathname, umode_t, mode)
{
	return sys_mkdirat(AT_FDCWD, pathname, mode);
}

SYSCALL_DEFINE3(symlinkat, const char __user *, oldname, int, newdfd,
		const char __user *, newname)
{
	char *target __free(putname) = getname(oldname);
	struct dentry *dentry __free(dput) = NULL;

	if (IS_ERR(target))
		return PTR_ERR(target);
	dentry = user_path_create(newdfd, newname, false);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	return vfs_symlink(dentry, target);
}

SYSCALL_DEFINE2(symlink, const char __user *, oldname,
		const char __user *, newname)
{
	return sys_symlinkat(oldname, AT_FDCWD, newname);
}

SYSCALL_DEFINE5(linkat, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname, int, flags)
{
	struct dentry *old __free(dput) = NULL, *dentry __free(dput) = NULL;
	unsigned int how = 0;
	struct inode *dir;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_SYMLINK_FOLLOW)
		how |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	old = user_path_at(olddfd, oldname, how);
	if (IS_ERR(old))
		return PTR_ERR(old);
	dentry = user_path_create(newdfd, newname, false);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dir = dir_of(dentry);
	if (dir->i_sb != old->d_inode->i_sb)
		return -EXDEV;
	if (!dir->i_op->link || S_ISDIR(old->d_inode->i_mode))
		return -EPERM;
	if (dir_gone(dentry) || !old->d_inode->i_nlink)
		return -ENOENT;
	return dir->i_op->link(old, dir, dentry);
}

SYSCALL_DEFINE2(link, const char __user *, oldname, const char __user *, newname)
{
	return sys_linkat(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

/* The sticky bit: only the owner of the file or of the directory may. */
static int may_delete(struct inode *dir, struct inode *victim)
{
	int error = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (error)
		return error;
	if ((dir->i_mode & S_ISVTX) && current->fsuid &&
	    current->fsuid != victim->i_uid && current->fsuid != dir->i_uid)
		return -EPERM;
	return 0;
}

static int do_rmdir(struct dentry *parent, struct qstr *last)
{
	struct dentry *dentry __free(dput) = NULL;
	struct inode *dir = parent->d_inode;
	int error;

	if (last->dots) {
		if (!last->len)
			return -EBUSY;
		return last->len == 1 ? -EINVAL : -ENOTEMPTY;
	}
	dentry = lookup_one(parent, last->name, last->len);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (!dentry->d_inode)
		return -ENOENT;
	if (!S_ISDIR(dentry->d_inode->i_mode))
		return -ENOTDIR;
	if (dentry->d_mounted || dentry == current->fs->root)
		return -EBUSY;
	if (!dir->i_op || !dir->i_op->rmdir)
		return -EPERM;
	error = may_delete(dir, dentry->d_inode);
	return error ? error : dir->i_op->rmdir(dir, dentry);
}

static int do_unlink(struct dentry *parent, struct qstr *last)
{
	struct dentry *dentry __free(dput) = NULL;
	int error;

	if (last->dots)
		return -EISDIR;
	dentry = lookup_one(parent, last->name, last->len);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (!dentry->d_inode)
		return -ENOENT;
	if (S_ISDIR(dentry->d_inode->i_mode))
		return -EISDIR;
	if (last->trailing_slash)
		return -ENOTDIR;
	error = may_delete(parent->d_inode, dentry->d_inode);
	return error ? error : vfs_unlink(dentry);
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, pathname, int, flag)
{
	struct dentry *parent __free(dput) = NULL;
	struct qstr last;

	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	parent = user_path_parent(dfd, pathname, &last);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	return flag & AT_REMOVEDIR ? do_rmdir(parent, &last) :
				     do_unlink(parent, &last);
}

SYSCALL_DEFINE1(unlink, const char __user *, pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, 0);
}

SYSCALL_DEFINE1(rmdir, const char __user *, pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, AT_REMOVEDIR);
}
