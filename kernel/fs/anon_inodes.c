// SPDX-License-Identifier: MIT
/* Open files that no path leads to: eventfds, epolls, sockets. */
#include <linux/fs.h>
#include <linux/kernel.h>

#define ANON_INODE_FS_MAGIC	0x09041934

static struct super_block *anon_sb;

/* The name by which /proc/PID/fd shows it, as Linux makes them. */
static struct dentry *pseudo_dentry(const char *kind, umode_t mode)
{
	struct inode *inode = new_inode(anon_sb, mode);
	char name[32];

	if (!inode)
		return NULL;
	if (S_ISSOCK(mode))
		snprintf(name, sizeof(name), "%s:[%llu]", kind, inode->i_ino);
	else
		snprintf(name, sizeof(name), "anon_inode:[%s]", kind);
	return d_alloc_pseudo(inode, name);
}

struct file *alloc_file_pseudo(const char *kind, umode_t mode, int flags,
			       const struct file_operations *fops, void *priv)
{
	struct dentry *dentry;
	struct file *file;

	if (!anon_sb)
		anon_sb = alloc_super("anon_inodefs", ANON_INODE_FS_MAGIC);
	dentry = anon_sb ? pseudo_dentry(kind, mode) : NULL;
	file = dentry ? get_empty_filp() : NULL;
	if (!file) {
		dput(dentry);
		return NULL;
	}
	file->f_dentry = dentry;
	file->f_inode = dentry->d_inode;
	file->f_mode = FMODE_READ | FMODE_WRITE;
	file->f_flags = O_RDWR | (flags & O_NONBLOCK);
	file->f_op = fops;
	file->private_data = priv;
	return file;
}

int anon_inode_getfd(const char *kind, const struct file_operations *fops,
		     void *priv, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file;

	if (fd < 0)
		return fd;
	file = alloc_file_pseudo(kind, 0600, flags, fops, priv);
	if (!file) {
		put_unused_fd(fd);
		return -ENFILE;
	}
	fd_install(fd, file);
	return fd;
}
