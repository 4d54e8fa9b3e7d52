/* SPDX-License-Identifier: MIT */
/* Sockets of the one family and type there is: AF_UNIX, SOCK_STREAM. */
#ifndef _NET_UNIX_H
#define _NET_UNIX_H

#include <linux/fs.h>

#define AF_UNSPEC	0
#define AF_UNIX		1
#define SOCK_STREAM	1
#define SOCK_TYPE_MASK	0xf
#define SOL_SOCKET	1
#define UNIX_PATH_MAX	108
#define UNIX_RCVBUF	212992		/* bytes on their way; Linux's default */

#define MSG_PEEK		0x02
#define MSG_CTRUNC		0x08
#define MSG_DONTWAIT		0x40
#define MSG_WAITALL		0x100
#define MSG_NOSIGNAL		0x4000
#define MSG_CMSG_CLOEXEC	0x40000000

#define RCV_SHUTDOWN	1		/* a how of shutdown(2), plus one */
#define SEND_SHUTDOWN	2

struct sockaddr_un {
	u16 sun_family;
	/* A first byte 0: an abstract name. The longest path has its 0 after it. */
	char sun_path[UNIX_PATH_MAX + 1];
};

#define UNIX_NAME_OFFSET	((int)offsetof(struct sockaddr_un, sun_path))
#define UNIX_ADDR_MAX		(UNIX_NAME_OFFSET + UNIX_PATH_MAX)

struct ucred {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* Open files on their way; each list belongs to one sk_buff or msghdr. */
struct scm_fp_list {
	struct scm_fp_list *next;	/* while they wait to be let go */
	int count;
	struct file *fp[];
};

/* A piece of what was sent, as long as nobody has read it all. */
struct sk_buff {
	struct list_head list;		/* in the receiver's queue */
	size_t len, off;		/* bytes of data, those read of them */
	struct scm_fp_list *fp;
	char data[];
};

enum unix_state { UNIX_CLOSED, UNIX_LISTEN, UNIX_CONNECTED };

struct unix_sock {
	atomic_t refs;			/* its file, its peer */
	enum unix_state state;
	unsigned int shutdown;		/* RCV_SHUTDOWN, SEND_SHUTDOWN */
	int err;			/* told once, by the next call */
	struct unix_sock *peer;
	struct ucred peer_creds;
	wait_queue_head_t wait;
	struct list_head queue;		/* sk_buffs to read */
	size_t queued;			/* bytes in it */
	struct list_head accept_queue;	/* those that connected, by link */
	struct list_head link;
	int backlog, pending;
	struct list_head bound;		/* in the table of names */
	struct dentry *path;		/* NULL: an abstract name or none */
	struct sockaddr_un addr;
	int addr_len;			/* just the family's: no name */
};

/* One message as sendmsg and recvmsg have it. */
struct msghdr {
	struct iovec *iov;
	size_t len;			/* bytes in all of iov */
	int flags;			/* MSG_*; those to report afterwards */
	bool nonblock;
	struct scm_fp_list *fp;
};

/* af_unix.c */
struct unix_sock *unix_create(void);
void unix_release(struct unix_sock *sk);
void unix_socketpair(struct unix_sock *a, struct unix_sock *b);
int unix_bind(struct unix_sock *sk, struct sockaddr_un *addr, int len);
int unix_listen(struct unix_sock *sk, int backlog);
int unix_connect(struct unix_sock *sk, struct sockaddr_un *addr, int len,
		 bool nonblock);
struct unix_sock *unix_accept(struct unix_sock *sk, bool nonblock);
int unix_shutdown(struct unix_sock *sk, int how);

/* socket.c: the open file of a socket's descriptor, counted, or ERR_PTR. */
struct file *sockfd_lookup(int fd);

/* stream.c */
ssize_t unix_sendmsg(struct unix_sock *sk, struct msghdr *msg);
ssize_t unix_recvmsg(struct unix_sock *sk, struct msghdr *msg);
unsigned int unix_poll(struct file *file, poll_table *pt);
void unix_purge_queue(struct unix_sock *sk);

/* scm.c */
int scm_send(struct msghdr *msg, const void __user *control, size_t len);
int scm_recv(struct msghdr *msg, void __user *control, size_t *len);
void scm_destroy(struct scm_fp_list *fp);
struct scm_fp_list *scm_fp_dup(struct scm_fp_list *fp);

#endif
