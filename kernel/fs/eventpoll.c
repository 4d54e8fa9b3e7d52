// SPDX-License-Identifier: MIT
/*
 * epoll(7). An epitem is one descriptor that an epoll file watches. It hangs
 * with a function of its own on the wait queues that the file's ->poll names;
 * a wakeup there, which may come from an interrupt, puts it on the ready list.
 * epoll_wait asks what is on that list: a level-triggered item stays there as
 * long as it has something to say, an edge-triggered one till it was reported.
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

struct epoll_event {
	u32 events;			/* EPOLL*, of which most are POLL* */
	u64 data;			/* the caller's own */
};

struct eventpoll {
	struct list_head items;
	struct list_head rdllist;	/* ready items; interrupts off */
	wait_queue_head_t wq;		/* epoll_wait */
	wait_queue_head_t poll_wait;	/* polls of the epoll file itself */
};

/* One wait queue that an item hangs on. */
struct eppoll_entry {
	wait_queue_t wait;
	wait_queue_head_t *whead;
	struct epitem *epi;
	struct eppoll_entry *next;
};

struct epitem {
	struct eventpoll *ep;
	struct list_head node;		/* in ep->items */
	struct list_head rdllink;	/* in ep->rdllist, or empty */
	struct epitem *next;		/* in file->f_ep */
	struct file *file;		/* not counted: its end ends the item */
	unsigned int fd;
	struct epoll_event event;
	struct eppoll_entry *entries;
};

struct ep_pqueue {
	poll_table pt;
	struct epitem *epi;
	int error;
};

static const struct file_operations eventpoll_fops;

static unsigned int ep_item_poll(struct epitem *epi, poll_table *pt)
{
	return file_poll(epi->file, pt) & epi->event.events;
}

static void ep_list_ready(struct epitem *epi)
{
	unsigned long flags;

	local_irq_save(flags);
	if (list_empty(&epi->rdllink))
		list_add_tail(&epi->rdllink, &epi->ep->rdllist);
	local_irq_restore(flags);
}

/* The same, and it is news. */
static void ep_make_ready(struct epitem *epi)
{
	ep_list_ready(epi);
	wake_up_interruptible_all(&epi->ep->wq);
	wake_up_interruptible_all(&epi->ep->poll_wait);
}

static void ep_poll_callback(wait_queue_t *wait)
{
	struct epitem *epi = container_of(wait, struct eppoll_entry, wait)->epi;

	/* A one-shot item that has fired waits for EPOLL_CTL_MOD. */
	if (epi->event.events & ~EP_PRIVATE_BITS)
		ep_make_ready(epi);
}

static void ep_ptable_queue_proc(struct file *file, wait_queue_head_t *whead,
				 poll_table *pt)
{
	struct ep_pqueue *epq = container_of(pt, struct ep_pqueue, pt);
	struct eppoll_entry *pwq = kzalloc(sizeof(*pwq), GFP_KERNEL);

	if (!pwq) {
		epq->error = -ENOMEM;
		return;
	}
	pwq->wait.func = ep_poll_callback;
	pwq->whead = whead;
	pwq->epi = epq->epi;
	pwq->next = epq->epi->entries;
	epq->epi->entries = pwq;
	add_wait_queue(whead, &pwq->wait);
}

static void ep_remove(struct epitem *epi)
{
	struct epitem **pos = &epi->file->f_ep;
	unsigned long flags;

	while (epi->entries) {
		struct eppoll_entry *pwq = epi->entries;

		epi->entries = pwq->next;
		remove_wait_queue(pwq->whead, &pwq->wait);
		kfree(pwq);
	}
	while (*pos != epi)
		pos = &(*pos)->next;
	*pos = epi->next;
	list_del(&epi->node);
	local_irq_save(flags);
	list_del(&epi->rdllink);
	local_irq_restore(flags);
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

static int ep_insert(struct eventpoll *ep, struct epoll_event *event,
		     struct file *file, unsigned int fd)
{
	struct epitem *epi = kzalloc(sizeof(*epi), GFP_KERNEL);
	struct ep_pqueue epq = { { ep_ptable_queue_proc }, epi, 0 };
	unsigned int revents;

	if (!epi)
		return -ENOMEM;
	epi->ep = ep;
	epi->file = file;
	epi->fd = fd;
	epi->event = *event;
	INIT_LIST_HEAD(&epi->rdllink);
	list_add_tail(&epi->node, &ep->items);
	epi->next = file->f_ep;
	file->f_ep = epi;
	revents = ep_item_poll(epi, &epq.pt);
	if (epq.error)
		ep_remove(epi);
	else if (revents)
		ep_make_ready(epi);
	return epq.error;
}

static struct epitem *ep_find(struct eventpoll *ep, struct file *file,
			      unsigned int fd)
{
	struct epitem *epi;

	for (epi = file->f_ep; epi; epi = epi->next)
		if (epi->ep == ep && epi->fd == fd)
			return epi;
	return NULL;
}

static int do_epoll_ctl(struct file *epfile, int op, unsigned int fd,
			struct file *file, struct epoll_event *event)
{
	struct eventpoll *ep = epfile->private_data;
	struct epitem *epi;

	if (!file->f_op->poll)
		return -EPERM;
	if (epfile->f_op != &eventpoll_fops || file == epfile)
		return -EINVAL;
	if (op == EPOLL_CTL_ADD && ep_loop(file, epfile, 0))
		return -ELOOP;
	epi = ep_find(ep, file, fd);
	event->events |= POLLERR | POLLHUP;
	switch (op) {
	case EPOLL_CTL_ADD:
		return epi ? -EEXIST : ep_insert(ep, event, file, fd);
	case EPOLL_CTL_DEL:
		if (!epi)
			return -ENOENT;
		ep_remove(epi);
		return 0;
	case EPOLL_CTL_MOD:
		if (!epi)
			return -ENOENT;
		epi->event = *event;
		if (ep_item_poll(epi, NULL))
			ep_make_ready(epi);
		return 0;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd,
		struct epoll_event __user *, uevent)
{
	struct epoll_event event = { 0, 0 };
	struct file *epfile, *file;
	int error = -EBADF;

	if (op != EPOLL_CTL_DEL && copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	epfile = fget(epfd);
	file = fget(fd);
	if (epfile && file)
		error = do_epoll_ctl(epfile, op, fd, file, &event);
	if (file)
		fput(file);
	if (epfile)
		fput(epfile);
	return error;
}

/* Takes the first ready item off the list. */
static struct epitem *ep_next_ready(struct eventpoll *ep)
{
	struct epitem *epi;
	unsigned long flags;

	local_irq_save(flags);
	epi = list_first_entry(&ep->rdllist, struct epitem, rdllink);
	list_del_init(&epi->rdllink);
	local_irq_restore(flags);
	return epi;
}

/* Reports up to max events; each item now on the list is asked once. */
static int ep_send_events(struct eventpoll *ep, struct epoll_event __user *uevents,
			  int max)
{
	unsigned int left = 0;
	struct list_head *pos;
	int count = 0;

	for (pos = ep->rdllist.next; pos != &ep->rdllist; pos = pos->next)
		left++;
	for (; left && count < max; left--) {
		struct epitem *epi = ep_next_ready(ep);
		struct epoll_event event = epi->event;

		event.events = ep_item_poll(epi, NULL);
		if (!event.events)
			continue;
		if (copy_to_user(&uevents[count], &event, sizeof(event))) {
			ep_list_ready(epi);
			return count ? count : -EFAULT;
		}
		count++;
		if (epi->event.events & EPOLLONESHOT)
			epi->event.events &= EP_PRIVATE_BITS;
		else if (!(epi->event.events & EPOLLET))
			ep_list_ready(epi);
	}
	return count;
}

static int ep_poll(struct eventpoll *ep, struct epoll_event __user *uevents,
		   int max, const ktime_t *deadline)
{
	bool timed_out = deadline && *deadline <= ktime_get();
	DEFINE_WAIT(wait);
	int count;

	for (;;) {
		prepare_to_wait(&ep->wq, &wait, TASK_INTERRUPTIBLE);
		count = ep_send_events(ep, uevents, max);
		if (count || timed_out)
			break;
		if (signal_pending(current)) {
			count = -EINTR;
			break;
		}
		timed_out = !schedule_hrtimeout(deadline);
	}
	finish_wait(&ep->wq, &wait);
	return count;
}

static int do_epoll_wait(int epfd, struct epoll_event __user *uevents, int max,
			 const ktime_t *deadline)
{
	struct file *file;
	int ret = -EINVAL;

	if (max <= 0 || max > EP_MAX_EVENTS)
		return -EINVAL;
	if (!access_ok(uevents, max * sizeof(*uevents)))
		return -EFAULT;
	file = fget(epfd);
	if (!file)
		return -EBADF;
	if (file->f_op == &eventpoll_fops)
		ret = ep_poll(file->private_data, uevents, max, deadline);
	fput(file);
	return ret;
}

static int do_epoll_pwait(int epfd, struct epoll_event __user *uevents, int max,
			  const ktime_t *deadline,
			  const sigset_t __user *sigmask, size_t sigsetsize)
{
	int ret = set_user_sigmask(sigmask, sigsetsize);

	if (ret)
		return ret;
	ret = do_epoll_wait(epfd, uevents, max, deadline);
	restore_saved_sigmask_unless(ret == -EINTR);
	return ret;
}

SYSCALL_DEFINE6(epoll_pwait, int, epfd, struct epoll_event __user *, uevents,
		int, max, int, msecs, const sigset_t __user *, sigmask,
		size_t, sigsetsize)
{
	ktime_t deadline = ktime_get() + msecs * NSEC_PER_MSEC;

	return do_epoll_pwait(epfd, uevents, max, msecs < 0 ? NULL : &deadline,
			      sigmask, sigsetsize);
}

SYSCALL_DEFINE6(epoll_pwait2, int, epfd, struct epoll_event __user *, uevents,
		int, max, const void __user *, timeout,
		const sigset_t __user *, sigmask, size_t, sigsetsize)
{
	ktime_t deadline;
	int error = timeout ? get_timeout(timeout, TIMESPEC_64, &deadline) : 0;

	if (error)
		return error;
	return do_epoll_pwait(epfd, uevents, max, timeout ? &deadline : NULL,
			      sigmask, sigsetsize);
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

	poll_wait(file, &ep->poll_wait, pt);
	list_for_each_entry(epi, &ep->rdllist, rdllink)
		if (ep_item_poll(epi, NULL))
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
	INIT_LIST_HEAD(&ep->rdllist);
	init_waitqueue_head(&ep->wq);
	init_waitqueue_head(&ep->poll_wait);
	fd = anon_inode_getfd("eventpoll", &eventpoll_fops, ep, flags);
	if (fd < 0)
		kfree(ep);
	return fd;
}

SYSCALL_DEFINE1(epoll_create, int, size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}
