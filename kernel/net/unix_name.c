// SPDX-License-Identifier: MIT
/* Local sockets by name: a node of the file system stands for the socket. */
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

#define NAME_OFFSET	((int)offsetof(struct sockaddr_un, sun_path))

static int get_sockaddr(struct sockaddr_un *addr, const void __user *uaddr, int len)
{
	memset(addr, 0, sizeof(*addr));
	if (len <= NAME_OFFSET || len > NAME_OFFSET + UNIX_PATH_MAX)
		return -EINVAL;
	if (copy_from_user(addr, uaddr, len))
		return -EFAULT;
	/* Without a path: an abstract name, of which there are none here. */
	return addr->sun_family == AF_UNIX && addr->sun_path[0] ? 0 : -EINVAL;
}

/* Cut to the room there is; *ulen gets the whole length. No sk: no name. */
static int put_sockaddr(const struct unix_sock *sk, void __user *uaddr,
			int __user *ulen)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int room, len = NAME_OFFSET;

	if (sk)
		addr = sk->addr;
	if (addr.sun_path[0])
		len += strlen(addr.sun_path) + 1;
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	return copy_to_user(uaddr, &addr, min(room, len)) || put_user(len, ulen) ?
	       -EFAULT : 0;
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	struct unix_sock *sk = sock_lookup(fd);
	struct sockaddr_un addr;
	struct dentry *dentry;
	int error;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	error = get_sockaddr(&addr, uaddr, len);
	if (error)
		return error;
	dentry = path_create(AT_FDCWD, addr.sun_path, false);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry) == -EEXIST ? -EADDRINUSE : PTR_ERR(dentry);
	error = sk->path ? -EINVAL :
		vfs_mknod(dentry, S_IFSOCK | (S_IRWXUGO & ~current->fs->umask), 0);
	if (error) {
		dput(dentry);
		return error;
	}
	dentry->d_inode->i_private = sk;
	sk->path = dentry;
	sk->addr = addr;
	return 0;
}

/* The queue of those that have connected is as long as memory lets it. */
SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (!sk->path || sk->state == UNIX_CONNECTED)
		return -EINVAL;
	sk->state = UNIX_LISTEN;
	return 0;
}

static struct unix_sock *find_listener(const char *path)
{
	struct dentry *dentry = path_lookupat(AT_FDCWD, path, LOOKUP_FOLLOW);
	struct unix_sock *sk = NULL;
	int error;

	if (IS_ERR(dentry))
		return (struct unix_sock *)dentry;
	error = inode_permission(dentry->d_inode, MAY_WRITE);
	if (S_ISSOCK(dentry->d_inode->i_mode))
		sk = dentry->d_inode->i_private;
	dput(dentry);
	if (error)
		return ERR_PTR(error);
	return sk && sk->state == UNIX_LISTEN ? sk : ERR_PTR(-ECONNREFUSED);
}

/* Done at once: the other end exists before anybody accepts it. */
SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	struct unix_sock *new, *listener, *sk = sock_lookup(fd);
	struct sockaddr_un addr;
	int error = IS_ERR(sk) ? PTR_ERR(sk) : get_sockaddr(&addr, uaddr, len);

	if (error)
		return error;
	listener = find_listener(addr.sun_path);
	if (IS_ERR(listener))
		return PTR_ERR(listener);
	if (sk->state != UNIX_CLOSED)
		return sk->state == UNIX_LISTEN ? -EINVAL : -EISCONN;
	new = unix_create(sk);
	if (!new)
		return -ENOMEM;
	new->addr = listener->addr;
	list_add_tail(&new->link, &listener->accept_queue);
	wake_up_interruptible_all(&listener->in->rd_wait);
	return 0;
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, uaddr, int __user *, ulen,
		int, flags)
{
	struct file *file __free(fput) = sockfd_lookup(fd);
	struct unix_sock *sk, *new;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	sk = file->private_data;
	if (sk->state != UNIX_LISTEN || (flags & ~(O_CLOEXEC | O_NONBLOCK)))
		return -EINVAL;
	error = wait_event_nonblock(sk->in->rd_wait, !list_empty(&sk->accept_queue) ||
				    !sk->in->writers, file->f_flags & O_NONBLOCK);
	if (error)
		return error;
	if (list_empty(&sk->accept_queue))	/* it was shut down */
		return -EINVAL;
	new = list_first_entry(&sk->accept_queue, struct unix_sock, link);
	list_del(&new->link);
	error = uaddr ? put_sockaddr(new->peer, uaddr, ulen) : 0;
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

	return IS_ERR(sk) ? PTR_ERR(sk) : put_sockaddr(sk, uaddr, ulen);
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, uaddr, int __user *, ulen)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	return sk->peer ? put_sockaddr(sk->peer, uaddr, ulen) : -ENOTCONN;
}
