// SPDX-License-Identifier: MIT
/* rename(2) and its kin: most of it is deciding what may not be done. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>

static int may_rename(struct dentry *old, struct qstr *old_last,
		      struct dentry *new, struct qstr *new_last,
		      unsigned int flags)
{
	struct inode *old_dir = old->d_parent->d_inode;
	struct inode *new_dir = new->d_parent->d_inode;
	bool is_dir;
	int error;

	if (!old->d_inode)
		return -ENOENT;
	is_dir = S_ISDIR(old->d_inode->i_mode);
	if (!is_dir && (old_last->trailing_slash || new_last->trailing_slash))
		return -ENOTDIR;
	if (new->d_inode && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	/* A directory can't become its own descendant. */
	if (is_dir && is_subdir(new->d_parent, old))
		return -EINVAL;
	if (new->d_inode && is_subdir(old->d_parent, new))
		return -ENOTEMPTY;
	if (old_dir->i_sb != new_dir->i_sb)
		return -EXDEV;
	if (!old_dir->i_op || !old_dir->i_op->rename)
		return -EPERM;
	error = inode_permission(old_dir, MAY_WRITE | MAY_EXEC);
	if (!error)
		error = inode_permission(new_dir, MAY_WRITE | MAY_EXEC);
	if (error)
		return error;
	if (new->d_parent->d_flags & DCACHE_UNHASHED)
		return -ENOENT;
	if (old->d_mounted || new->d_mounted)
		return -EBUSY;
	if (!new->d_inode)
		return 0;
	if (is_dir && !S_ISDIR(new->d_inode->i_mode))
		return -ENOTDIR;
	if (!is_dir && S_ISDIR(new->d_inode->i_mode))
		return -EISDIR;
	return 0;
}

static int do_rename(struct dentry *old_parent, struct qstr *old_last,
		     struct dentry *new_parent, struct qstr *new_last,
		     unsigned int flags)
{
	struct dentry *old __free(dput) = NULL, *new __free(dput) = NULL;
	int error;

	if (old_last->dots || new_last->dots)
		return flags & RENAME_NOREPLACE && new_last->dots ?
		       -EEXIST : -EBUSY;
	old = lookup_one(old_parent, old_last->name, old_last->len);
	if (IS_ERR(old))
		return PTR_ERR(old);
	new = lookup_one(new_parent, new_last->name, new_last->len);
	if (IS_ERR(new))
		return PTR_ERR(new);
	error = may_rename(old, old_last, new, new_last, flags);
	/* Two names of one file: nothing to do, by POSIX. */
	if (error || old->d_inode == new->d_inode)
		return error;
	return old_parent->d_inode->i_op->rename(old_parent->d_inode, old,
						 new_parent->d_inode, new);
}

SYSCALL_DEFINE5(renameat2, int, olddfd, const char __user *, oldname,
		int, newdfd, const char __user *, newname, unsigned int, flags)
{
	struct dentry *old_parent __free(dput) = NULL;
	struct dentry *new_parent __free(dput) = NULL;
	struct qstr old_last, new_last;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	old_parent = user_path_parent(olddfd, oldname, &old_last);
	if (IS_ERR(old_parent))
		return PTR_ERR(old_parent);
	new_parent = user_path_parent(newdfd, newname, &new_last);
	if (IS_ERR(new_parent))
		return PTR_ERR(new_parent);
	return do_rename(old_parent, &old_last, new_parent, &new_last, flags);
}

SYSCALL_DEFINE4(renameat, int, olddfd, const char __user *, oldname,
		int, newdfd, const char __user *, newname)
{
	return sys_renameat2(olddfd, oldname, newdfd, newname, 0);
}

SYSCALL_DEFINE2(rename, const char __user *, oldname,
		const char __user *, newname)
{
	return sys_renameat2(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}
