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
#define SOCK_TYPE_MASK	0xf

#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_ACCEPTCONN	30
#define SO_PROTOCOL	38
#define SO_DOMAIN	39

/* n bytes without files; those that come along with them are let go. */
static ssize_t sock_rw(struct file *file, bool send, void __user *buf, size_t n,
		       unsigned int flags)
{
	struct iovec iov = { buf, min_t(size_t, n, MAX_RW_COUNT) };
	struct unix_msg msg = { send, flags, &iov, 1, iov.iov_len, NULL };
	ssize_t ret;

	if (file->f_flags & O_NONBLOCK)
		msg.flags |= MSG_DONTWAIT;
	ret = unix_sendrecv(file->private_data, &msg);
	scm_destroy(msg.fp);
	return ret;
}

static ssize_t sock_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	return sock_rw(file, false, buf, n, 0);
}

static ssize_t sock_write(struct file *file, const char __user *buf, size_t n,
			  loff_t *pos)
{
	return sock_rw(file, true, (char __user *)buf, n, 0);
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *sk = file->private_data;

	return cmd != FIONREAD ? -ENOTTY : put_user((int)sk->in->len, (int __user *)arg);
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

/* A descriptor for sk, which is let go when there is none. */
static int sock_map_fd(struct unix_sock *sk, int flags)
{
	int fd;

	if (!sk)
		return -ENOMEM;
	fd = anon_inode_getfd("socket:[%llu]", S_IFSOCK | S_IRWXUGO, &socket_fops,
			      sk, flags);
	if (fd < 0)
		unix_release(sk);
	return fd;
}

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

/* The socket alone, for a call that does not sleep: it can't go meanwhile. */
static struct unix_sock *sock_lookup(int fd)
{
	struct file *file = sockfd_lookup(fd);

	if (IS_ERR(file))
		return (struct unix_sock *)file;
	fput(file);
	return file->private_data;
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

	return error ? error : sock_map_fd(unix_create(NULL), type);
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, usockvec)
{
	int fd[2], error = check_socket(family, type, protocol);
	struct unix_sock *a, *b;

	if (error)
		return error;
	a = unix_create(NULL);
	b = a ? unix_create(a) : NULL;
	fd[0] = sock_map_fd(a, type);
	fd[1] = sock_map_fd(b, type);
	error = min(fd[0], fd[1]);
	if (error >= 0)
		error = copy_to_user(usockvec, fd, sizeof(fd)) ? -EFAULT : 0;
	if (error) {
		sys_close(fd[0]);
		sys_close(fd[1]);
	}
	return error;
}

static int get_sockaddr(struct sockaddr_un *addr, const void __user *uaddr, int len)
{
	memset(addr, 0, sizeof(*addr));
	if (len <= UNIX_NAME_OFFSET || len > UNIX_NAME_OFFSET + UNIX_PATH_MAX)
		return -EINVAL;
	if (copy_from_user(addr, uaddr, len))
		return -EFAULT;
	/* Without a path: an abstract name, of which there are none here. */
	return addr->sun_family == AF_UNIX && addr->sun_path[0] ? 0 : -EINVAL;
}

/* Cut to the room there is; *ulen gets the whole length. */
static int put_sockaddr(const struct sockaddr_un *addr, void __user *uaddr,
			int __user *ulen)
{
	int room, len = UNIX_NAME_OFFSET;

	if (addr->sun_path[0])
		len += strlen(addr->sun_path) + 1;
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	return copy_to_user(uaddr, addr, min(room, len)) || put_user(len, ulen) ?
	       -EFAULT : 0;
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	struct unix_sock *sk = sock_lookup(fd);
	struct sockaddr_un addr;
	int error = IS_ERR(sk) ? PTR_ERR(sk) : get_sockaddr(&addr, uaddr, len);

	return error ? error : unix_bind(sk, &addr);
}

SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	struct unix_sock *sk = sock_lookup(fd);
	struct sockaddr_un addr;
	int error = IS_ERR(sk) ? PTR_ERR(sk) : get_sockaddr(&addr, uaddr, len);

	return error ? error : unix_connect(sk, addr.sun_path);
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct unix_sock *sk = sock_lookup(fd);

	return IS_ERR(sk) ? PTR_ERR(sk) : unix_listen(sk);
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, uaddr, int __user *, ulen,
		int, flags)
{
	const struct sockaddr_un none = { .sun_family = AF_UNIX };
	struct file *file = sockfd_lookup(fd);
	struct unix_sock *new;
	int error = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	new = flags & ~(O_CLOEXEC | O_NONBLOCK) ? ERR_PTR(-EINVAL) :
	      unix_accept(file->private_data, file->f_flags & O_NONBLOCK);
	fput(file);
	if (IS_ERR(new))
		return PTR_ERR(new);
	/* Whose client has gone already had no name. */
	if (uaddr)
		error = put_sockaddr(new->peer ? &new->peer->addr : &none, uaddr, ulen);
	if (!error)
		return sock_map_fd(new, flags);
	unix_release(new);
	return error;
}

SYSCALL_DEFINE3(accept, int, fd, void __user *, uaddr, int __user *, ulen)
{
	return sys_accept4(fd, uaddr, ulen, 0);
}

SYSCALL_DEFINE3(getsockname, int, fd, void __user *, uaddr, int __user *, ulen)
{
	struct unix_sock *sk = sock_lookup(fd);

	return IS_ERR(sk) ? PTR_ERR(sk) : put_sockaddr(&sk->addr, uaddr, ulen);
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	return sk->peer ? put_sockaddr(&sk->peer->addr, uaddr, ulen) : -ENOTCONN;
}

SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (how < 0 || how > 2)
		return -EINVAL;
	/* What one can't send the other can't receive: they share the pipe. */
	if (how != 1)
		unix_shutdown(sk->in);
	if (how != 0)
		unix_shutdown(sk->out);
	return 0;
}

static ssize_t sock_rw_fd(int fd, bool send, void __user *buf, size_t n,
			  unsigned int flags)
{
	struct file *file = sockfd_lookup(fd);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = sock_rw(file, send, buf, n, flags);
	fput(file);
	return ret;
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

/* msg has its direction and flags; u is the copy of umsg, for the answers. */
static ssize_t sock_msg(int fd, struct unix_msg *msg, struct user_msghdr *u,
			const struct user_msghdr __user *umsg)
{
	struct file *file = sockfd_lookup(fd);
	struct iovec *iov = NULL;
	ssize_t ret = -EFAULT, error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (copy_from_user(u, umsg, sizeof(*u)))
		goto out;
	ret = import_iovec(u->msg_iov, u->msg_iovlen, &iov);
	if (ret < 0)
		goto out;
	msg->iov = iov;
	msg->nr = u->msg_iovlen;
	msg->len = ret;
	if (file->f_flags & O_NONBLOCK)
		msg->flags |= MSG_DONTWAIT;
	error = msg->send ? scm_send(msg, u->msg_control, u->msg_controllen) : 0;
	ret = error ? error : unix_sendrecv(file->private_data, msg);
	if (!msg->send && ret >= 0) {
		error = scm_recv(msg, u->msg_control, &u->msg_controllen);
		ret = error ? error : ret;
	}
	scm_destroy(msg->fp);
out:
	kfree(iov);
	fput(file);
	return ret;
}

SYSCALL_DEFINE3(sendmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct unix_msg msg = { .send = true, .flags = flags };
	struct user_msghdr u;

	return sock_msg(fd, &msg, &u, umsg);
}

SYSCALL_DEFINE3(recvmsg, int, fd, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct unix_msg msg = { .flags = flags };
	struct user_msghdr u;
	ssize_t ret = sock_msg(fd, &msg, &u, umsg);

	if (ret < 0)
		return ret;
	msg.flags &= MSG_CTRUNC | MSG_CMSG_CLOEXEC;
	return put_user(0, &umsg->msg_namelen) ||
	       put_user(u.msg_controllen, &umsg->msg_controllen) ||
	       put_user(msg.flags, &umsg->msg_flags) ? -EFAULT : ret;
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, optname,
		void __user *, optval, int __user *, optlen)
{
	struct unix_sock *sk = sock_lookup(fd);
	int val = 0, len;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (optname) {
	case SO_TYPE:
		val = SOCK_STREAM;
		break;
	case SO_DOMAIN:
		val = AF_UNIX;
		break;
	case SO_PROTOCOL:
		break;
	case SO_ERROR:
		val = sk->err;
		sk->err = 0;
		break;
	case SO_ACCEPTCONN:
		val = sk->state == UNIX_LISTEN;
		break;
	default:
		return -ENOPROTOOPT;
	}
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(val));
	return copy_to_user(optval, &val, len) || put_user(len, optlen) ? -EFAULT : 0;
}

/* What is heard changes nothing. */
SYSCALL_DEFINE5(setsockopt, int, fd, int, level, int, optname,
		void __user *, optval, int, optlen)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	return optname == SO_REUSEADDR || optname == SO_KEEPALIVE ||
	       optname == SO_SNDBUF || optname == SO_RCVBUF ? 0 : -ENOPROTOOPT;
}
