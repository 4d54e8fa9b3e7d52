// SPDX-License-Identifier: MIT
/* The life of a local stream socket: made, named, listening or connected, closed. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/err.h>
#include "unix.h"

static struct pipe_inode_info *open_pipe(void)
{
	struct pipe_inode_info *pipe = alloc_pipe_info();

	if (pipe)
		pipe->readers = pipe->writers = 1;
	return pipe;
}

/* No more goes in; what is there can still be read. */
void unix_shutdown(struct pipe_inode_info *pipe)
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

/* A new socket, connected to peer unless that is NULL. */
struct unix_sock *unix_create(struct unix_sock *peer)
{
	struct unix_sock *sk = kzalloc(sizeof(*sk), GFP_KERNEL);

	if (!sk)
		return NULL;
	INIT_LIST_HEAD(&sk->files);
	INIT_LIST_HEAD(&sk->accept_queue);
	sk->addr.sun_family = AF_UNIX;
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
	}
	return sk;
}

/* Its file is gone, or it never got one. */
void unix_release(struct unix_sock *sk)
{
	struct unix_sock *new, *next;
	struct scm_fp_list *fp, *more;

	list_for_each_entry_safe(new, next, &sk->accept_queue, link) {
		if (new->peer)
			new->peer->err = ECONNRESET;
		unix_release(new);
	}
	list_for_each_entry_safe(fp, more, &sk->files, list)
		scm_destroy(fp);
	if (sk->path)
		sk->path->d_inode->i_private = NULL;
	dput(sk->path);
	if (sk->peer) {
		if (sk->in->len)
			sk->peer->err = ECONNRESET;
		sk->peer->peer = NULL;
	}
	sk->in->len = 0;
	unix_shutdown(sk->in);
	unix_shutdown(sk->out);
	free_sock(sk);
}

/* A node of the file system stands for the socket. */
int unix_bind(struct unix_sock *sk, const struct sockaddr_un *addr)
{
	struct dentry *dentry = path_create(AT_FDCWD, addr->sun_path, false);
	int error;

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
	sk->addr = *addr;
	return 0;
}

int unix_listen(struct unix_sock *sk)
{
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

/* Done at once, for a backlog never ends: the other end exists before its accept. */
int unix_connect(struct unix_sock *sk, const char *path)
{
	struct unix_sock *new, *listener = find_listener(path);

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

struct unix_sock *unix_accept(struct unix_sock *sk, bool nonblock)
{
	struct unix_sock *new;
	int error;

	if (sk->state != UNIX_LISTEN)
		return ERR_PTR(-EINVAL);
	error = wait_event_nonblock(sk->in->rd_wait, !list_empty(&sk->accept_queue) ||
				    !sk->in->writers, nonblock);
	if (!error && list_empty(&sk->accept_queue))
		error = -EINVAL;
	if (error)
		return ERR_PTR(error);
	new = list_first_entry(&sk->accept_queue, struct unix_sock, link);
	list_del(&new->link);
	return new;
}

unsigned int unix_poll(struct file *file, poll_table *pt)
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
