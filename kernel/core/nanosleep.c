// SPDX-License-Identifier: MIT
/* Sleeping for a time or until one, and going on after a signal. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

/* Absolute times on the real-time clock, as of its setting now. */
static ktime_t to_monotonic(clockid_t id, ktime_t t)
{
	return id == CLOCK_REALTIME ? t - wall_offset : t;
}

static int put_rmtp(ktime_t left, void __user *rmtp, int type)
{
	struct timespec64 ts = ns_to_timespec64(left > 0 ? left : 0);

	if (!rmtp)
		return 0;
	return type == 1 ? put_timespec64(&ts, rmtp) :
			   put_time64_timespec(&ts, rmtp);
}

static long nanosleep_restart(struct restart_block *restart);

/* type: 1 when rmtp points to the machine's timespec, 2 to a 64-bit one. */
static long hrtimer_nanosleep(ktime_t expires, bool absolute, clockid_t clockid,
		       void __user *rmtp, int type)
{
	struct restart_block *restart = &current->restart_block;

	/* A thing may wake us that is no signal: sleep on. */
	do {
		set_current_state(TASK_INTERRUPTIBLE);
		if (schedule_hrtimeout(&expires) == 0)
			return 0;
	} while (!signal_pending(current));
	if (absolute)
		return -ERESTARTNOHAND;
	if (put_rmtp(expires - ktime_get(), rmtp, type))
		return -EFAULT;
	restart->fn = nanosleep_restart;
	restart->expires = expires;
	restart->rmtp = rmtp;
	restart->type = type;
	return -ERESTART_RESTARTBLOCK;
}

static long nanosleep_restart(struct restart_block *restart)
{
	return hrtimer_nanosleep(restart->expires, false, CLOCK_MONOTONIC,
				 restart->rmtp, restart->type);
}

static long clock_sleep(clockid_t id, int flags, const struct timespec64 *ts,
			void __user *rmtp, int type)
{
	bool absolute = flags & TIMER_ABSTIME;
	ktime_t t;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		break;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	if (!timespec64_valid(ts))
		return -EINVAL;
	t = timespec64_to_ktime(*ts);
	t = absolute ? to_monotonic(id, t) : ktime_get() + t;
	return hrtimer_nanosleep(t, absolute, id, rmtp, type);
}

SYSCALL_DEFINE4(clock_nanosleep, clockid_t, id, int, flags,
		const struct timespec64 __user *, rqtp,
		struct timespec64 __user *, rmtp)
{
	struct timespec64 ts;

	if (get_time64_timespec(&ts, rqtp))
		return -EFAULT;
	return clock_sleep(id, flags, &ts, rmtp, 2);
}

SYSCALL_DEFINE4(clock_nanosleep_time32, clockid_t, id, int, flags,
		const struct timespec __user *, rqtp,
		struct timespec __user *, rmtp)
{
	struct timespec64 ts;

	if (get_timespec64(&ts, rqtp))
		return -EFAULT;
	return clock_sleep(id, flags, &ts, rmtp, 1);
}

SYSCALL_DEFINE2(nanosleep, const struct timespec64 __user *, rqtp,
		struct timespec64 __user *, rmtp)
{
	struct timespec64 ts;

	if (get_time64_timespec(&ts, rqtp))
		return -EFAULT;
	return clock_sleep(CLOCK_MONOTONIC, 0, &ts, rmtp, 2);
}

SYSCALL_DEFINE2(nanosleep_time32, const struct timespec __user *, rqtp,
		struct timespec __user *, rmtp)
{
	struct timespec64 ts;

	if (get_timespec64(&ts, rqtp))
		return -EFAULT;
	return clock_sleep(CLOCK_MONOTONIC, 0, &ts, rmtp, 1);
}
