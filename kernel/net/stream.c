// SPDX-License-Identifier: MIT
/* The bytes of local stream sockets, and the files that travel with them. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "unix.h"

#define SKB_DATA_MAX	(PAGE_SIZE - sizeof(struct sk_buff))

static void free_skb(struct unix_sock *sk, struct sk_buff *skb)
{
	list_del(&skb->list);
	sk->queued -= skb->len - skb->off;
	scm_destroy(skb->fp);
	kfree(skb);
}

void unix_purge_queue(struct unix_sock *sk)
{
	while (!list_empty(&sk->queue))
		free_skb(sk, list_first_entry(&sk->queue, struct sk_buff, list));
}

/* Moves n bytes between kernel memory and the front of msg's iovec. */
static bool msg_copy(struct msghdr *msg, char *data, size_t n, bool to_user)
{
	while (n) {
		struct iovec *iov = msg->iov;
		size_t bytes = min(n, iov->iov_len);
		unsigned long left = to_user ?
			copy_to_user(iov->iov_base, data, bytes) :
			copy_from_user(data, iov->iov_base, bytes);

		if (left)
			return false;
		iov->iov_base = (char __user *)iov->iov_base + bytes;
		iov->iov_len -= bytes;
		if (!iov->iov_len)
			msg->iov++;
		data += bytes;
		n -= bytes;
		msg->len -= bytes;
	}
	return true;
}

static int sock_error(struct unix_sock *sk)
{
	int err = sk->err;

	sk->err = 0;
	return -err;
}

static bool can_send(struct unix_sock *sk)
{
	return sk->err || (sk->shutdown & SEND_SHUTDOWN) ||
	       sk->peer->queued < UNIX_RCVBUF;
}

/* Puts one piece into the peer's queue. */
static ssize_t queue_piece(struct unix_sock *sk, struct msghdr *msg)
{
	size_t n = min_t(size_t, msg->len, SKB_DATA_MAX);
	struct sk_buff *skb = kmalloc(sizeof(*skb) + n, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	if (!msg_copy(msg, skb->data, n, false)) {
		kfree(skb);
		return -EFAULT;
	}
	skb->len = n;
	skb->off = 0;
	/* The files come with the first byte. */
	skb->fp = msg->fp;
	msg->fp = NULL;
	list_add_tail(&skb->list, &sk->peer->queue);
	sk->peer->queued += n;
	wake_up_interruptible_all(&sk->peer->wait);
	return n;
}

ssize_t unix_sendmsg(struct unix_sock *sk, struct msghdr *msg)
{
	ssize_t sent = 0, n = 0;

	if (sk->state != UNIX_CONNECTED)
		return -ENOTCONN;
	while (msg->len) {
		if (sk->shutdown & SEND_SHUTDOWN) {
			n = -EPIPE;
			if (!sent && !(msg->flags & MSG_NOSIGNAL))
				send_sig(SIGPIPE, current, 0);
			break;
		}
		n = sock_error(sk);
		if (n)
			break;
		if (can_send(sk)) {
			n = queue_piece(sk, msg);
			if (n < 0)
				break;
			sent += n;
			continue;
		}
		n = msg->nonblock ? -EAGAIN :
		    wait_event_interruptible(sk->wait, can_send(sk));
		if (n)
			break;
	}
	return sent ? sent : n;
}

/* Takes what is there, up to a piece with files; true: enough for one call. */
static bool take_pieces(struct unix_sock *sk, struct msghdr *msg, ssize_t *done)
{
	bool peek = msg->flags & MSG_PEEK;
	struct sk_buff *skb, *next;

	list_for_each_entry_safe(skb, next, &sk->queue, list) {
		size_t n = min(skb->len - skb->off, msg->len);

		/* Files come with the first bytes of a read only. */
		if (!msg->len || (*done && skb->fp))
			return true;
		if (!msg_copy(msg, skb->data + skb->off, n, true)) {
			*done = *done ? *done : -EFAULT;
			return true;
		}
		*done += n;
		if (skb->fp) {
			msg->fp = peek ? scm_fp_dup(skb->fp) : skb->fp;
			if (!peek)
				skb->fp = NULL;
		}
		if (!peek) {
			skb->off += n;
			sk->queued -= n;
			if (skb->off == skb->len)
				free_skb(sk, skb);
		}
		if (msg->fp)
			return true;
	}
	return !msg->len;
}

ssize_t unix_recvmsg(struct unix_sock *sk, struct msghdr *msg)
{
	ssize_t done = 0;
	int error;

	if (sk->state != UNIX_CONNECTED)
		return -EINVAL;
	if (!msg->len)
		return 0;
	for (;;) {
		bool enough = take_pieces(sk, msg, &done);

		if (done > 0 && sk->peer)
			wake_up_interruptible_all(&sk->peer->wait);
		if (enough || (done && (msg->flags & (MSG_WAITALL | MSG_PEEK)) !=
				       MSG_WAITALL))
			return done;
		error = sock_error(sk);
		if (!error && (sk->shutdown & RCV_SHUTDOWN))
			return done;
		if (!error && msg->nonblock)
			error = -EAGAIN;
		if (!error)
			error = wait_event_interruptible(sk->wait, sk->err ||
					!list_empty(&sk->queue) ||
					(sk->shutdown & RCV_SHUTDOWN));
		if (error)
			return done ? done : error;
	}
}

unsigned int unix_poll(struct file *file, poll_table *pt)
{
	struct unix_sock *sk = file->private_data;
	unsigned int mask = 0;

	poll_wait(file, &sk->wait, pt);
	if (sk->err)
		mask |= POLLERR;
	if (sk->shutdown == (RCV_SHUTDOWN | SEND_SHUTDOWN))
		mask |= POLLHUP;
	if (sk->shutdown & RCV_SHUTDOWN)
		mask |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (!list_empty(&sk->queue) || !list_empty(&sk->accept_queue))
		mask |= POLLIN | POLLRDNORM;
	switch (sk->state) {
	case UNIX_CLOSED:
		mask |= POLLHUP | POLLOUT | POLLWRNORM;
		break;
	case UNIX_CONNECTED:
		if (!sk->peer || sk->peer->queued < UNIX_RCVBUF)
			mask |= POLLOUT | POLLWRNORM;
		break;
	case UNIX_LISTEN:
		break;
	}
	return mask;
}
