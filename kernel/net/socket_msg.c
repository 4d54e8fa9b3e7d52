// SPDX-License-Identifier: MIT
/* Sending and receiving by the socket calls, and the options. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

#define SO_TYPE		3
#define SO_ERROR	4
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_PEERCRED	17
#define SO_ACCEPTCONN	30
#define SO_DOMAIN	39

/* As user mode passes it. */
struct user_msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	size_t msg_iovlen;
	void __user *msg_control;
	size_t msg_controllen;
	unsigned int msg_flags;
};

static ssize_t do_sendmsg(struct unix_sock *sk, struct user_msghdr *u,
			  struct msghdr *msg)
{
	ssize_t error;

	if (u->msg_name && u->msg_namelen)
		return sk->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	error = scm_send(msg, u->msg_control, u->msg_controllen);
	return error ? error : unix_sendmsg(sk, msg);
}

/* The answers go into u. */
static ssize_t do_recvmsg(struct unix_sock *sk, struct user_msghdr *u,
			  struct msghdr *msg)
{
	ssize_t ret = unix_recvmsg(sk, msg);
	int error = ret < 0 ? 0 : scm_recv(msg, u->msg_control,
					   &u->msg_controllen);

	u->msg_namelen = 0;
	u->msg_flags = msg->flags & (MSG_CTRUNC | MSG_CMSG_CLOEXEC);
	return error ? error : ret;
}

/* One message: iov has the len bytes of memory, u the rest. */
static ssize_t sock_msg(int fd, struct user_msghdr *u, struct iovec *iov,
			size_t len, unsigned int flags, bool send)
{
	struct msghdr msg = {
		.iov = iov, .len = len, .flags = flags,
	};
	struct file *file = sockfd_lookup(fd);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	msg.nonblock = (file->f_flags & O_NONBLOCK) || (flags & MSG_DONTWAIT);
	ret = send ? do_sendmsg(file->private_data, u, &msg) :
		     do_recvmsg(file->private_data, u, &msg);
	scm_destroy(msg.fp);
	fput(file);
	return ret;
}

static ssize_t sock_user_msg(int fd, struct user_msghdr *u, unsigned int flags,
			     bool send)
{
	struct iovec *iov;
	ssize_t ret = import_iovec(u->msg_iov, u->msg_iovlen, &iov);

	if (ret < 0)
		return ret;
	ret = sock_msg(fd, u, iov, ret, flags, send);
	kfree(iov);
	return ret;
}

SYSCALL_DEFINE3(sendmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct user_msghdr u;

	if (copy_from_user(&u, umsg, sizeof(u)))
		return -EFAULT;
	return sock_user_msg(fd, &u, flags, true);
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct user_msghdr u;
	ssize_t ret;

	if (copy_from_user(&u, umsg, sizeof(u)))
		return -EFAULT;
	ret = sock_user_msg(fd, &u, flags, false);
	if (ret >= 0 && (put_user(u.msg_namelen, &umsg->msg_namelen) ||
			 put_user(u.msg_controllen, &umsg->msg_controllen) ||
			 put_user(u.msg_flags, &umsg->msg_flags)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE6(sendto, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int, addr_len)
{
	struct user_msghdr u = { .msg_name = uaddr, .msg_namelen = addr_len };
	struct iovec iov = { buf, min_t(size_t, len, MAX_RW_COUNT) };

	return sock_msg(fd, &u, &iov, iov.iov_len, flags, true);
}

/* A stream has no addresses to tell: *addr_len becomes 0. */
SYSCALL_DEFINE6(recvfrom, int, fd, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int __user *, addr_len)
{
	struct user_msghdr u = { .msg_name = uaddr };
	struct iovec iov = { buf, min_t(size_t, len, MAX_RW_COUNT) };
	ssize_t ret = sock_msg(fd, &u, &iov, iov.iov_len, flags, false);

	if (ret >= 0 && uaddr && put_user(0, addr_len))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, optname,
		void __user *, optval, int __user *, optlen)
{
	struct file *file = sockfd_lookup(fd);
	struct unix_sock *sk;
	struct ucred val = { 0, 0, 0 };	/* pid is any other option's value */
	int len, size = sizeof(int);

	if (IS_ERR(file))
		return PTR_ERR(file);
	sk = file->private_data;
	fput(file);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (optname) {
	case SO_TYPE:
		val.pid = SOCK_STREAM;
		break;
	case SO_DOMAIN:
		val.pid = AF_UNIX;
		break;
	case SO_ERROR:
		val.pid = sk->err;
		sk->err = 0;
		break;
	case SO_SNDBUF:
	case SO_RCVBUF:
		val.pid = UNIX_RCVBUF;
		break;
	case SO_ACCEPTCONN:
		val.pid = sk->state == UNIX_LISTEN;
		break;
	case SO_PEERCRED:
		val = sk->peer_creds;
		size = sizeof(val);
		break;
	default:
		return -ENOPROTOOPT;
	}
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min(len, size);
	return copy_to_user(optval, &val, len) || put_user(len, optlen) ?
	       -EFAULT : 0;
}

/* Sizes are heard and let be. */
SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, optname,
		void __user *, optval, int, optlen)
{
	struct file *file = sockfd_lookup(fd);

	if (IS_ERR(file))
		return PTR_ERR(file);
	fput(file);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	return optname == SO_SNDBUF || optname == SO_RCVBUF ? 0 : -ENOPROTOOPT;
}
