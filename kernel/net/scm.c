// SPDX-License-Identifier: MIT
/*
 * Control messages: open files and credentials beside the bytes. A ring of
 * sockets that hold only each other in their queues is never found out.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "unix.h"

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS	2
#define SCM_MAX_FD	253

struct cmsghdr {
	size_t cmsg_len;		/* with this header */
	int cmsg_level;
	int cmsg_type;
};

#define CMSG_ALIGN(len)	ALIGN(len, sizeof(long))

struct ucred current_creds(void)
{
	return (struct ucred){ current->tgid, current->euid, current->egid };
}

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

static int scm_check_creds(struct msghdr *msg, const void __user *data, size_t n)
{
	struct ucred creds;

	if (n != sizeof(creds))
		return -EINVAL;
	if (copy_from_user(&creds, data, sizeof(creds)))
		return -EFAULT;
	if (current->euid && (creds.pid != current->tgid ||
			      creds.uid != current->uid ||
			      creds.gid != current->gid))
		return -EPERM;
	msg->creds = creds;
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
		if (h.cmsg_level != SOL_SOCKET)
			error = 0;
		else if (h.cmsg_type == SCM_RIGHTS)
			error = scm_send_rights(msg, (const int __user *)(p + sizeof(h)),
						(h.cmsg_len - sizeof(h)) / sizeof(int));
		else if (h.cmsg_type == SCM_CREDENTIALS)
			error = scm_check_creds(msg, p + sizeof(h),
						h.cmsg_len - sizeof(h));
		else
			error = -EINVAL;
		step = min_t(size_t, CMSG_ALIGN(h.cmsg_len), len);
		p += step;
		len -= step;
	}
	return error;
}

struct cmsg_out {
	char __user *p;
	size_t left;
};

static int put_cmsg(struct msghdr *msg, struct cmsg_out *out, int type,
		    const void *data, size_t n)
{
	struct cmsghdr h = { sizeof(h) + n, SOL_SOCKET, type };
	size_t step = min(CMSG_ALIGN(h.cmsg_len), out->left);

	if (h.cmsg_len > out->left) {
		msg->flags |= MSG_CTRUNC;
		return 0;
	}
	if (copy_to_user(out->p, &h, sizeof(h)) ||
	    copy_to_user(out->p + sizeof(h), data, n))
		return -EFAULT;
	out->p += step;
	out->left -= step;
	return 0;
}

/* As many descriptors as there is room for; the other files are closed. */
static int scm_recv_rights(struct msghdr *msg, struct cmsg_out *out)
{
	int room = out->left < sizeof(struct cmsghdr) ? 0 :
		   (out->left - sizeof(struct cmsghdr)) / sizeof(int);
	int fds[SCM_MAX_FD], i;

	for (i = 0; i < msg->fp->count && i < room; i++) {
		fds[i] = get_unused_fd_flags(msg->flags & MSG_CMSG_CLOEXEC ?
					     O_CLOEXEC : 0);
		if (fds[i] < 0)
			break;
		fd_install(fds[i], get_file(msg->fp->fp[i]));
	}
	if (i < msg->fp->count)
		msg->flags |= MSG_CTRUNC;
	return i ? put_cmsg(msg, out, SCM_RIGHTS, fds, i * sizeof(int)) : 0;
}

/* Writes what came with msg to control; *len becomes the bytes of it used. */
int scm_recv(struct msghdr *msg, void __user *control, size_t *len, bool creds)
{
	struct cmsg_out out = { control, control ? *len : 0 };
	int error = 0;

	if (creds)
		error = put_cmsg(msg, &out, SCM_CREDENTIALS, &msg->creds,
				 sizeof(msg->creds));
	if (!error && msg->fp)
		error = scm_recv_rights(msg, &out);
	scm_destroy(msg->fp);
	msg->fp = NULL;
	*len = control ? (size_t)(out.p - (char __user *)control) : 0;
	return error;
}
