// SPDX-License-Identifier: MIT
/* Local stream sockets as files: made, polled, asked, closed. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

#define FIONREAD	0x541B
#define SOCK_STREAM	1
#define SOCK_TYPE_MASK	0xf

#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_PEERCRED	17
#define SO_ACCEPTCONN	30
#define SO_PROTOCOL	38
#define SO_DOMAIN	39

static struct pipe_inode_info *open_pipe(void)
{
	struct pipe_inode_info *pipe = alloc_pipe_info();

	if (pipe)
		pipe->readers = pipe->writers = 1;
	return pipe;
}

/* No more goes in; what is there can still be read. */
static void end_pipe(struct pipe_inode_info *pipe)
{
	pipe->readers = pipe->writers = 0;
	wake_up_interruptible_all(&pipe->rd_wait);
	wake_up_interruptible_all(&pipe->wr_wait);
}

static void free_sock(struct unix_sock *sk)
{
	if (!sk->peer && sk->in)
		free_pipe_info(sk->in);
	if (!sk->peer && sk->out)
		free_pipe_info(sk->out);
	kfree(sk);
}

struct ucred current_creds(void)
{
	return (struct ucred){ current->tgid, current->euid, current->egid };
}

/* A new socket, connected to peer unless that is NULL. */
struct unix_sock *unix_create(struct unix_sock *peer)
{
	struct unix_sock *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	if (!sk)
		return NULL;
	INIT_LIST_HEAD(&sk->files);
	INIT_LIST_HEAD(&sk->accept_queue);
	INIT_LIST_HEAD(&sk->abstract);
	sk->addr.sun_family = AF_UNIX;
	sk->addr_len = NO_NAME_LEN;
	sk->in = peer ? peer->out : open_pipe();
	sk->out = peer ? peer->in : open_pipe();
	if (!sk->in || !sk->out) {
		free_sock(sk);
		return NULL;
	}
	if (peer) {
		sk->peer = peer;
		peer->peer = sk;
		sk->state = peer->state = UNIX_CONNECTED;
		sk->peer_creds = peer->peer_creds = current_creds();
	}
	return sk;
}

/* Its file is gone, or it never got one. */
void unix_release(struct unix_sock *sk)
{
	struct unix_sock *new, *next;

	list_for_each_entry_safe(new, next, &sk->accept_queue, link) {
		if (new->peer)
			new->peer->err = ECONNRESET;
		unix_release(new);
	}
	if (sk->path)
		sk->path->d_inode->i_private = NULL;
	dput(sk->path);
	list_del(&sk->abstract);
	wake_up_connect();
	if (sk->peer) {
		if (sk->in->len)
			sk->peer->err = ECONNRESET;
		sk->peer->peer = NULL;
	}
	sk->in->len = 0;
	end_pipe(sk->in);
	end_pipe(sk->out);
	scm_destroy(&sk->files);
	free_sock(sk);
}

static int sock_close(struct inode *inode, struct file *file)
{
	unix_release(file->private_data);
	return 0;
}

static unsigned int sock_poll(struct file *file, poll_table *pt)
{
	struct unix_sock *sk = file->private_data;
	struct pipe_inode_info *in = sk->in, *out = sk->out;
	unsigned int mask = sk->err ? POLLERR : 0;

	poll_wait(file, &in->rd_wait, pt);
	poll_wait(file, &out->wr_wait, pt);
	if (in->len || !in->writers || !list_empty(&sk->accept_queue))
		mask |= POLLIN | POLLRDNORM;
	if (!in->writers)
		mask |= POLLRDHUP;
	if (sk->state == UNIX_CLOSED || (!in->writers && !out->readers))
		mask |= POLLHUP;
	if (sk->state != UNIX_LISTEN && pipe_has_room(out, PIPE_BUF))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct unix_sock *sk = file->private_data;

	return cmd != FIONREAD ? -ENOTTY : put_user((int)sk->in->len, (int __user *)arg);
}

static const struct file_operations socket_fops = {
	.read = unix_read,
	.write = unix_write,
	.poll = sock_poll,
	.unlocked_ioctl = sock_ioctl,
	.release = sock_close,
};

/* A descriptor for sk, which is let go when there is none. */
int sock_map_fd(struct unix_sock *sk, int flags)
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

/* The socket alone, for a call that does not sleep: it can't go meanwhile. */
struct unix_sock *sock_lookup(int fd)
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

/* What one can't send the other can't receive: they share the pipe. */
SYSCALL_DEFINE2(shutdown, int, fd, int, how)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (how < 0 || how > 2)
		return -EINVAL;
	if (how != 1)
		end_pipe(sk->in);
	if (how != 0)
		end_pipe(sk->out);
	return 0;
}

SYSCALL_DEFINE5(getsockopt, int, fd, int, level, int, optname,
		void __user *, optval, int __user *, optlen)
{
	struct unix_sock *sk = sock_lookup(fd);
	struct ucred val = { 0, 0, 0 };	/* pid is any other option's value */
	int len, size = sizeof(int);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	switch (optname) {
	case SO_TYPE:
		val.pid = SOCK_STREAM;
		break;
	case SO_DOMAIN:
		val.pid = AF_UNIX;
		break;
	case SO_PROTOCOL:
		break;
	case SO_ERROR:
		val.pid = sk->err;
		sk->err = 0;
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
