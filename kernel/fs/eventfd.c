// SPDX-License-Identifier: MIT
/* eventfd(2): a counter that is waited for like a pipe. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

#define EFD_SEMAPHORE	1
#define EFD_FULL	(~0ULL)		/* would be an overflow: never reached */

struct eventfd_ctx {
	wait_queue_head_t wqh;
	u64 count;
	bool semaphore;			/* a read takes 1, not all */
};

static ssize_t eventfd_read(struct file *file, char __user *buf, size_t n,
			    loff_t *pos)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 taken;
	int error;

	if (n < sizeof(taken))
		return -EINVAL;
	error = wait_event_nonblock(ctx->wqh, ctx->count,
				    file->f_flags & O_NONBLOCK);
	if (error)
		return error;
	taken = ctx->semaphore ? 1 : ctx->count;
	ctx->count -= taken;
	wake_up_interruptible_all(&ctx->wqh);
	return put_user(taken, (u64 __user *)buf) ? -EFAULT : (int)sizeof(taken);
}

static ssize_t eventfd_write(struct file *file, const char __user *buf,
			     size_t n, loff_t *pos)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 add;
	int error;

	if (n < sizeof(add))
		return -EINVAL;
	if (get_user(add, (const u64 __user *)buf))
		return -EFAULT;
	if (add == EFD_FULL)
		return -EINVAL;
	error = wait_event_nonblock(ctx->wqh, add < EFD_FULL - ctx->count,
				    file->f_flags & O_NONBLOCK);
	if (error)
		return error;
	ctx->count += add;
	wake_up_interruptible_all(&ctx->wqh);
	return sizeof(add);
}

static unsigned int eventfd_poll(struct file *file, poll_table *pt)
{
	struct eventfd_ctx *ctx = file->private_data;

	poll_wait(file, &ctx->wqh, pt);
	return (ctx->count ? POLLIN | POLLRDNORM : 0) |
	       (ctx->count < EFD_FULL - 1 ? POLLOUT | POLLWRNORM : 0);
}

static int eventfd_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations eventfd_fops = {
	.llseek = noop_llseek,
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

SYSCALL_DEFINE2(eventfd2, unsigned int, count, int, flags)
{
	struct eventfd_ctx *ctx;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	ctx = kzalloc(sizeof(*ctx), GFP_KERNEL);
	if (!ctx)
		return -ENOMEM;
	init_waitqueue_head(&ctx->wqh);
	ctx->count = count;
	ctx->semaphore = flags & EFD_SEMAPHORE;
	fd = anon_inode_getfd("anon_inode:[eventfd]", 0600, &eventfd_fops, ctx, flags);
	if (fd < 0)
		kfree(ctx);
	return fd;
}
