// SPDX-License-Identifier: MIT
/* ITIMER_REAL and alarm: SIGALRM for the thread group. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

#define ITIMER_REAL	0

void it_real_fn(struct hrtimer *timer)
{
	struct signal_struct *sig =
		container_of(timer, struct signal_struct, real_timer);
	struct task_struct *p = pid_task(sig->leader_pid, PIDTYPE_PID);

	if (sig->it_real_incr)
		hrtimer_start(timer, timer->expires + sig->it_real_incr);
	if (p)
		group_send_sig_info(SIGALRM, NULL, p);
}

static ktime_t timeval_to_ktime(const struct timeval *tv)
{
	return (s64)tv->tv_sec * NSEC_PER_SEC +
	       (s64)tv->tv_usec * NSEC_PER_USEC;
}

static struct timeval ktime_to_timeval(ktime_t t)
{
	struct timeval tv;

	tv.tv_sec = t / NSEC_PER_SEC;
	tv.tv_usec = t % NSEC_PER_SEC / NSEC_PER_USEC;
	return tv;
}

static void get_real(struct itimerval *value)
{
	struct signal_struct *sig = current->signal;
	ktime_t left = 0;

	if (hrtimer_active(&sig->real_timer)) {
		left = sig->real_timer.expires - ktime_get();
		/* Due but not yet run: not "off". */
		if (left < NSEC_PER_USEC)
			left = NSEC_PER_USEC;
	}
	value->it_value = ktime_to_timeval(left);
	value->it_interval = ktime_to_timeval(sig->it_real_incr);
}

static void set_real(const struct itimerval *value)
{
	struct signal_struct *sig = current->signal;
	ktime_t delay = timeval_to_ktime(&value->it_value);

	hrtimer_cancel(&sig->real_timer);
	sig->it_real_incr = timeval_to_ktime(&value->it_interval);
	if (delay)
		hrtimer_start(&sig->real_timer, ktime_get() + delay);
}

static bool timeval_valid(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && tv->tv_usec >= 0 &&
	       tv->tv_usec < USEC_PER_SEC;
}

SYSCALL_DEFINE2(getitimer, int, which, struct itimerval __user *, value)
{
	struct itimerval v;

	if (which != ITIMER_REAL)
		return -EINVAL;
	get_real(&v);
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}

SYSCALL_DEFINE3(setitimer, int, which, const struct itimerval __user *, value,
		struct itimerval __user *, ovalue)
{
	struct itimerval v, old;

	if (which != ITIMER_REAL)
		return -EINVAL;
	memset(&v, 0, sizeof(v));
	if (value && copy_from_user(&v, value, sizeof(v)))
		return -EFAULT;
	if (!timeval_valid(&v.it_value) || !timeval_valid(&v.it_interval))
		return -EINVAL;
	get_real(&old);
	set_real(&v);
	if (ovalue && copy_to_user(ovalue, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE1(alarm, unsigned int, seconds)
{
	struct itimerval v, old;

	memset(&v, 0, sizeof(v));
	v.it_value.tv_sec = seconds & INT_MAX;
	get_real(&old);
	set_real(&v);
	/* A part of a second counts, and half of one rounds. */
	if ((!old.it_value.tv_sec && old.it_value.tv_usec) ||
	    old.it_value.tv_usec >= 500000)
		old.it_value.tv_sec++;
	return old.it_value.tv_sec;
}
