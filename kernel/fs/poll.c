// SPDX-License-Identifier: MIT
/*
 * Waiting for several files at once. Each file's ->poll names its wait queues
 * the first time round; the task then sleeps on all of them and asks again.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "select.h"

struct poll_table_entry {
	struct poll_table_entry *next;
	struct file *file;		/* keeps the queue alive */
	wait_queue_head_t *queue;
	wait_queue_t wait;
};

struct poll_wqueues {
	poll_table pt;
	struct poll_table_entry *entries;
	int error;
};

static void __pollwait(struct file *file, wait_queue_head_t *queue,
		       poll_table *pt)
{
	struct poll_wqueues *pwq = container_of(pt, struct poll_wqueues, pt);
	struct poll_table_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry) {
		pwq->error = -ENOMEM;
		return;
	}
	entry->file = get_file(file);
	entry->queue = queue;
	entry->wait.task = current;
	INIT_LIST_HEAD(&entry->wait.task_list);
	add_wait_queue(queue, &entry->wait);
	entry->next = pwq->entries;
	pwq->entries = entry;
}

static void poll_freewait(struct poll_wqueues *pwq)
{
	while (pwq->entries) {
		struct poll_table_entry *entry = pwq->entries;

		pwq->entries = entry->next;
		remove_wait_queue(entry->queue, &entry->wait);
		fput(entry->file);
		kfree(entry);
	}
}

/* A file without ->poll (a plain one) never blocks. */
unsigned int file_poll(struct file *file, poll_table *pt)
{
	if (!file->f_op->poll)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	return file->f_op->poll(file, pt);
}

int poll_loop(const ktime_t *deadline,
	      int (*check)(void *arg, poll_table *pt), void *arg)
{
	struct poll_wqueues pwq = { .pt.qproc = __pollwait };
	int count, timed_out = deadline && *deadline <= ktime_get();

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		count = check(arg, timed_out ? NULL : &pwq.pt);
		pwq.pt.qproc = NULL;		/* queued on all by now */
		if (!count)
			count = pwq.error;
		if (count || timed_out)
			break;
		if (signal_pending(current)) {
			count = -ERESTARTNOHAND;
			break;
		}
		if (!schedule_hrtimeout(deadline))
			timed_out = 1;
	}
	__set_current_state(TASK_RUNNING);
	poll_freewait(&pwq);
	return count;
}

struct poll_set {
	struct pollfd *fds;
	unsigned int nfds;
};

static int poll_check(void *arg, poll_table *pt)
{
	struct poll_set *set = arg;
	unsigned int i;
	int count = 0;

	for (i = 0; i < set->nfds; i++) {
		struct pollfd *pfd = &set->fds[i];
		unsigned int mask = POLLNVAL;
		struct file *file;

		pfd->revents = 0;
		if (pfd->fd < 0)
			continue;
		file = fget(pfd->fd);
		if (file) {
			mask = file_poll(file, count ? NULL : pt);
			mask &= (unsigned short)pfd->events | POLLERR | POLLHUP;
			fput(file);
		}
		pfd->revents = mask;
		if (mask)
			count++;
	}
	return count;
}

static int do_poll(struct pollfd __user *ufds, unsigned int nfds,
		   const ktime_t *deadline)
{
	struct pollfd *fds __free(kfree) = NULL;
	struct poll_set set;
	unsigned int i;
	int count;

	if (nfds > rlimit(RLIMIT_NOFILE) && nfds > NR_OPEN_MAX)
		return -EINVAL;
	if (nfds) {
		fds = kmalloc_array(nfds, sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	if (copy_from_user(fds, ufds, nfds * sizeof(*fds)))
		return -EFAULT;
	set = (struct poll_set){ fds, nfds };
	count = poll_loop(deadline, poll_check, &set);
	for (i = 0; count >= 0 && i < nfds; i++)
		if (put_user(fds[i].revents, &ufds[i].revents))
			count = -EFAULT;
	return count;
}

SYSCALL_DEFINE3(poll, struct pollfd __user *, ufds, unsigned int, nfds,
		int, timeout_msecs)
{
	ktime_t deadline;

	if (timeout_msecs < 0)
		return do_poll(ufds, nfds, NULL);
	deadline = ktime_get() + timeout_msecs * NSEC_PER_MSEC;
	return do_poll(ufds, nfds, &deadline);
}

int get_timeout(const void __user *uts, enum time_kind kind, ktime_t *deadline)
{
	struct timespec64 ts;
	int error = get_timespec64(&ts, uts, kind);

	if (error)
		return error;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*deadline = ktime_get() + timespec64_to_ktime(ts);
	return 0;
}

/* Linux writes what is left back; a read-only timeout is let pass. */
void put_remaining(void __user *uts, enum time_kind kind, ktime_t deadline)
{
	ktime_t left = deadline - ktime_get();
	struct timespec64 ts = ns_to_timespec64(left > 0 ? left : 0);

	(void)put_timespec64(&ts, uts, kind);
}

static long do_ppoll(struct pollfd __user *ufds, unsigned int nfds,
		     void __user *tsp, enum time_kind kind,
		     const sigset_t __user *sigmask, size_t sigsetsize)
{
	ktime_t deadline;
	long ret;

	if (tsp) {
		ret = get_timeout(tsp, kind, &deadline);
		if (ret)
			return ret;
	}
	ret = set_user_sigmask(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = do_poll(ufds, nfds, tsp ? &deadline : NULL);
	restore_saved_sigmask_unless(ret == -ERESTARTNOHAND);
	if (tsp)
		put_remaining(tsp, kind, deadline);
	return ret;
}

SYSCALL_DEFINE5(ppoll, struct pollfd __user *, ufds, unsigned int, nfds,
		void __user *, tsp, const sigset_t __user *, sigmask,
		size_t, sigsetsize)
{
	return do_ppoll(ufds, nfds, tsp, TIMESPEC_64, sigmask, sigsetsize);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE5(ppoll_time32, struct pollfd __user *, ufds, unsigned int, nfds,
		void __user *, tsp, const sigset_t __user *, sigmask,
		size_t, sigsetsize)
{
	return do_ppoll(ufds, nfds, tsp, TIMESPEC_NATIVE, sigmask, sigsetsize);
}
#endif
