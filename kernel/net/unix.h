/* SPDX-License-Identifier: MIT */
/* Sockets of the one family and type there is: AF_UNIX, SOCK_STREAM. */
#ifndef _NET_UNIX_H
#define _NET_UNIX_H

#include <linux/fs.h>
#include <linux/pipe_fs_i.h>

#define AF_UNIX		1
#define SOL_SOCKET	1
#define UNIX_PATH_MAX	108

struct sockaddr_un {
	u16 sun_family;
	char sun_path[UNIX_PATH_MAX + 1];	/* the longest has its 0 after it */
};

struct ucred {
	pid_t pid;
	uid_t uid;
	gid_t gid;
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
	int backlog, pending;		/* of a listener: at the most, and now */
	struct dentry *path;		/* its inode's i_private is this socket */
	struct list_head abstract;	/* among those whose names are no paths */
	struct sockaddr_un addr;
	int addr_len;			/* just the family's: no name */
	struct ucred peer_creds;	/* of a listener: its own */
};

#define NO_NAME_LEN	((int)offsetof(struct sockaddr_un, sun_path))

/* af_unix.c */
struct unix_sock *unix_create(struct unix_sock *peer);
void unix_release(struct unix_sock *sk);
int sock_map_fd(struct unix_sock *sk, int flags);
struct file *sockfd_lookup(int fd);
struct unix_sock *sock_lookup(int fd);
struct ucred current_creds(void);

/* unix_name.c: whoever waits for a listener looks again. */
void wake_up_connect(void);

/* unix_msg.c */
ssize_t unix_read(struct file *file, char __user *buf, size_t n, loff_t *pos);
ssize_t unix_write(struct file *file, const char __user *buf, size_t n, loff_t *pos);
void scm_destroy(struct list_head *lists);

#endif
