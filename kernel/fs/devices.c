// SPDX-License-Identifier: MIT
/* Character devices: the table by major number, and the memory devices. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/uaccess.h>
#include "internal.h"

#define MAX_CHRDEV	256

static const struct file_operations *chrdevs[MAX_CHRDEV];

int register_chrdev(unsigned int major, const char *name,
		    const struct file_operations *fops)
{
	if (major >= MAX_CHRDEV)
		return -EINVAL;
	if (chrdevs[major])
		return -EBUSY;
	chrdevs[major] = fops;
	return 0;
}

/* Opening a device node hands the file over to its driver. */
static int chrdev_open(struct inode *inode, struct file *file)
{
	unsigned int major = MAJOR(inode->i_rdev);

	if (major >= MAX_CHRDEV || !chrdevs[major])
		return -ENXIO;
	file->f_op = chrdevs[major];
	return file->f_op->open ? file->f_op->open(inode, file) : 0;
}

const struct file_operations def_chr_fops = {
	.open = chrdev_open,
};

static loff_t null_llseek(struct file *file, loff_t off, int whence)
{
	return file->f_pos = 0;
}

static ssize_t read_null(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	return 0;
}

static ssize_t write_null(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return n;
}

static ssize_t read_zero(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	size_t left = clear_user(buf, n);

	return left == n && n ? -EFAULT : (ssize_t)(n - left);
}

static ssize_t write_full(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return -ENOSPC;
}

/* Private zeros are plain anonymous memory; shared ones need a file to share. */
static int mmap_zero(struct file *file, struct vm_area_struct *vma)
{
	struct file *shared;

	if (!(vma->vm_flags & VM_SHARED))
		return 0;
	shared = shmem_file_setup("dev/zero", vma->vm_end - vma->vm_start);
	if (!shared)
		return -ENOMEM;
	fput(vma->vm_file);
	vma->vm_file = shared;
	vma->vm_pgoff = 0;
	return shared->f_op->mmap(shared, vma);
}

static const struct file_operations null_fops = {
	.llseek = null_llseek,
	.read = read_null,
	.write = write_null,
};

static const struct file_operations zero_fops = {
	.llseek = null_llseek,
	.read = read_zero,
	.write = write_null,
	.mmap = mmap_zero,
};

static const struct file_operations full_fops = {
	.llseek = null_llseek,
	.read = read_zero,
	.write = write_full,
};

struct devnode {
	const char *name;
	dev_t dev;
	umode_t mode;
	const struct file_operations *fops;
};

/* Linux's minors of major 1. */
static const struct devnode memdevs[] = {
	{ "null", MKDEV(MEM_MAJOR, 3), 0666, &null_fops },
	{ "zero", MKDEV(MEM_MAJOR, 5), 0666, &zero_fops },
	{ "full", MKDEV(MEM_MAJOR, 7), 0666, &full_fops },
	{ "random", MKDEV(MEM_MAJOR, 8), 0666, &urandom_fops },
	{ "urandom", MKDEV(MEM_MAJOR, 9), 0666, &urandom_fops },
};

static const struct devnode ttydevs[] = {
	{ "tty", MKDEV(TTYAUX_MAJOR, 0), 0666, NULL },
	{ "console", MKDEV(TTYAUX_MAJOR, 1), 0600, NULL },
#ifdef __aarch64__
	{ "ttyAMA0", MKDEV(TTYAMA_MAJOR, 64), 0660, NULL },
#else
	{ "ttyS0", MKDEV(TTY_MAJOR, 64), 0660, NULL },
#endif
};

static int memdev_open(struct inode *inode, struct file *file)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(memdevs); i++)
		if (memdevs[i].dev == inode->i_rdev) {
			file->f_op = memdevs[i].fops;
			return 0;
		}
	return -ENXIO;
}

static const struct file_operations memory_fops = {
	.open = memdev_open,
};

static void make_node(struct dentry *dir, const struct devnode *node)
{
	struct dentry *dentry __free(dput) =
		lookup_one(dir, node->name, strlen(node->name));

	if (!IS_ERR(dentry) && !dentry->d_inode)
		vfs_mknod(dentry, S_IFCHR | node->mode, node->dev);
}

static void make_link(struct dentry *dir, const char *name, const char *target)
{
	struct dentry *dentry __free(dput) = lookup_one(dir, name, strlen(name));

	if (!IS_ERR(dentry) && !dentry->d_inode)
		vfs_symlink(dentry, target);
}

/* Registers the drivers. */
void chrdev_init(void)
{
	register_chrdev(MEM_MAJOR, "mem", &memory_fops);
	register_chrdev(TTY_MAJOR, "ttyS", &tty_fops);
	register_chrdev(TTYAUX_MAJOR, "tty", &tty_fops);
	register_chrdev(TTYAMA_MAJOR, "ttyAMA", &tty_fops);
}

/* Fills a devtmpfs. */
void devtmpfs_populate(struct dentry *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(memdevs); i++)
		make_node(dev, &memdevs[i]);
	for (i = 0; i < ARRAY_SIZE(ttydevs); i++)
		make_node(dev, &ttydevs[i]);
	for (i = 0; i < virtio_console_ports(); i++) {
		char name[16];
		struct devnode port = { name, MKDEV(VPORT_MAJOR, i), 0600, NULL };

		snprintf(name, sizeof(name), "vport0p%u", i);
		make_node(dev, &port);
	}
	make_link(dev, "fd", "/proc/self/fd");
	make_link(dev, "stdin", "/proc/self/fd/0");
	make_link(dev, "stdout", "/proc/self/fd/1");
	make_link(dev, "stderr", "/proc/self/fd/2");
}
