// SPDX-License-Identifier: MIT
/* Making, removing and renaming names. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
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
	char *name = getname(filename);
	struct dentry *dentry;
	int error;

	if (IS_ERR(name))
		return PTR_ERR(name);
	dentry = path_create(dfd, name, false);
	putname(name);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	mode &= ~current->fs->umask;
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		error = vfs_create(dentry, mode);
		break;
	case S_IFCHR:
	case S_IFBLK:
		/* The user's dev_t has the minor's upper bits above the major. */
		dev = MKDEV((dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00));
		error = current->fsuid ? -EPERM : vfs_mknod(dentry, mode, dev);
		break;
	case S_IFIFO:
	case S_IFSOCK:
		error = vfs_mknod(dentry, mode, 0);
		break;
	case S_IFDIR:
		error = -EPERM;
		break;
	default:
		error = -EINVAL;
		break;
	}
	dput(dentry);
	return error;
}

SYSCALL_DEFINE3(mknod, const char __user *, filename, umode_t, mode,
		unsigned int, dev)
{
	return sys_mknodat(AT_FDCWD, filename, mode, dev);
}

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, pathname, umode_t, mode)
{
	char *name = getname(pathname);
	struct dentry *dentry;
	int error;

	if (IS_ERR(name))
		return PTR_ERR(name);
	dentry = path_create(dfd, name, true);
	putname(name);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	error = vfs_mkdir(dentry, mode & ~current->fs->umask);
	dput(dentry);
	return error;
}

SYSCALL_DEFINE2(mkdir, const char __user *, pathname, umode_t, mode)
{
	return sys_mkdirat(AT_FDCWD, pathname, mode);
}

SYSCALL_DEFINE3(symlinkat, const char __user *, oldname, int, newdfd,
		const char __user *, newname)
{
	char *target = getname(oldname), *name;
	struct dentry *dentry;
	int error;

	if (IS_ERR(target))
		return PTR_ERR(target);
	name = getname(newname);
	error = PTR_ERR(name);
	if (IS_ERR(name))
		goto out_target;
	dentry = path_create(newdfd, name, false);
	error = PTR_ERR(dentry);
	if (IS_ERR(dentry))
		goto out_name;
	error = vfs_symlink(dentry, target);
	dput(dentry);
out_name:
	putname(name);
out_target:
	putname(target);
	return error;
}

SYSCALL_DEFINE2(symlink, const char __user *, oldname,
		const char __user *, newname)
{
	return sys_symlinkat(oldname, AT_FDCWD, newname);
}

SYSCALL_DEFINE5(linkat, int, olddfd, const char __user *, oldname, int, newdfd,
		const char __user *, newname, int, flags)
{
	unsigned int how = 0;
	struct dentry *old, *dentry;
	struct inode *dir;
	char *name;
	int error;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_SYMLINK_FOLLOW)
		how |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	old = user_path_at(olddfd, oldname, how);
	if (IS_ERR(old))
		return PTR_ERR(old);
	name = getname(newname);
	error = PTR_ERR(name);
	if (IS_ERR(name))
		goto out_old;
	dentry = path_create(newdfd, name, false);
	error = PTR_ERR(dentry);
	if (IS_ERR(dentry))
		goto out_name;
	dir = dir_of(dentry);
	error = -EXDEV;
	if (dir->i_sb != old->d_inode->i_sb)
		goto out_dentry;
	error = -EPERM;
	if (!dir->i_op->link || S_ISDIR(old->d_inode->i_mode))
		goto out_dentry;
	error = -ENOENT;
	if (dir_gone(dentry) || !old->d_inode->i_nlink)
		goto out_dentry;
	error = dir->i_op->link(old, dir, dentry);
out_dentry:
	dput(dentry);
out_name:
	putname(name);
out_old:
	dput(old);
	return error;
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
	struct inode *dir = parent->d_inode;
	struct dentry *dentry;
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
		error = -ENOENT;
	else if (!S_ISDIR(dentry->d_inode->i_mode))
		error = -ENOTDIR;
	else if (dentry->d_mounted || dentry == current->fs->root)
		error = -EBUSY;
	else if (!dir->i_op || !dir->i_op->rmdir)
		error = -EPERM;
	else
		error = may_delete(dir, dentry->d_inode);
	if (!error)
		error = dir->i_op->rmdir(dir, dentry);
	dput(dentry);
	return error;
}

static int do_unlink(struct dentry *parent, struct qstr *last)
{
	struct dentry *dentry;
	int error;

	if (last->dots)
		return -EISDIR;
	dentry = lookup_one(parent, last->name, last->len);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (!dentry->d_inode)
		error = -ENOENT;
	else if (S_ISDIR(dentry->d_inode->i_mode))
		error = -EISDIR;
	else if (last->trailing_slash)
		error = -ENOTDIR;
	else
		error = may_delete(parent->d_inode, dentry->d_inode);
	if (!error)
		error = vfs_unlink(dentry);
	dput(dentry);
	return error;
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, pathname, int, flag)
{
	struct dentry *parent;
	struct qstr last;
	char *name;
	int error;

	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	name = getname(pathname);
	if (IS_ERR(name))
		return PTR_ERR(name);
	parent = path_parentat(dfd, name, &last);
	putname(name);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	error = flag & AT_REMOVEDIR ? do_rmdir(parent, &last) :
				      do_unlink(parent, &last);
	dput(parent);
	return error;
}

SYSCALL_DEFINE1(unlink, const char __user *, pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, 0);
}

SYSCALL_DEFINE1(rmdir, const char __user *, pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, AT_REMOVEDIR);
}
