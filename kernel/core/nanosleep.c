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

static int put_rmtp(ktime_t left, void __user *rmtp, enum time_kind kind)
{
	struct timespec64 ts = ns_to_timespec64(left > 0 ? left : 0);

	return rmtp ? put_timespec64(&ts, rmtp, kind) : 0;
}

static long nanosleep_restart(struct restart_block *restart);

static long hrtimer_nanosleep(ktime_t expires, bool absolute, void __user *rmtp,
			      enum time_kind kind)
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
	if (put_rmtp(expires - ktime_get(), rmtp, kind))
		return -EFAULT;
	restart->fn = nanosleep_restart;
	restart->expires = expires;
	restart->rmtp = rmtp;
	restart->rmtp_kind = kind;
	return -ERESTART_RESTARTBLOCK;
}

static long nanosleep_restart(struct restart_block *restart)
{
	return hrtimer_nanosleep(restart->expires, false, restart->rmtp,
				 restart->rmtp_kind);
}

static long clock_sleep(clockid_t id, int flags, const void __user *rqtp,
			void __user *rmtp, enum time_kind kind)
{
	bool absolute = flags & TIMER_ABSTIME;
	struct timespec64 ts;
	ktime_t t;

	if (get_timespec64(&ts, rqtp, kind))
		return -EFAULT;
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
	if (!timespec64_valid(&ts))
		return -EINVAL;
	t = timespec64_to_ktime(ts);
	t = absolute ? to_monotonic(id, t) : ktime_get() + t;
	return hrtimer_nanosleep(t, absolute, rmtp, kind);
}

SYSCALL_DEFINE4(clock_nanosleep, clockid_t, id, int, flags,
		const void __user *, rqtp, void __user *, rmtp)
{
	return clock_sleep(id, flags, rqtp, rmtp, TIMESPEC_64);
}

SYSCALL_DEFINE4(clock_nanosleep_time32, clockid_t, id, int, flags,
		const void __user *, rqtp, void __user *, rmtp)
{
	return clock_sleep(id, flags, rqtp, rmtp, TIMESPEC_NATIVE);
}

SYSCALL_DEFINE2(nanosleep, const void __user *, rqtp, void __user *, rmtp)
{
	return clock_sleep(CLOCK_MONOTONIC, 0, rqtp, rmtp, TIMESPEC_64);
}

SYSCALL_DEFINE2(nanosleep_time32, const void __user *, rqtp, void __user *, rmtp)
{
	return clock_sleep(CLOCK_MONOTONIC, 0, rqtp, rmtp, TIMESPEC_NATIVE);
}
