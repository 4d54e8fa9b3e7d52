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

struct file *sockfd_lookup(int fd)
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
