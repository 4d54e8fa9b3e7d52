// SPDX-License-Identifier: MIT
/*
 * sendfile: the input is mapped into the caller for the length of the call
 * and written from there, so no byte is copied twice and every kind of output
 * will do. As on Linux the input must be a file that can be mapped.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define SENDFILE_CHUNK	(64UL * 1024)

/* One chunk from *pos; bytes written, 0 at the end of the input, or -errno. */
static ssize_t send_chunk(struct file *in, struct file *out, loff_t *pos,
			  size_t count)
{
	unsigned long offset = offset_in_page((unsigned long)*pos), addr, len;
	loff_t left = in->f_inode->i_size - *pos;
	ssize_t ret;

	if (left <= 0)
		return 0;
	count = min_t(size_t, min_t(size_t, count, SENDFILE_CHUNK),
		      min_t(loff_t, left, SENDFILE_CHUNK));
	len = PAGE_ALIGN(offset + count);
	addr = do_mmap(in, 0, len, PROT_READ, MAP_PRIVATE, *pos >> PAGE_SHIFT);
	if (IS_ERR_VALUE(addr))
		return addr;
	ret = vfs_write(out, (const char __user *)(addr + offset), count,
			&out->f_pos);
	do_munmap(current->mm, addr, len);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static ssize_t do_sendfile(int out_fd, int in_fd, loff_t *ppos, size_t count)
{
	struct file *in __free(fput) = fget(in_fd);
	struct file *out __free(fput) = fget(out_fd);
	ssize_t done = 0, ret = 0;
	loff_t *pos;

	if (!in || !out || !(in->f_mode & FMODE_READ) ||
	    !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	pos = ppos ? ppos : &in->f_pos;
	if (!S_ISREG(in->f_inode->i_mode) || !in->f_op->mmap ||
	    !out->f_op->write || (out->f_flags & O_APPEND) || *pos < 0)
		return -EINVAL;
	count = min_t(size_t, count, MAX_RW_COUNT);
	for (; (size_t)done < count; done += ret) {
		ret = send_chunk(in, out, pos, count - done);
		if (ret <= 0)
			break;
	}
	return done ? done : ret;
}

SYSCALL_DEFINE4(sendfile64, int, out_fd, int, in_fd, loff_t __user *, offset,
		size_t, count)
{
	loff_t pos;
	ssize_t ret;

	if (!offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (get_user(pos, offset))
		return -EFAULT;
	ret = do_sendfile(out_fd, in_fd, &pos, count);
	if (put_user(pos, offset))
		return -EFAULT;
	return ret;
}

/* The offset is a long; on 64-bit machines that is the same call. */
SYSCALL_DEFINE4(sendfile, int, out_fd, int, in_fd, long __user *, offset,
		size_t, count)
{
	loff_t pos;
	long off;
	ssize_t ret;

	if (!offset)
		return do_sendfile(out_fd, in_fd, NULL, count);
	if (get_user(off, offset))
		return -EFAULT;
	pos = off;
	ret = do_sendfile(out_fd, in_fd, &pos, count);
	if (put_user((long)pos, offset))
		return -EFAULT;
	return ret;
}
