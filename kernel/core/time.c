// SPDX-License-Identifier: MIT
/* Clocks and sleeping. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

static s64 wall_offset;		/* ns: real time = this + monotonic */

void timekeeping_init(void)
{
	wall_offset = arch_rtc_read() * NSEC_PER_SEC - (s64)ktime_get_ns();
}

u64 ktime_get_ns(void)
{
	return arch_clock_ns();
}

struct timespec64 ns_to_timespec64(s64 nsec)
{
	struct timespec64 ts;

	ts.tv_sec = nsec / NSEC_PER_SEC;
	ts.tv_nsec = nsec - ts.tv_sec * NSEC_PER_SEC;
	if (ts.tv_nsec < 0) {
		ts.tv_nsec += NSEC_PER_SEC;
		ts.tv_sec--;
	}
	return ts;
}

void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(wall_offset + (s64)ktime_get_ns());
}

time64_t ktime_get_real_seconds(void)
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	return ts.tv_sec;
}

int get_timespec64(struct timespec64 *ts, const struct timespec __user *uts)
{
	struct timespec t;

	if (copy_from_user(&t, uts, sizeof(t)))
		return -EFAULT;
	ts->tv_sec = t.tv_sec;
	ts->tv_nsec = t.tv_nsec;
	return 0;
}

int put_timespec64(const struct timespec64 *ts, struct timespec __user *uts)
{
	struct timespec t = { ts->tv_sec, ts->tv_nsec };

	return copy_to_user(uts, &t, sizeof(t)) ? -EFAULT : 0;
}

int get_time64_timespec(struct timespec64 *ts,
			const struct timespec64 __user *uts)
{
	if (copy_from_user(ts, uts, sizeof(*ts)))
		return -EFAULT;
	/* 32-bit callers leave the upper half of tv_nsec undefined. */
	ts->tv_nsec = (long)ts->tv_nsec;
	return 0;
}

int put_time64_timespec(const struct timespec64 *ts,
			struct timespec64 __user *uts)
{
	return copy_to_user(uts, ts, sizeof(*ts)) ? -EFAULT : 0;
}

static int clock_get(clockid_t id, struct timespec64 *ts)
{
	u64 utime, stime;

	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		ktime_get_real_ts64(ts);
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ts = ns_to_timespec64(ktime_get_ns());
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		account_process_time(current, false);
		thread_group_cputime(current, &utime, &stime);
		*ts = ns_to_timespec64(utime + stime);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		account_process_time(current, false);
		*ts = ns_to_timespec64(current->utime + current->stime);
		return 0;
	}
	return -EINVAL;
}

static int clock_set(clockid_t id, const struct timespec64 *ts)
{
	if (id != CLOCK_REALTIME || !timespec64_valid(ts))
		return -EINVAL;
	if (current->euid)
		return -EPERM;
	wall_offset = timespec64_to_ktime(*ts) - (s64)ktime_get_ns();
	return 0;
}

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

SYSCALL_DEFINE2(clock_gettime, clockid_t, id, struct timespec64 __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	return err ? err : put_time64_timespec(&ts, tp);
}

SYSCALL_DEFINE2(clock_gettime32, clockid_t, id, struct timespec __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	return err ? err : put_timespec64(&ts, tp);
}

SYSCALL_DEFINE2(clock_settime, clockid_t, id,
		const struct timespec64 __user *, tp)
{
	struct timespec64 ts;

	return get_time64_timespec(&ts, tp) ? -EFAULT : clock_set(id, &ts);
}

SYSCALL_DEFINE2(clock_settime32, clockid_t, id,
		const struct timespec __user *, tp)
{
	struct timespec64 ts;

	return get_timespec64(&ts, tp) ? -EFAULT : clock_set(id, &ts);
}

SYSCALL_DEFINE2(clock_getres, clockid_t, id, struct timespec64 __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	ts.tv_sec = 0;
	ts.tv_nsec = id == CLOCK_REALTIME_COARSE ||
		     id == CLOCK_MONOTONIC_COARSE ? TICK_NSEC : 1;
	if (err || !tp)
		return err;
	return put_time64_timespec(&ts, tp);
}

SYSCALL_DEFINE2(clock_getres_time32, clockid_t, id,
		struct timespec __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	ts.tv_sec = 0;
	ts.tv_nsec = id == CLOCK_REALTIME_COARSE ||
		     id == CLOCK_MONOTONIC_COARSE ? TICK_NSEC : 1;
	if (err || !tp)
		return err;
	return put_timespec64(&ts, tp);
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

SYSCALL_DEFINE2(gettimeofday, struct timeval __user *, tv,
		struct timezone __user *, tz)
{
	static const struct timezone utc;
	struct timespec64 ts;
	struct timeval t;

	if (tv) {
		ktime_get_real_ts64(&ts);
		t.tv_sec = ts.tv_sec;
		t.tv_usec = (long)ts.tv_nsec / 1000;
		if (copy_to_user(tv, &t, sizeof(t)))
			return -EFAULT;
	}
	if (tz && copy_to_user(tz, &utc, sizeof(utc)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(settimeofday, const struct timeval __user *, tv,
		const struct timezone __user *, tz)
{
	struct timespec64 ts;
	struct timeval t;

	if (!tv)
		return 0;
	if (copy_from_user(&t, tv, sizeof(t)))
		return -EFAULT;
	ts.tv_sec = t.tv_sec;
	ts.tv_nsec = t.tv_usec * 1000LL;
	return clock_set(CLOCK_REALTIME, &ts);
}

SYSCALL_DEFINE1(time32, int __user *, tloc)
{
	int t = ktime_get_real_seconds();

	if (tloc && put_user(t, tloc))
		return -EFAULT;
	return t;
}

SYSCALL_DEFINE1(stime32, const int __user *, tptr)
{
	struct timespec64 ts = { 0, 0 };
	int t;

	if (get_user(t, tptr))
		return -EFAULT;
	ts.tv_sec = t;
	return clock_set(CLOCK_REALTIME, &ts);
}
