// SPDX-License-Identifier: MIT
/*
 * The bytes of local stream sockets, and the open files that travel with
 * them. A ring of sockets that hold only each other is never found out.
 */
#include <linux/sched.h>
#include <linux/slab.h>
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

/* Puts n bytes, or as many as there is room for, into the pipe. */
static ssize_t send_piece(struct unix_sock *sk, struct unix_msg *msg,
			  void __user *buf, size_t n)
{
	struct pipe_inode_info *out = sk->out;
	int error = pipe_wait_writable(out, n, msg->flags & MSG_DONTWAIT);
	size_t before = out->len;

	if (error)
		return error;
	n = pipe_copy_in(out, buf, n, &error);
	if (n && msg->fp) {
		msg->fp->start = sk->peer->received + before;
		msg->fp->end = msg->fp->start + msg->len;
		list_add_tail(&msg->fp->list, &sk->peer->files);
		msg->fp = NULL;
	}
	wake_up_interruptible_all(&out->rd_wait);
	return n ? (ssize_t)n : error;
}

/*
 * Takes what there is, up to n bytes. The end of a message with files is one
 * of what can be read at a time, and a peek shows only bytes.
 */
static ssize_t recv_piece(struct unix_sock *sk, struct unix_msg *msg,
			  void __user *buf, size_t n)
{
	struct pipe_inode_info *in = sk->in;
	int ret = pipe_wait_readable(in, msg->flags & MSG_DONTWAIT);
	struct scm_fp_list *fp = msg->fp;
	size_t head = in->head, len = in->len;

	if (!ret) {
		ret = -sk->err;
		sk->err = 0;
		return ret;
	}
	if (ret < 0)
		return ret;
	if (!fp && !list_empty(&sk->files))
		fp = list_first_entry(&sk->files, struct scm_fp_list, list);
	if (fp)
		n = min_t(u64, n, fp->end - sk->received);
	if (!n)
		return 0;
	n = pipe_copy_out(in, buf, n);
	if (!n)
		return -EFAULT;
	if (msg->flags & MSG_PEEK) {
		in->head = head;
		in->len = len;
		return n;
	}
	sk->received += n;
	if (fp && !msg->fp && sk->received > fp->start) {
		list_del(&fp->list);
		msg->fp = fp;
	}
	wake_up_interruptible_all(&in->wr_wait);
	return n;
}

ssize_t unix_sendrecv(struct unix_sock *sk, struct unix_msg *msg)
{
	ssize_t total = 0, ret = 0;
	unsigned long i;
	size_t done;

	if (sk->state != UNIX_CONNECTED)
		return msg->send ? -ENOTCONN : -EINVAL;
	for (i = 0; i < msg->nr; i++)
		for (done = 0; done < msg->iov[i].iov_len; done += ret) {
			void __user *buf = (char __user *)msg->iov[i].iov_base + done;
			size_t n = msg->iov[i].iov_len - done;

			ret = msg->send ? send_piece(sk, msg, buf, n) :
					  recv_piece(sk, msg, buf, n);
			if (ret <= 0)
				goto out;
			total += ret;
			if (msg->send)
				continue;
			if (msg->flags & MSG_PEEK)
				goto out;
			/* What has come is enough. */
			if (!(msg->flags & MSG_WAITALL))
				msg->flags |= MSG_DONTWAIT;
		}
out:
	if (total)
		return total;
	if (ret == -EPIPE && !(msg->flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return ret;
}

/*
 * Lets files go. A socket among them may hold more lists: those wait here for
 * the loop of the first call, or the stack would not suffice.
 */
void scm_destroy(struct scm_fp_list *fp)
{
	static LIST_HEAD(waiting);
	static bool busy;

	if (!fp)
		return;
	list_add_tail(&fp->list, &waiting);
	if (busy)
		return;
	busy = true;
	while (!list_empty(&waiting)) {
		fp = list_first_entry(&waiting, struct scm_fp_list, list);
		list_del(&fp->list);
		while (fp->count)
			fput(fp->fp[--fp->count]);
		kfree(fp);
	}
	busy = false;
}

/* The files to be sent with msg; the caller destroys msg->fp in any case. */
int scm_send(struct unix_msg *msg, const void __user *control, size_t len)
{
	const int __user *fds = (void __user *)((char __user *)control + sizeof(struct cmsghdr));
	struct cmsghdr h;
	struct scm_fp_list *fp;
	size_t count;
	int fd;

	if (len < sizeof(h))
		return 0;
	if (copy_from_user(&h, control, sizeof(h)))
		return -EFAULT;
	/* There is one kind of control message, and one of it. */
	count = (h.cmsg_len - sizeof(h)) / sizeof(int);
	if (h.cmsg_len < sizeof(h) || h.cmsg_len > len || count > SCM_MAX_FD ||
	    CMSG_ALIGN(h.cmsg_len) + sizeof(h) <= len ||
	    h.cmsg_level != SOL_SOCKET || h.cmsg_type != SCM_RIGHTS)
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

/*
 * As many descriptors as control has room for go there; *len becomes the
 * bytes of it used. Files without room are closed.
 */
int scm_recv(struct unix_msg *msg, void __user *control, size_t *len)
{
	struct cmsghdr h = { sizeof(h), SOL_SOCKET, SCM_RIGHTS };
	size_t room = *len;
	int i, fd;

	*len = 0;
	for (i = 0; msg->fp && i < msg->fp->count; i++, h.cmsg_len += sizeof(fd)) {
		fd = h.cmsg_len + sizeof(fd) > room ? -EMFILE :
		     get_unused_fd_flags(msg->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);
		if (fd < 0) {
			msg->flags |= MSG_CTRUNC;
			break;
		}
		if (put_user(fd, (int __user *)((char __user *)control + h.cmsg_len))) {
			put_unused_fd(fd);
			return -EFAULT;
		}
		fd_install(fd, get_file(msg->fp->fp[i]));
	}
	if (!i)
		return 0;
	*len = min_t(size_t, CMSG_ALIGN(h.cmsg_len), room);
	return copy_to_user(control, &h, sizeof(h)) ? -EFAULT : 0;
}
