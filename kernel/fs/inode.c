// SPDX-License-Identifier: MIT
/* Inodes and super blocks: what names lead to. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/pipe_fs_i.h>
#include "internal.h"

static struct kmem_cache *inode_cachep;

void inode_init(void)
{
	inode_cachep = kmem_cache_create("inode", sizeof(struct inode));
}

struct timespec64 current_time(void)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	return now;
}

struct super_block *alloc_super(const char *type, unsigned long magic)
{
	static unsigned int next_dev = 1;
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);

	if (!sb)
		return NULL;
	sb->s_dev = MKDEV(0, next_dev++);
	sb->s_type = type;
	sb->s_magic = magic;
	sb->s_next_ino = 1;
	return sb;
}

/* sb with inode, which may be NULL, as its root; else both go. */
struct super_block *set_root(struct super_block *sb, struct inode *inode)
{
	if (inode)
		sb->s_root = d_make_root(inode);
	if (inode && sb->s_root)
		return sb;
	iput(inode);
	kfree(sb);
	return NULL;
}

/* One reference, one link (two for a directory), all times now. */
struct inode *new_inode(struct super_block *sb, umode_t mode)
{
	struct inode *inode = kmem_cache_zalloc(inode_cachep, GFP_KERNEL);

	if (!inode)
		return NULL;
	atomic_set(&inode->i_count, 1);
	inode->i_mode = mode;
	inode->i_nlink = S_ISDIR(mode) ? 2 : 1;
	inode->i_uid = current->fsuid;
	inode->i_gid = current->fsgid;
	inode->i_sb = sb;
	inode->i_ino = sb->s_next_ino++;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time();
	return inode;
}

/* Device nodes and FIFOs work the same in every file system. */
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_rdev = rdev;
	if (S_ISCHR(mode))
		inode->i_fop = &def_chr_fops;
	else if (S_ISFIFO(mode))
		inode->i_fop = &pipefifo_fops;
}

void iput(struct inode *inode)
{
	if (!inode || !atomic_dec_and_test(&inode->i_count))
		return;
	if (inode->i_op && inode->i_op->evict)
		inode->i_op->evict(inode);
	if (inode->i_pipe)
		free_pipe_info(inode->i_pipe);
	kmem_cache_free(inode_cachep, inode);
}

/*
 * Root may do all but execute a file that nobody may; the others are judged
 * by the one class they belong to.
 */
int inode_permission(struct inode *inode, int mask)
{
	umode_t mode = inode->i_mode;

	if ((mask & MAY_EXEC) && S_ISREG(mode) &&
	    (inode->i_sb->s_flags & MS_NOEXEC))
		return -EACCES;
	if (current->fsuid == 0) {
		if ((mask & MAY_EXEC) && !S_ISDIR(mode) && !(mode & S_IXUGO))
			return -EACCES;
		return 0;
	}
	if (current->fsuid == inode->i_uid)
		mode >>= 6;
	else if (in_group_p(inode->i_gid))
		mode >>= 3;
	return mask & ~mode & 7 ? -EACCES : 0;
}
