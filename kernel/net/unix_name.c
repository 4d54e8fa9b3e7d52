// SPDX-License-Identifier: MIT
/*
 * Local sockets by name: a node of the file system stands for the socket, or
 * an abstract name, which begins with a byte 0.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/err.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "unix.h"

static LIST_HEAD(abstract_names);
static DECLARE_WAIT_QUEUE_HEAD(connect_wait);	/* for whatever listener */

void wake_up_connect(void)
{
	wake_up_interruptible_all(&connect_wait);
}

/* Returns the name's length: a path's is up to its 0, whatever follows. */
static int get_sockaddr(struct sockaddr_un *addr, const void __user *uaddr, int len)
{
	memset(addr, 0, sizeof(*addr));
	if (len <= NO_NAME_LEN || len > NO_NAME_LEN + UNIX_PATH_MAX)
		return -EINVAL;
	if (copy_from_user(addr, uaddr, len))
		return -EFAULT;
	if (addr->sun_family != AF_UNIX)
		return -EINVAL;
	return addr->sun_path[0] ? NO_NAME_LEN + strlen(addr->sun_path) + 1 : len;
}

/* Cut to the room there is; *ulen gets the whole length. No sk: no name. */
static int put_sockaddr(const struct unix_sock *sk, void __user *uaddr,
			int __user *ulen)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int room, len = sk ? sk->addr_len : NO_NAME_LEN;

	if (sk)
		addr = sk->addr;
	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	return copy_to_user(uaddr, &addr, min(room, len)) || put_user(len, ulen) ?
	       -EFAULT : 0;
}

static struct unix_sock *find_abstract(const struct sockaddr_un *addr, int len)
{
	struct unix_sock *sk;

	list_for_each_entry(sk, &abstract_names, abstract)
		if (sk->addr_len == len && !memcmp(&sk->addr, addr, len))
			return sk;
	return NULL;
}

static int bind_path(struct unix_sock *sk, const char *path)
{
	struct dentry *dentry = path_create(AT_FDCWD, path, false);
	int error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry) == -EEXIST ? -EADDRINUSE : PTR_ERR(dentry);
	error = sk->addr_len != NO_NAME_LEN ? -EINVAL :
		vfs_mknod(dentry, S_IFSOCK | (S_IRWXUGO & ~current->fs->umask), 0);
	if (error) {
		dput(dentry);
		return error;
	}
	dentry->d_inode->i_private = sk;
	sk->path = dentry;
	return 0;
}

SYSCALL_DEFINE3(bind, int, fd, const void __user *, uaddr, int, len)
{
	struct unix_sock *sk = sock_lookup(fd);
	struct sockaddr_un addr;
	int error;

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	len = get_sockaddr(&addr, uaddr, len);
	if (len < 0)
		return len;
	if (addr.sun_path[0]) {
		error = bind_path(sk, addr.sun_path);
		if (error)
			return error;
	} else if (sk->addr_len != NO_NAME_LEN) {
		return -EINVAL;
	} else if (find_abstract(&addr, len)) {
		return -EADDRINUSE;
	} else {
		list_move_tail(&sk->abstract, &abstract_names);
	}
	sk->addr = addr;
	sk->addr_len = len;
	return 0;
}

SYSCALL_DEFINE2(listen, int, fd, int, backlog)
{
	struct unix_sock *sk = sock_lookup(fd);

	if (IS_ERR(sk))
		return PTR_ERR(sk);
	if (sk->addr_len == NO_NAME_LEN || sk->state == UNIX_CONNECTED)
		return -EINVAL;
	sk->state = UNIX_LISTEN;
	/* A negative number is a large one, as in Linux. */
	sk->backlog = min_t(unsigned int, backlog, 4096);
	sk->peer_creds = current_creds();
	wake_up_connect();
	return 0;
}

static struct unix_sock *find_listener(const struct sockaddr_un *addr, int len)
{
	struct unix_sock *sk = NULL;
	struct dentry *dentry;
	int error = 0;

	if (addr->sun_path[0]) {
		dentry = path_lookupat(AT_FDCWD, addr->sun_path, LOOKUP_FOLLOW);
		if (IS_ERR(dentry))
			return (struct unix_sock *)dentry;
		error = inode_permission(dentry->d_inode, MAY_WRITE);
		if (S_ISSOCK(dentry->d_inode->i_mode))
			sk = dentry->d_inode->i_private;
		dput(dentry);
	} else {
		sk = find_abstract(addr, len);
	}
	if (error)
		return ERR_PTR(error);
	return sk && sk->state == UNIX_LISTEN ? sk : ERR_PTR(-ECONNREFUSED);
}

/* Is the listener ready for one more? Or else is there none to wait for? */
static bool backlog_room(const struct sockaddr_un *addr, int len,
			 struct unix_sock **listener)
{
	*listener = find_listener(addr, len);
	return IS_ERR(*listener) || (*listener)->pending <= (*listener)->backlog;
}

/* With room in the backlog it is done: the other end exists before any accept. */
SYSCALL_DEFINE3(connect, int, fd, const void __user *, uaddr, int, len)
{
	struct file *file __free(fput) = sockfd_lookup(fd);
	struct unix_sock *sk, *new, *listener;
	struct sockaddr_un addr;
	int error;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = get_sockaddr(&addr, uaddr, len);
	if (len < 0)
		return len;
	error = wait_event_nonblock(connect_wait, backlog_room(&addr, len, &listener),
				    file->f_flags & O_NONBLOCK);
	if (error)
		return error;
	if (IS_ERR(listener))
		return PTR_ERR(listener);
	sk = file->private_data;
	if (sk->state != UNIX_CLOSED)
		return sk->state == UNIX_LISTEN ? -EINVAL : -EISCONN;
	new = unix_create(sk);
	if (!new)
		return -ENOMEM;
	new->addr = listener->addr;
	new->addr_len = listener->addr_len;
	sk->peer_creds = listener->peer_creds;
	list_add_tail(&new->link, &listener->accept_queue);
	listener->pending++;
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
	sk->pending--;
	wake_up_connect();
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
