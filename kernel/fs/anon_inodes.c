// SPDX-License-Identifier: MIT
/* Open files that no path leads to: eventfds, epolls, sockets. */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/err.h>

#define ANON_INODE_FS_MAGIC	0x09041934

static struct file *anon_inode_getfile(const char *name, umode_t mode,
				       const struct file_operations *fops, int flags)
{
	static struct super_block *anon_sb;
	struct inode *inode;
	struct dentry *dentry;
	struct file *file;
	char buf[32];

	if (!anon_sb)
		anon_sb = alloc_super("anon_inodefs", ANON_INODE_FS_MAGIC);
	inode = anon_sb ? new_inode(anon_sb, mode) : NULL;
	if (!inode)
		return ERR_PTR(-ENFILE);
	snprintf(buf, sizeof(buf), name, inode->i_ino);
	dentry = d_alloc_pseudo(inode, buf);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	/* This open is the only one: through /proc there is no second. */
	inode->i_fop = fops;
	file = dentry_open(dentry, O_RDWR | (flags & O_NONBLOCK));
	inode->i_fop = NULL;
	dput(dentry);
	return file;
}

int anon_inode_getfd(const char *name, umode_t mode,
		     const struct file_operations *fops, void *priv, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, mode, fops, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	file->private_data = priv;
	fd_install(fd, file);
	return fd;
}
