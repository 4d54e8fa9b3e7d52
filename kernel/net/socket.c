// SPDX-License-Identifier: MIT
/* The socket calls: descriptors, addresses and messages in user memory. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

#define FIONREAD	0x541B
#define SIOCOUTQ	0x5411

#define SO_TYPE		3
#define SO_ERROR	4
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_PEERCRED	17
#define SO_ACCEPTCONN	30
#define SO_DOMAIN	39

static ssize_t sock_rw(struct file *file, void __user *buf, size_t n, bool write)
{
	struct iovec iov = { buf, n };
	struct msghdr msg = {
		.iov = &iov, .len = n,
		.nonblock = file->f_flags & O_NONBLOCK,
	};
	ssize_t ret = write ? unix_sendmsg(file->private_data, &msg) :
			      unix_recvmsg(file->private_data, &msg);

	scm_destroy(msg.fp);
	return ret;
}

static ssize_t sock_read(struct file *file, char __user *buf, size_t n,
			 loff_t *pos)
{
	return sock_rw(file, buf, n, false);
}

static ssize_t sock_write(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return sock_rw(file, (char __user *)buf, n, true);
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *sk = file->private_data;

	switch (cmd) {
	case FIONREAD:
		return sk->state == UNIX_LISTEN ? -EINVAL :
		       put_user((int)sk->queued, (int __user *)arg);
	case SIOCOUTQ:
		return put_user(sk->peer ? (int)sk->peer->queued : 0,
				(int __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int sock_close(struct inode *inode, struct file *file)
{
	unix_release(file->private_data);
	return 0;
}

static const struct file_operations socket_fops = {
	.read = sock_read,
	.write = sock_write,
	.poll = unix_poll,
	.unlocked_ioctl = sock_ioctl,
	.release = sock_close,
};

/* sk is let go when this fails. */
static int sock_map_fd(struct unix_sock *sk, int flags)
{
	int fd = get_unused_fd_flags(flags);
	struct file *file = NULL;

	if (fd >= 0)
		file = alloc_file_pseudo("socket", S_IFSOCK | S_IRWXUGO, flags,
					 &socket_fops, sk);
	if (file) {
		fd_install(fd, file);
		return fd;
	}
	if (fd >= 0)
		put_unused_fd(fd);
	unix_release(sk);
	return fd < 0 ? fd : -ENFILE;
}

static int check_socket(int family, int type, int protocol)
{
	if (type & ~(SOCK_TYPE_MASK | O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (family != AF_UNIX)
		return -EAFNOSUPPORT;
	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	return (type & SOCK_TYPE_MASK) == SOCK_STREAM ? 0 : -ESOCKTNOSUPPORT;
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	int error = check_socket(family, type, protocol);
	struct unix_sock *sk;

	if (error)
		return error;
	sk = unix_create();
	return sk ? sock_map_fd(sk, type) : -ENOMEM;
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, usockvec)
{
	struct unix_sock *a, *b;
	int fd[2], error = check_socket(family, type, protocol);

	if (error)
		return error;
	a = unix_create();
	if (!a)
		return -ENOMEM;
	b = unix_create();
	if (!b) {
		unix_release(a);
		return -ENOMEM;
	}
	unix_socketpair(a, b);
	fd[0] = sock_map_fd(a, type);
	if (fd[0] < 0) {
		unix_release(b);
		return fd[0];
	}
	fd[1] = sock_map_fd(b, type);
	if (fd[1] < 0) {
		sys_close(fd[0]);
		return fd[1];
	}
	if (copy_to_user(usockvec, fd, sizeof(fd))) {
		sys_close(fd[0]);
		sys_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}

/* The socket's open file, counted. */
static struct file *sockfd_lookup(int fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op == &socket_fops)
		return file;
	fput(file);
	return ERR_PTR(-ENOTSOCK);
}

static int get_sockaddr(struct sockaddr_un *addr, const void __user *uaddr,
			int len)
{
	memset(addr, 0, sizeof(*addr));
	if (len < UNIX_NAME_OFFSET || len > UNIX_ADDR_MAX)
		return -EINVAL;
	return copy_from_user(addr, uaddr, len) ? -EFAULT : 0;
}

/* Cut to the room there is; *ulen gets the whole length. */
static int put_sockaddr(struct unix_sock *sk, void __user *uaddr, int __user *ulen)
{
	int room;

	if (!uaddr)
		return 0;
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, &sk->addr, min(room, sk->addr_len)))
		return -EFAULT;
	return put_user(sk->addr_len, ulen);
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	struct file *file = sockfd_lookup(fd);
	struct sockaddr_un addr;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	error = get_sockaddr(&addr, uaddr, len);
	if (!error)
		error = unix_bind(file->private_data, &addr, len);
	fput(file);
	return error;
}

SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	struct file *file = sockfd_lookup(fd);
	struct sockaddr_un addr;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	error = get_sockaddr(&addr, uaddr, len);
	if (!error)
		error = unix_connect(file->private_data, &addr, len,
				     file->f_flags & O_NONBLOCK);
	fput(file);
	return error;
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct file *file = sockfd_lookup(fd);
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	error = unix_listen(file->private_data, backlog);
	fput(file);
	return error;
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, uaddr, int __user *, ulen,
		int, flags)
{
	struct file *file;
	struct unix_sock *new;
	int newfd, error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	file = sockfd_lookup(fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	new = unix_accept(file->private_data, file->f_flags & O_NONBLOCK);
	fput(file);
	if (IS_ERR(new))
		return PTR_ERR(new);
	newfd = sock_map_fd(new, flags);
	if (newfd < 0)
		return newfd;
	error = put_sockaddr(new->peer, uaddr, ulen);
	if (error)
		sys_close(newfd);
	return error ? error : newfd;
}

SYSCALL_DEFINE3(accept, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return sys_accept4(fd, uaddr, ulen, 0);
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct file *file = sockfd_lookup(fd);
	struct unix_sock *sk;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	sk = file->private_data;
	error = unix_shutdown(sk, how);
	fput(file);
	return error;
}

SYSCALL_DEFINE3(getsockname, int, fd, void __user *, uaddr, int __user *, ulen)
{
	struct file *file = sockfd_lookup(fd);
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	error = put_sockaddr(file->private_data, uaddr, ulen);
	fput(file);
	return error;
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	struct file *file = sockfd_lookup(fd);
	struct unix_sock *sk;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	sk = file->private_data;
	error = sk->peer ? put_sockaddr(sk->peer, uaddr, ulen) : -ENOTCONN;
	fput(file);
	return error;
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

#ifdef __i386__
typedef asmlinkage long (*sock_call_t)(long, long, long, long, long, long);

/* i386's first way: a number, and the arguments in memory. */
SYSCALL_DEFINE2(socketcall, int, call, unsigned long __user *, args)
{
	static const struct {
		void *fn;
		unsigned int nargs;
	} calls[] = {
		[1] = { sys_socket, 3 }, [2] = { sys_bind, 3 },
		[3] = { sys_connect, 3 }, [4] = { sys_listen, 2 },
		[5] = { sys_accept, 3 }, [6] = { sys_getsockname, 3 },
		[7] = { sys_getpeername, 3 }, [8] = { sys_socketpair, 4 },
		[9] = { sys_sendto, 4 }, [10] = { sys_recvfrom, 4 },
		[11] = { sys_sendto, 6 }, [12] = { sys_recvfrom, 6 },
		[13] = { sys_shutdown, 2 }, [14] = { sys_setsockopt, 5 },
		[15] = { sys_getsockopt, 5 }, [16] = { sys_sendmsg, 3 },
		[17] = { sys_recvmsg, 3 }, [18] = { sys_accept4, 4 },
	};
	long a[6] = { 0 };

	if (call < 1 || call >= (int)ARRAY_SIZE(calls))
		return -EINVAL;
	if (copy_from_user(a, args, calls[call].nargs * sizeof(long)))
		return -EFAULT;
	return ((sock_call_t)calls[call].fn)(a[0], a[1], a[2], a[3], a[4], a[5]);
}
#endif
