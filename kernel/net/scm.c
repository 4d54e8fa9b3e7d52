// SPDX-License-Identifier: MIT
/*
 * Control messages: open files beside the bytes. A ring of sockets that hold
 * only each other in their queues is never found out.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "unix.h"

#define SCM_RIGHTS	1
#define SCM_MAX_FD	253

struct cmsghdr {
	size_t cmsg_len;		/* with this header */
	int cmsg_level;
	int cmsg_type;
};

#define CMSG_ALIGN(len)	ALIGN(len, sizeof(long))

/*
 * Lets files go. A socket among them may hold more lists in its queue: those
 * wait here for the loop of the first call, or the stack would not suffice.
 */
void scm_destroy(struct scm_fp_list *fp)
{
	static struct scm_fp_list *waiting;
	static bool busy;

	if (!fp)
		return;
	fp->next = waiting;
	waiting = fp;
	if (busy)
		return;
	busy = true;
	while ((fp = waiting) != NULL) {
		waiting = fp->next;
		while (fp->count)
			fput(fp->fp[--fp->count]);
		kfree(fp);
	}
	busy = false;
}

struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fp)
{
	struct scm_fp_list *copy = kmemdup(fp, sizeof(*fp) +
					   fp->count * sizeof(fp->fp[0]), GFP_KERNEL);
	int i;

	for (i = 0; copy && i < copy->count; i++)
		get_file(copy->fp[i]);
	return copy;
}

static int scm_send_rights(struct msghdr *msg, const int __user *fds, int count)
{
	struct scm_fp_list *fp;
	int fd;

	if (count > SCM_MAX_FD || msg->fp)
		return -EINVAL;
	fp = kzalloc(sizeof(*fp) + count * sizeof(fp->fp[0]), GFP_KERNEL);
	if (!fp)
		return -ENOMEM;
	msg->fp = fp;
	for (; fp->count < count; fp->count++) {
		if (get_user(fd, &fds[fp->count]))
			return -EFAULT;
		fp->fp[fp->count] = fget(fd);
		if (!fp->fp[fp->count])
			return -EBADF;
	}
	return 0;
}

/* What is to be sent with msg; the caller destroys msg->fp in any case. */
int scm_send(struct msghdr *msg, const void __user *control, size_t len)
{
	const char __user *p = control;
	struct cmsghdr h;
	int error = 0;

	while (!error && len >= sizeof(h)) {
		size_t step;

		if (copy_from_user(&h, p, sizeof(h)))
			return -EFAULT;
		if (h.cmsg_len < sizeof(h) || h.cmsg_len > len)
			return -EINVAL;
		if (h.cmsg_level == SOL_SOCKET)
			error = h.cmsg_type != SCM_RIGHTS ? -EINVAL :
				scm_send_rights(msg, (const int __user *)(p + sizeof(h)),
						(h.cmsg_len - sizeof(h)) / sizeof(int));
		step = min_t(size_t, CMSG_ALIGN(h.cmsg_len), len);
		p += step;
		len -= step;
	}
	return error;
}

/*
 * As many descriptors as control has room for go there; *len becomes the
 * bytes of it used. Files without room are closed.
 */
int scm_recv(struct msghdr *msg, void __user *control, size_t *len)
{
	struct cmsghdr h = { sizeof(h), SOL_SOCKET, SCM_RIGHTS };
	struct scm_fp_list *fp = msg->fp;
	int room = *len < sizeof(h) ? 0 : (*len - sizeof(h)) / sizeof(int);
	size_t total = *len;
	int i, fd;

	*len = 0;
	if (!fp)
		return 0;
	for (i = 0; i < fp->count && i < room; i++, h.cmsg_len += sizeof(fd)) {
		fd = get_unused_fd_flags(msg->flags & MSG_CMSG_CLOEXEC ?
					 O_CLOEXEC : 0);
		if (fd < 0)
			break;
		if (put_user(fd, (int __user *)((char __user *)control + h.cmsg_len))) {
			put_unused_fd(fd);
			return -EFAULT;
		}
		fd_install(fd, get_file(fp->fp[i]));
	}
	if (i < fp->count)
		msg->flags |= MSG_CTRUNC;
	if (!i)
		return 0;
	*len = min(CMSG_ALIGN(h.cmsg_len), total);
	return copy_to_user(control, &h, sizeof(h)) ? -EFAULT : 0;
}
