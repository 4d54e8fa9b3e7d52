// SPDX-License-Identifier: MIT
/*
 * The names of a tmpfs: its dentries are the directory. Each holds a
 * reference to itself from its making until it is unlinked.
 */
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "internal.h"

static void dir_changed(struct inode *dir)
{
	dir->i_mtime = dir->i_ctime = current_time();
}

static int tmpfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		       dev_t dev)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, mode, dev);

	if (!inode)
		return -ENOSPC;
	if (dir->i_mode & S_ISGID) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			inode->i_mode |= S_ISGID;
	}
	d_instantiate(dentry, inode);
	dget(dentry);
	dir_changed(dir);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	return tmpfs_mknod(dir, dentry, mode | S_IFREG, 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int error = tmpfs_mknod(dir, dentry, mode | S_IFDIR, 0);

	if (!error)
		dir->i_nlink++;
	return error;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *dentry,
			 const char *target)
{
	char *copy = kstrdup(target, GFP_KERNEL);
	int error;

	if (!copy)
		return -ENOSPC;
	error = tmpfs_mknod(dir, dentry, S_IFLNK | S_IRWXUGO, 0);
	if (error) {
		kfree(copy);
		return error;
	}
	dentry->d_inode->i_private = copy;
	dentry->d_inode->i_size = strlen(target);
	return 0;
}

static int tmpfs_link(struct dentry *old, struct inode *dir,
		      struct dentry *dentry)
{
	struct inode *inode = old->d_inode;

	atomic_inc(&inode->i_count);
	inode->i_nlink++;
	inode->i_ctime = current_time();
	d_instantiate(dentry, inode);
	dget(dentry);
	dir_changed(dir);
	return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
	dentry->d_inode->i_nlink--;
	dentry->d_inode->i_ctime = current_time();
	dir_changed(dir);
	d_drop(dentry);
	dput(dentry);
	return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!list_empty(&dentry->d_subdirs))
		return -ENOTEMPTY;
	dentry->d_inode->i_nlink--;
	dir->i_nlink--;
	return tmpfs_unlink(dir, dentry);
}

/* The caller has checked types, emptiness excepted. */
static int tmpfs_rename(struct inode *old_dir, struct dentry *old,
			struct inode *new_dir, struct dentry *new)
{
	bool is_dir = S_ISDIR(old->d_inode->i_mode);
	char *name = kstrndup(new->d_name, new->d_len, GFP_KERNEL);
	int error;

	if (!name)
		return -ENOMEM;
	if (new->d_inode) {
		error = is_dir ? tmpfs_rmdir(new_dir, new) :
				 tmpfs_unlink(new_dir, new);
		if (error) {
			kfree(name);
			return error;
		}
	}
	d_move(old, new->d_parent, name, new->d_len);
	if (is_dir && old_dir != new_dir) {
		old_dir->i_nlink--;
		new_dir->i_nlink++;
	}
	old->d_inode->i_ctime = current_time();
	dir_changed(old_dir);
	dir_changed(new_dir);
	return 0;
}

const struct inode_operations tmpfs_dir_iops = {
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.evict = tmpfs_evict,
};
