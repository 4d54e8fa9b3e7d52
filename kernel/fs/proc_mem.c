// SPDX-License-Identifier: MIT
/*
 * /proc/PID/mem: the memory of a process, at its own addresses. What is open
 * stays the address space of that moment, also past an exec; when nobody lives
 * in it any more there is nothing to read.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "proc.h"

/* As for ptrace: one's own threads, one's own user's processes, or root. */
static bool may_access(struct task_struct *task)
{
	if (same_thread_group(task, current) || !current->euid)
		return true;
	return current->fsuid == task->uid && current->fsuid == task->euid &&
	       current->fsuid == task->suid && current->fsgid == task->gid &&
	       current->fsgid == task->egid && current->fsgid == task->sgid;
}

static int mem_open(struct inode *inode, struct file *file)
{
	struct task_struct *task = find_task_by_vpid(PROC_I(inode)->pid);

	if (!task)
		return -ESRCH;
	if (!may_access(task))
		return -EACCES;
	if (task->mm)
		atomic_inc(&task->mm->mm_count);
	file->private_data = task->mm;
	return 0;
}

static int mem_release(struct inode *inode, struct file *file)
{
	if (file->private_data)
		mmdrop(file->private_data);
	return 0;
}

/* Copies through a page of the kernel's, for user memory may fault. */
static ssize_t mem_rw(struct file *file, char __user *buf, size_t n,
		      loff_t *pos, bool write)
{
	struct mm_struct *mm = file->private_data;
	unsigned int flags = FOLL_FORCE | (write ? FOLL_WRITE : 0);
	ssize_t done = 0;
	char *page;

	if (!mm || !atomic_read(&mm->mm_users))
		return 0;
	page = (char *)__get_free_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	/* No other task runs in between, so mm keeps its users. */
	while ((size_t)done < n) {
		int len = min_t(size_t, n - done, PAGE_SIZE);
		int got;

		if (write && copy_from_user(page, buf + done, len)) {
			done = done ? done : -EFAULT;
			break;
		}
		got = *pos < (loff_t)TASK_SIZE ?
		      access_remote_vm(mm, *pos, page, len, flags) : 0;
		if (!got) {
			done = done ? done : -EIO;
			break;
		}
		if (!write && copy_to_user(buf + done, page, got)) {
			done = done ? done : -EFAULT;
			break;
		}
		done += got;
		*pos += got;
		if (got < len)
			break;
	}
	free_page((unsigned long)page);
	return done;
}

static ssize_t mem_read(struct file *file, char __user *buf, size_t n,
			loff_t *pos)
{
	return mem_rw(file, buf, n, pos, false);
}

static ssize_t mem_write(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos)
{
	return mem_rw(file, (char __user *)buf, n, pos, true);
}

/* An address space has no end to count from. */
static loff_t mem_llseek(struct file *file, loff_t off, int whence)
{
	if (whence != SEEK_SET && whence != SEEK_CUR)
		return -EINVAL;
	return generic_file_llseek(file, off, whence);
}

const struct file_operations proc_mem_fops = {
	.llseek = mem_llseek,
	.read = mem_read,
	.write = mem_write,
	.open = mem_open,
	.release = mem_release,
};
