// SPDX-License-Identifier: MIT
/*
 * epoll(7). An epitem is one descriptor that an epoll file watches. It hangs
 * with a function of its own on the wait queues that the file's ->poll names;
 * a wakeup there, which may come from an interrupt, marks it. epoll_wait asks
 * the marked ones: a level-triggered item stays marked as long as it has
 * something to say, an edge-triggered one till it was reported.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "select.h"

#define EPOLL_CTL_ADD	1
#define EPOLL_CTL_DEL	2
#define EPOLL_CTL_MOD	3
#define EPOLLONESHOT	(1U << 30)
#define EPOLLET		(1U << 31)
#define EP_PRIVATE_BITS	(0xfU << 28)	/* those that are no POLL* */
#define EP_MAX_NESTS	4
#define EP_MAX_EVENTS	(INT_MAX / (int)sizeof(struct epoll_event))
#define EP_MAX_QUEUES	2		/* one to read and one to write */

/* Programs of 64 bits on x86 have it as those of 32 bits. */
#ifdef __x86_64__
#define EPOLL_PACKED	__packed
#else
#define EPOLL_PACKED
#endif

struct epoll_event {
	u32 events;			/* EPOLL*, of which most are POLL* */
	u64 data;			/* the caller's own */
} EPOLL_PACKED;

struct eventpoll {
	struct list_head items;		/* the next one to ask is first */
	unsigned int nitems;
	wait_queue_head_t wait;		/* an item was marked */
};

/* A wait queue that an item hangs on. */
struct eppoll_entry {
	wait_queue_t wait;
	wait_queue_head_t *whead;
	struct epitem *epi;
};

struct epitem {
	struct eventpoll *ep;
	struct list_head node;		/* in ep->items */
	struct epitem *next;		/* in file->f_ep */
	struct file *file;		/* not counted: its end ends the item */
	unsigned int fd;
	bool ready;			/* marked */
	struct epoll_event event;
	poll_table pt;			/* fills queues, once */
	int nqueues;
	struct eppoll_entry queues[EP_MAX_QUEUES];
};

static const struct file_operations eventpoll_fops;

static void ep_mark(struct epitem *epi)
{
	epi->ready = true;
	wake_up_interruptible_all(&epi->ep->wait);
}

static void ep_poll_callback(wait_queue_t *wait)
{
	ep_mark(container_of(wait, struct eppoll_entry, wait)->epi);
}

static void ep_ptable_queue_proc(struct file *file, wait_queue_head_t *whead,
				 poll_table *pt)
{
	struct epitem *epi = container_of(pt, struct epitem, pt);
	struct eppoll_entry *entry = &epi->queues[epi->nqueues++];

	BUG_ON(epi->nqueues > EP_MAX_QUEUES);
	entry->wait.func = ep_poll_callback;
	entry->whead = whead;
	entry->epi = epi;
	add_wait_queue(whead, &entry->wait);
}

static int ep_insert(struct eventpoll *ep, struct epoll_event *event,
		     struct file *file, unsigned int fd)
{
	struct epitem *epi = kzalloc(sizeof(*epi), GFP_KERNEL);

	if (!epi)
		return -ENOMEM;
	epi->ep = ep;
	epi->file = file;
	epi->fd = fd;
	epi->event = *event;
	epi->next = file->f_ep;
	file->f_ep = epi;
	list_add_tail(&epi->node, &ep->items);
	ep->nitems++;
	epi->pt.qproc = ep_ptable_queue_proc;
	file_poll(file, &epi->pt);
	ep_mark(epi);
	return 0;
}

static void ep_remove(struct epitem *epi)
{
	struct epitem **pos = &epi->file->f_ep;

	while (epi->nqueues) {
		struct eppoll_entry *entry = &epi->queues[--epi->nqueues];

		remove_wait_queue(entry->whead, &entry->wait);
	}
	while (*pos != epi)
		pos = &(*pos)->next;
	*pos = epi->next;
	list_del(&epi->node);
	epi->ep->nitems--;
	kfree(epi);
}

void eventpoll_release(struct file *file)
{
	while (file->f_ep)
		ep_remove(file->f_ep);
}

/* Would file, when watched by target, make a ring or too long a chain? */
static bool ep_loop(struct file *file, struct file *target, int nests)
{
	struct eventpoll *ep = file->private_data;
	struct epitem *epi;

	if (file->f_op != &eventpoll_fops)
		return false;
	if (file == target || nests > EP_MAX_NESTS)
		return true;
	list_for_each_entry(epi, &ep->items, node)
		if (ep_loop(epi->file, target, nests + 1))
			return true;
	return false;
}

SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd,
		struct epoll_event __user *, uevent)
{
	struct file *epfile __free(fput) = fget(epfd);
	struct file *file __free(fput) = fget(fd);
	struct epoll_event event = { 0, 0 };
	struct epitem *epi;

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	if (!epfile || !file)
		return -EBADF;
	if (!file->f_op->poll)
		return -EPERM;
	if (epfile->f_op != &eventpoll_fops || file == epfile)
		return -EINVAL;
	if (op == EPOLL_CTL_ADD && ep_loop(file, epfile, 0))
		return -ELOOP;
	for (epi = file->f_ep; epi; epi = epi->next)
		if (epi->ep == epfile->private_data && epi->fd == fd)
			break;
	event.events |= POLLERR | POLLHUP;
	switch (op) {
	case EPOLL_CTL_ADD:
		return epi ? -EEXIST :
		       ep_insert(epfile->private_data, &event, file, fd);
	case EPOLL_CTL_DEL:
		if (!epi)
			return -ENOENT;
		ep_remove(epi);
		return 0;
	case EPOLL_CTL_MOD:
		if (!epi)
			return -ENOENT;
		epi->event = event;
		ep_mark(epi);
		return 0;
	default:
		return -EINVAL;
	}
}

/* What a call of epoll_wait asks for. */
struct ep_wait {
	struct file *file;
	struct epoll_event __user *uevents;
	int max;
};

/* Reports what there is; each item is asked once at the most. */
static int ep_send_events(void *arg, poll_table *pt)
{
	struct ep_wait *w = arg;
	struct eventpoll *ep = w->file->private_data;
	unsigned int left;
	int count = 0;

	poll_wait(w->file, &ep->wait, pt);
	for (left = ep->nitems; left && count < w->max; left--) {
		struct epitem *epi = list_first_entry(&ep->items, struct epitem, node);
		struct epoll_event event = epi->event;

		/* The next call goes on where this one ends. */
		list_move_tail(&epi->node, &ep->items);
		if (!epi->ready)
			continue;
		/* First, for a wakeup from here on is news. */
		epi->ready = false;
		event.events &= file_poll(epi->file, NULL);
		if (!event.events)
			continue;
		if (copy_to_user(&w->uevents[count], &event, sizeof(event))) {
			epi->ready = true;
			return count ? count : -EFAULT;
		}
		count++;
		/* It has fired, and waits for EPOLL_CTL_MOD. */
		if (epi->event.events & EPOLLONESHOT)
			epi->event.events &= EP_PRIVATE_BITS;
		else if (!(epi->event.events & EPOLLET))
			epi->ready = true;
	}
	return count;
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, uevents,
		int, max, int, msecs, const sigset_t __user *, sigmask,
		size_t, sigsetsize)
{
	struct file *file __free(fput) = fget(epfd);
	struct ep_wait w = { file, uevents, max };
	ktime_t deadline = ktime_get() + msecs * NSEC_PER_MSEC;
	int ret;

	if (max <= 0 || max > EP_MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(uevents, max * sizeof(*uevents)))
		return -EFAULT;
	if (!file)
		return -EBADF;
	if (file->f_op != &eventpoll_fops)
		return -EINVAL;
	ret = set_user_sigmask(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = poll_loop(msecs < 0 ? NULL : &deadline, ep_send_events, &w);
	/* No handler makes it start again. */
	if (ret == -ERESTARTNOHAND)
		ret = -EINTR;
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret;
}

SYSCALL_DEFINE4(epoll_wait, int, epfd, struct epoll_event __user *, uevents,
		int, max, int, msecs)
{
	return sys_epoll_pwait(epfd, uevents, max, msecs, NULL, 0);
}

/* An epoll can be watched itself: readable while one of its items has news. */
static unsigned int ep_eventpoll_poll(struct file *file, poll_table *pt)
{
	struct eventpoll *ep = file->private_data;
	struct epitem *epi;

	poll_wait(file, &ep->wait, pt);
	list_for_each_entry(epi, &ep->items, node)
		if (epi->ready && (file_poll(epi->file, NULL) & epi->event.events))
			return POLLIN | POLLRDNORM;
	return 0;
}

static int ep_release(struct inode *inode, struct file *file)
{
	struct eventpoll *ep = file->private_data;

	while (!list_empty(&ep->items))
		ep_remove(list_first_entry(&ep->items, struct epitem, node));
	kfree(ep);
	return 0;
}

static const struct file_operations eventpoll_fops = {
	.llseek = noop_llseek,
	.poll = ep_eventpoll_poll,
	.release = ep_release,
};

SYSCALL_DEFINE1(epoll_create1, int, flags)
{
	struct eventpoll *ep;
	int fd;

	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		return -ENOMEM;
	INIT_LIST_HEAD(&ep->items);
	init_waitqueue_head(&ep->wait);
	fd = anon_inode_getfd("anon_inode:[eventpoll]", 0600, &eventpoll_fops, ep, flags);
	if (fd < 0)
		kfree(ep);
	return fd;
}

SYSCALL_DEFINE1(epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}
