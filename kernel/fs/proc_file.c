// SPDX-License-Identifier: MIT
/* What the links of /proc lead to, and how its texts are read. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "proc.h"

void proc_write(struct proc_buf *b, const char *data, int len)
{
	int room = b->size - b->len;

	if (room > 0)
		memcpy(b->data + b->len, data, min(len, room));
	b->len += len;
}

void proc_printf(struct proc_buf *b, const char *fmt, ...)
{
	int room = b->size > b->len ? b->size - b->len : 0;
	va_list args;

	va_start(args, fmt);
	b->len += vsnprintf(room ? b->data + b->len : NULL, room, fmt, args);
	va_end(args);
}

/* What a link leads to, even when no path does; NULL: follow the path. */
static struct dentry *proc_get_object(struct dentry *dentry)
{
	struct proc_inode *pi = PROC_I(dentry->d_inode);
	struct task_struct *task = proc_task(dentry->d_inode);
	struct file *file;

	if (pi->pid && !task)
		return ERR_PTR(-ENOENT);
	if (pi->kind == PROC_FILE)
		return pi->entry->object ? pi->entry->object(task) : NULL;
	file = proc_task_file(task, pi->fd);
	return file ? dget(file->f_dentry) : ERR_PTR(-ENOENT);
}

static int proc_readlink(struct dentry *dentry, char *buf, int size)
{
	struct dentry *object __free(dput) = proc_get_object(dentry);
	char *page __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	char *path = page;
	int len;

	if (IS_ERR(object))
		return PTR_ERR(object);
	if (!page)
		return -ENOMEM;
	if (object)
		path = d_path(object, page, PATH_MAX);
	else
		PROC_I(dentry->d_inode)->entry->path(page, PATH_MAX);
	if (IS_ERR(path))
		return PTR_ERR(path);
	len = min_t(int, strlen(path), size);
	memcpy(buf, path, len);
	return len;
}

/* Made anew when reading starts at 0, so that one pass sees one state. */
static int proc_fill(struct file *file)
{
	struct proc_inode *pi = PROC_I(file->f_inode);
	struct proc_buf *b = file->private_data;
	int size = PAGE_SIZE;

	for (;;) {
		struct task_struct *task = proc_task(file->f_inode);

		if (pi->pid && !task)
			return -ESRCH;
		kfree(b->data);
		b->data = kmalloc(size, GFP_KERNEL);
		if (!b->data)
			return -ENOMEM;
		b->size = size;
		b->len = 0;
		b->error = 0;
		pi->entry->show(b, task);
		if (b->error) {
			b->len = 0;
			return b->error;
		}
		if (b->len < size)
			return 0;
		size *= 2;
	}
}

static int proc_file_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_WRITE)
		return -EACCES;
	file->private_data = kzalloc(sizeof(struct proc_buf), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int proc_file_release(struct inode *inode, struct file *file)
{
	struct proc_buf *b = file->private_data;

	kfree(b->data);
	kfree(b);
	return 0;
}

static ssize_t proc_file_read(struct file *file, char __user *buf, size_t n,
			      loff_t *pos)
{
	struct proc_buf *b = file->private_data;

	if (*pos == 0 || !b->data) {
		int error = proc_fill(file);

		if (error)
			return error;
	}
	if (*pos >= b->len)
		return 0;
	n = min_t(size_t, n, b->len - *pos);
	if (copy_to_user(buf, b->data + *pos, n))
		return -EFAULT;
	*pos += n;
	return n;
}

const struct inode_operations proc_file_iops = {
	.evict = proc_evict,
};

const struct inode_operations proc_link_iops = {
	.readlink = proc_readlink,
	.get_object = proc_get_object,
	.evict = proc_evict,
};

const struct file_operations proc_file_fops = {
	.llseek = generic_file_llseek,
	.read = proc_file_read,
	.open = proc_file_open,
	.release = proc_file_release,
};
