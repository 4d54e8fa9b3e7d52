/* SPDX-License-Identifier: MIT */
/* Sockets of the one family and type there is: AF_UNIX, SOCK_STREAM. */
#ifndef _NET_UNIX_H
#define _NET_UNIX_H

#include <linux/fs.h>
#include <linux/pipe_fs_i.h>

#define AF_UNIX		1
#define SOCK_STREAM	1
#define SOL_SOCKET	1
#define UNIX_PATH_MAX	108

#define MSG_PEEK		0x02
#define MSG_CTRUNC		0x08
#define MSG_DONTWAIT		0x40
#define MSG_WAITALL		0x100
#define MSG_NOSIGNAL		0x4000
#define MSG_CMSG_CLOEXEC	0x40000000

struct sockaddr_un {
	u16 sun_family;
	char sun_path[UNIX_PATH_MAX + 1];	/* the longest has its 0 after it */
};

#define UNIX_NAME_OFFSET	((int)offsetof(struct sockaddr_un, sun_path))

/* The open files of one message on their way. */
struct scm_fp_list {
	struct list_head list;		/* in the receiver's files */
	u64 start, end;			/* the bytes they came with, of all ever */
	int count;
	struct file *fp[];
};

enum unix_state { UNIX_CLOSED, UNIX_LISTEN, UNIX_CONNECTED };

/*
 * Two pipes make a connection. They are there before it, so that one can
 * poll first and connect then; the last of its two sockets frees them.
 */
struct unix_sock {
	enum unix_state state;
	int err;			/* told once, by the next call */
	struct unix_sock *peer;		/* NULL: none, or it is gone */
	struct pipe_inode_info *in;	/* the peer's out; accept waits on it, too */
	struct pipe_inode_info *out;
	u64 received;			/* bytes ever read from in */
	struct list_head files;		/* scm_fp_lists that come by in */
	struct list_head accept_queue;	/* those that connected, by link */
	struct list_head link;
	struct dentry *path;		/* its inode's i_private is this socket */
	struct sockaddr_un addr;	/* without a path: no name */
};

/* One message as sendmsg and recvmsg have it. */
struct unix_msg {
	bool send;
	unsigned int flags;		/* MSG_*; those to report afterwards */
	struct iovec *iov;
	unsigned long nr;
	size_t len;			/* bytes in all of iov */
	struct scm_fp_list *fp;		/* to send, or received */
};

/* af_unix.c */
struct unix_sock *unix_create(struct unix_sock *peer);
void unix_release(struct unix_sock *sk);
int unix_bind(struct unix_sock *sk, const struct sockaddr_un *addr);
int unix_listen(struct unix_sock *sk);
int unix_connect(struct unix_sock *sk, const char *path);
struct unix_sock *unix_accept(struct unix_sock *sk, bool nonblock);
unsigned int unix_poll(struct file *file, poll_table *pt);
void unix_shutdown(struct pipe_inode_info *pipe);

/* unix_msg.c */
ssize_t unix_sendrecv(struct unix_sock *sk, struct unix_msg *msg);
int scm_send(struct unix_msg *msg, const void __user *control, size_t len);
int scm_recv(struct unix_msg *msg, void __user *control, size_t *len);
void scm_destroy(struct scm_fp_list *fp);

#endif
