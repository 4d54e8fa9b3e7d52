// SPDX-License-Identifier: MIT
/*
 * Pipes and FIFOs: a ring of pages between readers and writers. A write of
 * up to PIPE_BUF bytes goes in whole or waits; nothing comes between its
 * bytes, because the kernel is not preempted while it copies.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/pipe_fs_i.h>
#include <linux/syscalls.h>
#include <linux/termios.h>
#include <linux/uaccess.h>
#include "internal.h"

#define PIPEFS_MAGIC	0x50495045

static struct super_block *pipe_sb;

struct pipe_inode_info *alloc_pipe_info(void)
{
	struct pipe_inode_info *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);

	if (!pipe)
		return NULL;
	pipe->nrbufs = PIPE_DEF_BUFFERS;
	pipe->bufs = kcalloc(pipe->nrbufs, sizeof(*pipe->bufs), GFP_KERNEL);
	if (!pipe->bufs) {
		kfree(pipe);
		return NULL;
	}
	init_waitqueue_head(&pipe->rd_wait);
	init_waitqueue_head(&pipe->wr_wait);
	return pipe;
}

void free_pipe_info(struct pipe_inode_info *pipe)
{
	unsigned int i;

	for (i = 0; i < pipe->nrbufs; i++)
		free_page((unsigned long)pipe->bufs[i]);
	kfree(pipe->bufs);
	kfree(pipe);
}

static size_t pipe_size(const struct pipe_inode_info *pipe)
{
	return (size_t)pipe->nrbufs << PAGE_SHIFT;
}

/* The stretch of the ring at offset off from its start, up to a page's end. */
static char *ring_at(struct pipe_inode_info *pipe, size_t off, size_t *room)
{
	size_t pos = (pipe->head + off) % pipe_size(pipe);
	size_t in_page = pos & (PAGE_SIZE - 1);

	*room = PAGE_SIZE - in_page;
	return (char *)pipe->bufs[pos >> PAGE_SHIFT] + in_page;
}

size_t pipe_copy_out(struct pipe_inode_info *pipe, char __user *buf, size_t n)
{
	size_t done = 0;

	n = min(n, pipe->len);
	while (done < n) {
		size_t room, bytes;
		char *kaddr = ring_at(pipe, 0, &room);
		unsigned long left;

		bytes = min(room, n - done);
		left = copy_to_user(buf + done, kaddr, bytes);
		bytes -= left;
		done += bytes;
		pipe->head = (pipe->head + bytes) % pipe_size(pipe);
		pipe->len -= bytes;
		if (left)
			break;
	}
	return done;
}

int pipe_wait_readable(struct pipe_inode_info *pipe, bool nonblock)
{
	int error = wait_event_nonblock(pipe->rd_wait,
					pipe->len || !pipe->writers, nonblock);

	return error ? error : pipe->len > 0;
}

static ssize_t pipe_read(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	struct pipe_inode_info *pipe = file->f_inode->i_pipe;
	size_t done;
	int ret;

	if (!n)
		return 0;
	ret = pipe_wait_readable(pipe, file->f_flags & O_NONBLOCK);
	if (ret <= 0)
		return ret;
	done = pipe_copy_out(pipe, buf, n);
	if (!done)
		return -EFAULT;
	wake_up_interruptible_all(&pipe->wr_wait);
	if (pipe->len)
		wake_up_interruptible_all(&pipe->rd_wait);
	return done;
}

size_t pipe_copy_in(struct pipe_inode_info *pipe, const char __user *buf,
		    size_t n, int *errorp)
{
	size_t done = 0;

	n = min(n, pipe_size(pipe) - pipe->len);
	while (done < n) {
		size_t pos = (pipe->head + pipe->len) % pipe_size(pipe);
		void **bufp = &pipe->bufs[pos >> PAGE_SHIFT];
		size_t room, bytes;
		unsigned long left;
		char *kaddr;

		if (!*bufp) {
			*bufp = (void *)__get_free_page(GFP_USER);
			if (!*bufp) {
				*errorp = -ENOMEM;
				break;
			}
		}
		kaddr = ring_at(pipe, pipe->len, &room);
		bytes = min(room, n - done);
		left = copy_from_user(kaddr, buf + done, bytes);
		bytes -= left;
		done += bytes;
		pipe->len += bytes;
		if (left) {
			*errorp = -EFAULT;
			break;
		}
	}
	return done;
}

bool pipe_has_room(struct pipe_inode_info *pipe, size_t n)
{
	size_t room = pipe_size(pipe) - pipe->len;

	return n <= PIPE_BUF ? room >= n : room > 0;
}

int pipe_wait_writable(struct pipe_inode_info *pipe, size_t n, bool nonblock)
{
	int error = wait_event_nonblock(pipe->wr_wait, !pipe->readers ||
					pipe_has_room(pipe, n), nonblock);

	return error ? error : pipe->readers ? 0 : -EPIPE;
}

static ssize_t pipe_write(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	struct pipe_inode_info *pipe = file->f_inode->i_pipe;
	size_t done = 0;
	int error = 0;

	while (done < n && !error) {
		/* The rest of a long write may go in by any pieces. */
		error = pipe_wait_writable(pipe, done ? PIPE_BUF + 1 : n,
					   file->f_flags & O_NONBLOCK);
		if (error)
			break;
		done += pipe_copy_in(pipe, buf + done, n - done, &error);
		wake_up_interruptible_all(&pipe->rd_wait);
	}
	if (error == -EPIPE)
		send_sig(SIGPIPE, current, 0);
	return done ? (ssize_t)done : error;
}

static unsigned int pipe_poll(struct file *file, poll_table *pt)
{
	struct pipe_inode_info *pipe = file->f_inode->i_pipe;
	unsigned int mask = 0;

	if (file->f_mode & FMODE_READ) {
		poll_wait(file, &pipe->rd_wait, pt);
		if (pipe->len)
			mask |= POLLIN | POLLRDNORM;
		/* A FIFO that never had a writer has not hung up. */
		if (!pipe->writers && (pipe->w_counter || pipe->len))
			mask |= POLLHUP;
	}
	if (file->f_mode & FMODE_WRITE) {
		poll_wait(file, &pipe->wr_wait, pt);
		if (pipe_has_room(pipe, PIPE_BUF))
			mask |= POLLOUT | POLLWRNORM;
		if (!pipe->readers)
			mask |= POLLERR;
	}
	return mask;
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *pipe = file->f_inode->i_pipe;

	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)pipe->len, (int __user *)arg);
}

static void wake_all(struct pipe_inode_info *pipe)
{
	wake_up_interruptible_all(&pipe->rd_wait);
	wake_up_interruptible_all(&pipe->wr_wait);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = inode->i_pipe;

	if (file->f_mode & FMODE_READ)
		pipe->readers--;
	if (file->f_mode & FMODE_WRITE)
		pipe->writers--;
	wake_all(pipe);
	if (!pipe->readers && !pipe->writers) {
		inode->i_pipe = NULL;
		free_pipe_info(pipe);
	}
	return 0;
}

/*
 * A FIFO's open waits for the other side, except where O_NONBLOCK says not; a
 * pipe's (its own two, and those of /proc/PID/fd) never does.
 */
static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = inode->i_pipe;
	bool is_pipe = inode->i_sb == pipe_sb;
	unsigned int seen;
	int error = 0;

	if (!pipe) {
		pipe = alloc_pipe_info();
		if (!pipe)
			return -ENOMEM;
		inode->i_pipe = pipe;
	}
	file->f_mode |= FMODE_NOSEEK;
	if (file->f_mode & FMODE_READ) {
		pipe->readers++;
		pipe->r_counter++;
	}
	if (file->f_mode & FMODE_WRITE) {
		pipe->writers++;
		pipe->w_counter++;
	}
	wake_all(pipe);
	if (is_pipe)
		return 0;
	switch (file->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		seen = pipe->w_counter;
		if (!pipe->writers && !(file->f_flags & O_NONBLOCK))
			error = wait_event_interruptible(pipe->rd_wait,
							 pipe->w_counter != seen);
		break;
	case FMODE_WRITE:
		seen = pipe->r_counter;
		if (!pipe->readers && (file->f_flags & O_NONBLOCK))
			error = -ENXIO;
		else if (!pipe->readers)
			error = wait_event_interruptible(pipe->wr_wait,
							 pipe->r_counter != seen);
		break;
	}
	if (error)
		pipe_release(inode, file);
	return error;
}

const struct file_operations pipefifo_fops = {
	.llseek = no_llseek,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.unlocked_ioctl = pipe_ioctl,
	.open = fifo_open,
	.release = pipe_release,
};

/* A new pipe's two open files: [0] reads what [1] writes. */
static int create_pipe_files(struct file **files, int flags)
{
	struct dentry *dentry __free(dput) = NULL;
	struct inode *inode;
	char name[32];

	if (!pipe_sb)
		pipe_sb = alloc_super("pipefs", PIPEFS_MAGIC);
	if (!pipe_sb)
		return -ENOMEM;
	inode = new_inode(pipe_sb, S_IFIFO | 0600);
	if (!inode)
		return -ENFILE;
	inode->i_fop = &pipefifo_fops;
	snprintf(name, sizeof(name), "pipe:[%llu]", inode->i_ino);
	dentry = d_alloc_pseudo(inode, name);
	if (!dentry)
		return -ENOMEM;
	flags &= O_NONBLOCK | O_DIRECT;
	files[0] = dentry_open(dentry, O_RDONLY | flags);
	if (IS_ERR(files[0]))
		return PTR_ERR(files[0]);
	files[1] = dentry_open(dentry, O_WRONLY | flags);
	if (!IS_ERR(files[1]))
		return 0;
	fput(files[0]);
	return PTR_ERR(files[1]);
}

SYSCALL_DEFINE2(pipe2, int __user *, fildes, int, flags)
{
	struct file *files[2];
	int fd[2], error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	error = create_pipe_files(files, flags);
	if (error)
		return error;
	fd[0] = error = get_unused_fd_flags(flags);
	if (error < 0)
		goto out_files;
	fd[1] = error = get_unused_fd_flags(flags);
	if (error < 0)
		goto out_fd0;
	error = -EFAULT;
	if (copy_to_user(fildes, fd, sizeof(fd)))
		goto out_fd1;
	fd_install(fd[0], files[0]);
	fd_install(fd[1], files[1]);
	return 0;

out_fd1:
	put_unused_fd(fd[1]);
out_fd0:
	put_unused_fd(fd[0]);
out_files:
	fput(files[1]);
	fput(files[0]);
	return error;
}

SYSCALL_DEFINE1(pipe, int __user *, fildes)
{
	return sys_pipe2(fildes, 0);
}
