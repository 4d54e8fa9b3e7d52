// SPDX-License-Identifier: MIT
/*
 * The life of a local stream socket: made, named, listening or connected,
 * closed. Two connected ones are each other's peer, and what one sends is put
 * in the other's queue (stream.c).
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/err.h>
#include "unix.h"

static LIST_HEAD(unix_socket_table);	/* all that have a name */

struct unix_sock *unix_create(void)
{
	struct unix_sock *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	if (!sk)
		return NULL;
	atomic_set(&sk->refs, 1);
	init_waitqueue_head(&sk->wait);
	INIT_LIST_HEAD(&sk->queue);
	INIT_LIST_HEAD(&sk->accept_queue);
	INIT_LIST_HEAD(&sk->link);
	INIT_LIST_HEAD(&sk->bound);
	sk->addr.sun_family = AF_UNIX;
	sk->addr_len = UNIX_NAME_OFFSET;
	return sk;
}

static void sock_put(struct unix_sock *sk)
{
	if (atomic_dec_and_test(&sk->refs))
		kfree(sk);
}

/* Its file is gone, or it never got one. The peer keeps what it can still read. */
void unix_release(struct unix_sock *sk)
{
	struct unix_sock *peer = sk->peer;

	list_del_init(&sk->bound);
	dput(sk->path);
	sk->path = NULL;
	while (!list_empty(&sk->accept_queue)) {
		struct unix_sock *new = list_first_entry(&sk->accept_queue,
						struct unix_sock, link);

		list_del_init(&new->link);
		new->peer->err = ECONNRESET;
		unix_release(new);
	}
	if (peer) {
		if (!list_empty(&sk->queue))
			peer->err = ECONNRESET;
		peer->shutdown = RCV_SHUTDOWN | SEND_SHUTDOWN;
		wake_up_interruptible_all(&peer->wait);
		sk->peer = NULL;
		sock_put(peer);
	}
	unix_purge_queue(sk);
	/* Whoever waits to connect to it looks again. */
	sk->state = UNIX_CLOSED;
	wake_up_interruptible_all(&sk->wait);
	sock_put(sk);
}

static struct ucred current_creds(void)
{
	return (struct ucred){ current->tgid, current->euid, current->egid };
}

static void connect_pair(struct unix_sock *a, struct unix_sock *b)
{
	atomic_inc(&a->refs);
	atomic_inc(&b->refs);
	a->peer = b;
	b->peer = a;
	a->state = b->state = UNIX_CONNECTED;
}

void unix_socketpair(struct unix_sock *a, struct unix_sock *b)
{
	connect_pair(a, b);
	a->peer_creds = b->peer_creds = current_creds();
}

static struct unix_sock *find_abstract(const struct sockaddr_un *addr, int len)
{
	struct unix_sock *sk;

	list_for_each_entry(sk, &unix_socket_table, bound)
		if (!sk->path && sk->addr_len == len &&
		    !memcmp(&sk->addr, addr, len))
			return sk;
	return NULL;
}

static struct unix_sock *find_by_inode(const struct inode *inode)
{
	struct unix_sock *sk;

	list_for_each_entry(sk, &unix_socket_table, bound)
		if (sk->path && sk->path->d_inode == inode)
			return sk;
	return NULL;
}

/* A name nobody else has: 0 and five hexadecimal digits. */
static void unix_autobind(struct sockaddr_un *addr, int *len)
{
	static unsigned int next;

	do {
		addr->sun_path[0] = '\0';
		snprintf(addr->sun_path + 1, UNIX_PATH_MAX - 1, "%05x",
			 next++ & 0xfffff);
		*len = UNIX_NAME_OFFSET + 6;
	} while (find_abstract(addr, *len));
}

/* A node of the file system stands for the socket. */
static int bind_path(struct unix_sock *sk, const char *path)
{
	struct dentry *dentry = path_create(AT_FDCWD, path, false);
	int error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry) == -EEXIST ? -EADDRINUSE : PTR_ERR(dentry);
	error = !list_empty(&sk->bound) ? -EINVAL :
		vfs_mknod(dentry, S_IFSOCK | (S_IRWXUGO & ~current->fs->umask), 0);
	if (error)
		dput(dentry);
	else
		sk->path = dentry;
	return error;
}

int unix_bind(struct unix_sock *sk, struct sockaddr_un *addr, int len)
{
	int error;

	if (addr->sun_family != AF_UNIX)
		return -EINVAL;
	if (len == UNIX_NAME_OFFSET)
		unix_autobind(addr, &len);
	if (addr->sun_path[0]) {
		error = bind_path(sk, addr->sun_path);
		if (error)
			return error;
		len = UNIX_NAME_OFFSET + strlen(addr->sun_path) + 1;
	} else if (!list_empty(&sk->bound)) {
		return -EINVAL;
	} else if (find_abstract(addr, len)) {
		return -EADDRINUSE;
	}
	sk->addr = *addr;
	sk->addr_len = len;
	list_add(&sk->bound, &unix_socket_table);
	return 0;
}

int unix_listen(struct unix_sock *sk, int backlog)
{
	if (list_empty(&sk->bound) || sk->state == UNIX_CONNECTED)
		return -EINVAL;
	sk->state = UNIX_LISTEN;
	/* A negative number is a large one, as in Linux. */
	sk->backlog = min_t(unsigned int, backlog, 4096);
	sk->peer_creds = current_creds();
	wake_up_interruptible_all(&sk->wait);
	return 0;
}

/* The listening socket of that name, counted. */
static struct unix_sock *find_listener(const struct sockaddr_un *addr, int len)
{
	struct unix_sock *sk;
	struct dentry *dentry;
	int error;

	if (addr->sun_path[0]) {
		dentry = path_lookupat(AT_FDCWD, addr->sun_path, LOOKUP_FOLLOW);
		if (IS_ERR(dentry))
			return (struct unix_sock *)dentry;
		error = inode_permission(dentry->d_inode, MAY_WRITE);
		sk = find_by_inode(dentry->d_inode);
		dput(dentry);
		if (error)
			return ERR_PTR(error);
	} else {
		sk = find_abstract(addr, len);
	}
	if (!sk || sk->state != UNIX_LISTEN)
		return ERR_PTR(-ECONNREFUSED);
	atomic_inc(&sk->refs);
	return sk;
}

static bool backlog_full(struct unix_sock *listener)
{
	return listener->state == UNIX_LISTEN &&
	       listener->pending > listener->backlog;
}

/* Room in the backlog, or an end of the wait for it. */
static int wait_for_backlog(struct unix_sock *listener, bool nonblock)
{
	int error;

	if (backlog_full(listener)) {
		if (nonblock)
			return -EAGAIN;
		error = wait_event_interruptible(listener->wait,
						 !backlog_full(listener));
		if (error)
			return error;
	}
	return listener->state == UNIX_LISTEN ? 0 : -ECONNREFUSED;
}

/* Done at once: the other end exists before anybody accepts it. */
int unix_connect(struct unix_sock *sk, struct sockaddr_un *addr, int len,
		 bool nonblock)
{
	struct unix_sock *listener, *new;
	int error;

	if (addr->sun_family != AF_UNIX || len == UNIX_NAME_OFFSET)
		return -EINVAL;
	if (sk->state != UNIX_CLOSED)
		return sk->state == UNIX_LISTEN ? -EINVAL : -EISCONN;
	listener = find_listener(addr, len);
	if (IS_ERR(listener))
		return PTR_ERR(listener);
	error = wait_for_backlog(listener, nonblock);
	if (error)
		goto out;
	error = -ENOMEM;
	new = unix_create();
	if (!new)
		goto out;
	new->addr = listener->addr;
	new->addr_len = listener->addr_len;
	new->peer_creds = current_creds();
	sk->peer_creds = listener->peer_creds;
	connect_pair(sk, new);
	list_add_tail(&new->link, &listener->accept_queue);
	listener->pending++;
	wake_up_interruptible_all(&listener->wait);
	error = 0;
out:
	sock_put(listener);
	return error;
}

struct unix_sock *unix_accept(struct unix_sock *sk, bool nonblock)
{
	struct unix_sock *new;
	int error;

	if (sk->state != UNIX_LISTEN)
		return ERR_PTR(-EINVAL);
	while (list_empty(&sk->accept_queue)) {
		if (sk->shutdown & RCV_SHUTDOWN)
			return ERR_PTR(-EINVAL);
		if (nonblock)
			return ERR_PTR(-EAGAIN);
		error = wait_event_interruptible(sk->wait,
				!list_empty(&sk->accept_queue) ||
				(sk->shutdown & RCV_SHUTDOWN));
		if (error)
			return ERR_PTR(error);
	}
	new = list_first_entry(&sk->accept_queue, struct unix_sock, link);
	list_del_init(&new->link);
	sk->pending--;
	wake_up_interruptible_all(&sk->wait);
	return new;
}

int unix_shutdown(struct unix_sock *sk, int how)
{
	if (how < 0 || how > 2)
		return -EINVAL;
	how++;				/* now a mask of the two ends */
	sk->shutdown |= how;
	wake_up_interruptible_all(&sk->wait);
	if (sk->peer) {
		/* What one can't send the other can't receive. */
		sk->peer->shutdown |= (how & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) |
				      (how & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
		wake_up_interruptible_all(&sk->peer->wait);
	}
	return 0;
}
