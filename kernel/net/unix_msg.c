// SPDX-License-Identifier: MIT
/*
 * The bytes of local stream sockets, and the open files that travel with
 * them. A ring of sockets that hold only each other is never found out.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

#define MSG_PEEK		0x02
#define MSG_CTRUNC		0x08
#define MSG_DONTWAIT		0x40
#define MSG_WAITALL		0x100
#define MSG_NOSIGNAL		0x4000
#define MSG_CMSG_CLOEXEC	0x40000000

#define SCM_RIGHTS	1
#define SCM_MAX_FD	253
#define CMSG_ALIGN(len)	ALIGN(len, sizeof(long))

/* As user mode passes these two; a cmsghdr has its data after it. */
struct user_msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	size_t msg_iovlen;
	void __user *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
};

struct cmsghdr {
	size_t cmsg_len;		/* with this header */
	int cmsg_level;
	int cmsg_type;
};

/* The open files of one message on their way. */
struct scm_fp_list {
	struct list_head list;		/* in the receiver's or a message's files */
	u64 start, end;			/* the bytes they came with, of all ever */
	int count;
	struct file *fp[];
};

struct unix_msg {
	bool send;
	unsigned int flags;		/* MSG_*; those to report afterwards */
	size_t len;			/* bytes of it in all */
	struct list_head files;		/* the one list to send, or received */
};

static struct scm_fp_list *first_files(struct list_head *files)
{
	return list_empty(files) ? NULL :
	       list_first_entry(files, struct scm_fp_list, list);
}

/* Puts n bytes, or as many as there is room for, into the pipe. */
static ssize_t send_piece(struct unix_sock *sk, struct unix_msg *msg,
			  void __user *buf, size_t n)
{
	struct pipe_inode_info *out = sk->out;
	int error = pipe_wait_writable(out, n, msg->flags & MSG_DONTWAIT);
	struct scm_fp_list *fp = first_files(&msg->files);
	size_t before = out->len;

	if (error)
		return error;
	n = pipe_copy_in(out, buf, n, &error);
	if (n && fp) {
		fp->start = sk->peer->received + before;
		fp->end = fp->start + msg->len;
		list_move_tail(&fp->list, &sk->peer->files);
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
	struct scm_fp_list *has = first_files(&msg->files);
	struct scm_fp_list *fp = has ? has : first_files(&sk->files);
	size_t head = in->head, len = in->len;

	if (!ret) {
		ret = -sk->err;
		sk->err = 0;
		return ret;
	}
	if (ret < 0)
		return ret;
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
	if (fp && sk->received > fp->start)
		list_move_tail(&fp->list, &msg->files);
	wake_up_interruptible_all(&in->wr_wait);
	return n;
}

static ssize_t unix_sendrecv(struct file *file, struct unix_msg *msg,
			     const struct iovec *iov, unsigned long nr)
{
	struct unix_sock *sk = file->private_data;
	ssize_t total = 0, ret = 1;
	size_t done;

	if (sk->state != UNIX_CONNECTED)
		return msg->send ? -ENOTCONN : -EINVAL;
	if (file->f_flags & O_NONBLOCK)
		msg->flags |= MSG_DONTWAIT;
	for (; nr && ret > 0; nr--, iov++) {
		for (done = 0; done < iov->iov_len && ret > 0; done += ret) {
			void __user *buf = iov->iov_base + done;
			size_t n = iov->iov_len - done;

			if (msg->send) {
				ret = send_piece(sk, msg, buf, n);
			} else {
				ret = recv_piece(sk, msg, buf, n);
				/* What has come is enough. */
				if (ret > 0 && !(msg->flags & MSG_WAITALL))
					msg->flags |= MSG_DONTWAIT;
			}
			if (ret > 0)
				total += ret;
			if (msg->flags & MSG_PEEK)
				return ret;
		}
	}
	if (total || ret > 0)
		return total;
	if (ret == -EPIPE && !(msg->flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return ret;
}

/*
 * Lets files go. A socket among them may hold more lists: those wait here for
 * the loop of the first call, or the stack would not suffice.
 */
void scm_destroy(struct list_head *lists)
{
	static LIST_HEAD(waiting);
	static bool busy;
	struct scm_fp_list *fp;

	while ((fp = first_files(lists)) != NULL)
		list_move_tail(&fp->list, &waiting);
	if (busy)
		return;
	busy = true;
	while ((fp = first_files(&waiting)) != NULL) {
		list_del(&fp->list);
		while (fp->count)
			fput(fp->fp[--fp->count]);
		kfree(fp);
	}
	busy = false;
}

/* Puts the files that go with msg into it. */
static int scm_send(struct unix_msg *msg, struct cmsghdr __user *control, size_t len)
{
	const int __user *fds = (void __user *)(control + 1);
	struct scm_fp_list *fp;
	struct cmsghdr h;
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
	list_add(&fp->list, &msg->files);
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
static int scm_recv(struct unix_msg *msg, struct cmsghdr __user *control, size_t *len)
{
	struct cmsghdr h = { sizeof(h), SOL_SOCKET, SCM_RIGHTS };
	struct scm_fp_list *fp = first_files(&msg->files);
	int __user *fds = (void __user *)(control + 1);
	size_t room = *len;
	int i, fd;

	*len = 0;
	for (i = 0; fp && i < fp->count; i++, h.cmsg_len += sizeof(fd)) {
		fd = h.cmsg_len + sizeof(fd) > room ? -EMFILE :
		     get_unused_fd_flags(msg->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0);
		if (fd < 0) {
			msg->flags |= MSG_CTRUNC;
			break;
		}
		fd_install(fd, get_file(fp->fp[i]));
		if (put_user(fd, &fds[i])) {
			sys_close(fd);
			return -EFAULT;
		}
	}
	if (!i)
		return 0;
	*len = min_t(size_t, CMSG_ALIGN(h.cmsg_len), room);
	return copy_to_user(control, &h, sizeof(h)) ? -EFAULT : 0;
}

/* n bytes without files; those that come along with them are let go. */
static ssize_t sock_rw(struct file *file, bool send, void __user *buf, size_t n,
		       unsigned int flags)
{
	struct unix_msg msg = { send, flags, n, LIST_HEAD_INIT(msg.files) };
	struct iovec iov = { buf, min_t(size_t, n, MAX_RW_COUNT) };
	ssize_t ret = unix_sendrecv(file, &msg, &iov, 1);

	scm_destroy(&msg.files);
	return ret;
}

ssize_t unix_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	return sock_rw(file, false, buf, n, 0);
}

ssize_t unix_write(struct file *file, const char __user *buf, size_t n, loff_t *pos)
{
	return sock_rw(file, true, (char __user *)buf, n, 0);
}

static ssize_t sock_rw_fd(int fd, bool send, void __user *buf, size_t n,
			  unsigned int flags)
{
	struct file *file __free(fput) = sockfd_lookup(fd);

	return IS_ERR(file) ? PTR_ERR(file) : sock_rw(file, send, buf, n, flags);
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int, addr_len)
{
	return uaddr ? -EISCONN : sock_rw_fd(fd, true, buf, len, flags);
}

/* A stream has no addresses to tell: *addr_len becomes 0. */
SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int __user *, addr_len)
{
	ssize_t ret = sock_rw_fd(fd, false, buf, len, flags);

	return ret >= 0 && uaddr && put_user(0, addr_len) ? -EFAULT : ret;
}

static ssize_t sock_msg(int fd, bool send, unsigned int flags,
			struct user_msghdr __user *umsg)
{
	struct file *file __free(fput) = sockfd_lookup(fd);
	struct unix_msg msg = { send, flags, 0, LIST_HEAD_INIT(msg.files) };
	struct user_msghdr u;
	struct iovec *iov;
	ssize_t ret;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (copy_from_user(&u, umsg, sizeof(u)))
		return -EFAULT;
	ret = import_iovec(u.msg_iov, u.msg_iovlen, &iov);
	if (ret < 0)
		return ret;
	msg.len = ret;
	error = send ? scm_send(&msg, u.msg_control, u.msg_controllen) : 0;
	ret = error ? error : unix_sendrecv(file, &msg, iov, u.msg_iovlen);
	if (ret >= 0 && !send)
		error = scm_recv(&msg, u.msg_control, &u.msg_controllen);
	scm_destroy(&msg.files);
	kfree(iov);
	if (error || ret < 0 || send)
		return error ? error : ret;
	msg.flags &= MSG_CTRUNC | MSG_CMSG_CLOEXEC;
	return put_user(0, &umsg->msg_namelen) ||
	       put_user(u.msg_controllen, &umsg->msg_controllen) ||
	       put_user(msg.flags, &umsg->msg_flags) ? -EFAULT : ret;
}

SYSCALL_DEFINE3(sendmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	return sock_msg(fd, true, flags, umsg);
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	return sock_msg(fd, false, flags, umsg);
}
