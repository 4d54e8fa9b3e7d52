// SPDX-License-Identifier: MIT
/*
 * Files in memory (their names: tmpfs_dir.c). Contents are pages in
 * inode->i_pages, a missing one reads as zeros; a mapping shares these very
 * pages, so nothing is ever written back.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "internal.h"

#define TMPFS_MAGIC	0x01021994

static unsigned long tmpfs_pages;	/* in use by all tmpfs files */

/* Shared anonymous memory and memfds: no mount, so no limit but RAM's end. */
static struct super_block *shm_sb;

/* Makes room in i_pages for index. */
static int tmpfs_grow_index(struct inode *inode, unsigned long index)
{
	unsigned long nr = inode->i_nr_pages ? inode->i_nr_pages : 4;
	struct page **pages;

	if (index < inode->i_nr_pages)
		return 0;
	while (nr <= index)
		nr *= 2;
	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	memcpy(pages, inode->i_pages, inode->i_nr_pages * sizeof(*pages));
	kfree(inode->i_pages);
	inode->i_pages = pages;
	inode->i_nr_pages = nr;
	return 0;
}

/* With gfp 0 a hole stays one, and NULL; a new page is as gfp says. Not counted. */
static int tmpfs_get_page(struct inode *inode, unsigned long pgoff, gfp_t gfp,
			  struct page **pagep)
{
	struct page *page = NULL;
	int error;

	if (pgoff < inode->i_nr_pages)
		page = inode->i_pages[pgoff];
	if (!page && gfp) {
		if (inode->i_sb != shm_sb && tmpfs_pages >= totalram_pages / 2)
			return -ENOSPC;
		error = tmpfs_grow_index(inode, pgoff);
		if (error)
			return error;
		page = alloc_page(gfp);
		if (!page)
			return -ENOMEM;
		inode->i_pages[pgoff] = page;
		inode->i_blocks_used++;
		tmpfs_pages++;
	}
	*pagep = page;
	return 0;
}

static void tmpfs_free_from(struct inode *inode, unsigned long index)
{
	for (; index < inode->i_nr_pages; index++) {
		if (!inode->i_pages[index])
			continue;
		put_page(inode->i_pages[index]);
		inode->i_pages[index] = NULL;
		inode->i_blocks_used--;
		tmpfs_pages--;
	}
}

static int tmpfs_truncate(struct inode *inode, loff_t size)
{
	if (size < inode->i_size) {
		unsigned long index = size >> PAGE_SHIFT;
		unsigned long offset = offset_in_page((unsigned long)size);

		tmpfs_free_from(inode, index + (offset ? 1 : 0));
		/* What lies past the end must read as zeros if it grows again. */
		if (offset && index < inode->i_nr_pages && inode->i_pages[index])
			memset((char *)page_address(inode->i_pages[index]) + offset,
			       0, PAGE_SIZE - offset);
	}
	inode->i_size = size;
	return 0;
}

/* To kernel memory when to_kernel, else to the user's. */
static ssize_t tmpfs_do_read(struct inode *inode, char *buf, size_t n,
			     loff_t *pos, bool to_kernel)
{
	size_t done = 0;

	if (*pos < 0 || *pos >= inode->i_size)
		return 0;
	n = min_t(loff_t, n, inode->i_size - *pos);
	while (done < n) {
		unsigned long offset = offset_in_page((unsigned long)*pos);
		size_t bytes = min_t(size_t, n - done, PAGE_SIZE - offset);
		struct page *page;
		unsigned long left = 0;
		const char *kaddr;

		tmpfs_get_page(inode, *pos >> PAGE_SHIFT, 0, &page);
		kaddr = (char *)page_address(page ? page : empty_zero_page) + offset;
		if (to_kernel)
			memcpy(buf + done, kaddr, bytes);
		else
			left = copy_to_user(buf + done, kaddr, bytes);
		done += bytes - left;
		*pos += bytes - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

static ssize_t tmpfs_read(struct file *file, char __user *buf, size_t n,
			  loff_t *pos)
{
	return tmpfs_do_read(file->f_inode, buf, n, pos, false);
}

static ssize_t tmpfs_kread(struct file *file, void *buf, size_t n, loff_t pos)
{
	return tmpfs_do_read(file->f_inode, buf, n, &pos, true);
}

/* From kernel memory when from_kernel (the initramfs), else from the user's. */
static ssize_t tmpfs_do_write(struct inode *inode, const char *buf, size_t n,
			      loff_t *pos, bool from_kernel)
{
	size_t done = 0;
	int error = 0;

	while (done < n) {
		unsigned long offset = offset_in_page((unsigned long)*pos);
		size_t bytes = min_t(size_t, n - done, PAGE_SIZE - offset);
		/* A whole page from a source that can't fault needs no zeros. */
		bool whole = from_kernel && bytes == PAGE_SIZE;
		struct page *page;
		unsigned long left = 0;
		char *kaddr;

		error = tmpfs_get_page(inode, *pos >> PAGE_SHIFT,
				       GFP_USER | (whole ? 0 : __GFP_ZERO), &page);
		if (error)
			break;
		kaddr = (char *)page_address(page) + offset;
		if (from_kernel)
			memcpy(kaddr, buf + done, bytes);
		else
			left = copy_from_user(kaddr, buf + done, bytes);
		done += bytes - left;
		*pos += bytes - left;
		if (*pos > inode->i_size)
			inode->i_size = *pos;
		if (left) {
			error = -EFAULT;
			break;
		}
	}
	if (done)
		inode->i_mtime = inode->i_ctime = current_time();
	return done ? (ssize_t)done : error;
}

static ssize_t tmpfs_write(struct file *file, const char __user *buf, size_t n,
			   loff_t *pos)
{
	return tmpfs_do_write(file->f_inode, buf, n, pos, false);
}

ssize_t tmpfs_kwrite(struct inode *inode, const void *buf, size_t n, loff_t pos)
{
	return tmpfs_do_write(inode, buf, n, &pos, true);
}

size_t tmpfs_adopt(struct inode *inode, const void *data, size_t n)
{
	unsigned long nr = n >> PAGE_SHIFT, i;

	/* What has contents already is a hard link whose names all bring them. */
	if (!nr || offset_in_page((unsigned long)data) || inode->i_size ||
	    tmpfs_grow_index(inode, nr - 1))
		return 0;
	for (i = 0; i < nr; i++) {
		struct page *page = virt_to_page((unsigned long)data + (i << PAGE_SHIFT));

		adopt_reserved_page(page);
		inode->i_pages[i] = page;
	}
	inode->i_blocks_used += nr;
	tmpfs_pages += nr;
	inode->i_size = (loff_t)nr << PAGE_SHIFT;
	return nr << PAGE_SHIFT;
}

static int shmem_fault(struct vm_area_struct *vma, struct vm_fault *vmf)
{
	struct inode *inode = vma->vm_file->f_inode;
	struct page *page;
	int error;

	if ((loff_t)vmf->pgoff >= (inode->i_size + (loff_t)PAGE_SIZE - 1) >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;
	error = tmpfs_get_page(inode, vmf->pgoff, GFP_USER | __GFP_ZERO, &page);
	if (error)
		return error == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct shmem_vm_ops = {
	.fault = shmem_fault,
};

static int tmpfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

static const struct file_operations tmpfs_file_fops = {
	.llseek = generic_file_llseek,
	.read = tmpfs_read,
	.write = tmpfs_write,
	.mmap = tmpfs_mmap,
	.kread = tmpfs_kread,
};

static const struct file_operations tmpfs_dir_fops = {
	.llseek = generic_file_llseek,
	.iterate = dcache_readdir,
};

static int tmpfs_readlink(struct dentry *dentry, char *buf, int size)
{
	const char *target = dentry->d_inode->i_private;
	int len = min_t(int, strlen(target), size);

	memcpy(buf, target, len);
	return len;
}

void tmpfs_evict(struct inode *inode)
{
	tmpfs_free_from(inode, 0);
	kfree(inode->i_pages);
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_private);
}

static const struct inode_operations tmpfs_file_iops = {
	.truncate = tmpfs_truncate,
	.evict = tmpfs_evict,
};

static const struct inode_operations tmpfs_link_iops = {
	.readlink = tmpfs_readlink,
	.evict = tmpfs_evict,
};

struct inode *tmpfs_get_inode(struct super_block *sb, umode_t mode,
			      dev_t dev)
{
	struct inode *inode = new_inode(sb, mode);

	if (!inode)
		return NULL;
	switch (mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		break;
	case S_IFDIR:
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &tmpfs_dir_fops;
		break;
	case S_IFLNK:
		inode->i_op = &tmpfs_link_iops;
		break;
	default:
		inode->i_op = &tmpfs_file_iops;
		init_special_inode(inode, mode, dev);
		break;
	}
	return inode;
}

struct super_block *tmpfs_mount(const char *type, umode_t root_mode)
{
	struct super_block *sb = alloc_super(type, TMPFS_MAGIC);

	return sb ? set_root(sb, tmpfs_get_inode(sb, S_IFDIR | root_mode, 0)) : NULL;
}

struct file *shmem_file_setup(const char *name, loff_t size)
{
	struct dentry *dentry;
	struct inode *inode;
	struct file *file = NULL;

	if (!shm_sb)
		shm_sb = alloc_super("tmpfs", TMPFS_MAGIC);
	if (!shm_sb)
		return NULL;
	dentry = d_alloc(NULL, name, strlen(name));
	inode = tmpfs_get_inode(shm_sb, S_IFREG | S_IRWXUGO, 0);

	if (dentry && inode) {
		dentry->d_flags |= DCACHE_UNHASHED;
		dentry->d_inode = inode;
		inode->i_nlink = 0;
		inode->i_size = size;
		file = dentry_open(dentry, O_RDWR);
		if (IS_ERR(file))
			file = NULL;
	} else {
		iput(inode);
	}
	dput(dentry);
	return file;
}
