// SPDX-License-Identifier: MIT
/* Clocks. Sleeping is nanosleep.c. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

s64 wall_offset;		/* ns: real time = this + monotonic */

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

struct timeval ns_to_timeval(s64 nsec)
{
	struct timespec64 ts = ns_to_timespec64(nsec);

	return (struct timeval){ ts.tv_sec, (long)ts.tv_nsec / 1000 };
}

void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(wall_offset + (s64)ktime_get_ns());
}

int get_timespec64(struct timespec64 *ts, const void __user *uts,
		   enum time_kind kind)
{
	struct timespec t;
	struct timeval tv;

	switch (kind) {
	case TIMESPEC_NATIVE:
		if (copy_from_user(&t, uts, sizeof(t)))
			return -EFAULT;
		ts->tv_sec = t.tv_sec;
		ts->tv_nsec = t.tv_nsec;
		break;
	case TIMESPEC_64:
		if (copy_from_user(ts, uts, sizeof(*ts)))
			return -EFAULT;
		/* 32-bit callers leave the upper half of tv_nsec undefined. */
		ts->tv_nsec = (long)ts->tv_nsec;
		break;
	case TIMEVAL_NATIVE:
		if (copy_from_user(&tv, uts, sizeof(tv)))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		/* It may have more than a second's worth of microseconds. */
		ts->tv_sec = (s64)tv.tv_sec + tv.tv_usec / USEC_PER_SEC;
		ts->tv_nsec = tv.tv_usec % USEC_PER_SEC * NSEC_PER_USEC;
		break;
	}
	return 0;
}

int put_timespec64(const struct timespec64 *ts, void __user *uts,
		   enum time_kind kind)
{
	struct timespec t = { ts->tv_sec, ts->tv_nsec };
	const void *from = ts;
	size_t size = sizeof(*ts);

	if (kind != TIMESPEC_64) {
		from = &t;
		size = sizeof(t);
	}
	/* A timeval is the same two longs. */
	if (kind == TIMEVAL_NATIVE)
		t.tv_nsec /= NSEC_PER_USEC;
	return copy_to_user(uts, from, size) ? -EFAULT : 0;
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

SYSCALL_DEFINE2(clock_gettime, clockid_t, id, struct timespec64 __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	return err ? err : put_timespec64(&ts, tp, TIMESPEC_64);
}

SYSCALL_DEFINE2(clock_gettime32, clockid_t, id, struct timespec __user *, tp)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	return err ? err : put_timespec64(&ts, tp, TIMESPEC_NATIVE);
}

SYSCALL_DEFINE2(clock_settime, clockid_t, id,
		const struct timespec64 __user *, tp)
{
	struct timespec64 ts;

	return get_timespec64(&ts, tp, TIMESPEC_64) ? -EFAULT : clock_set(id, &ts);
}

SYSCALL_DEFINE2(clock_settime32, clockid_t, id,
		const struct timespec __user *, tp)
{
	struct timespec64 ts;

	return get_timespec64(&ts, tp, TIMESPEC_NATIVE) ? -EFAULT : clock_set(id, &ts);
}

static int do_clock_getres(clockid_t id, void __user *tp, enum time_kind kind)
{
	struct timespec64 ts;
	int err = clock_get(id, &ts);

	if (err || !tp)
		return err;
	ts.tv_sec = 0;
	ts.tv_nsec = id == CLOCK_REALTIME_COARSE ||
		     id == CLOCK_MONOTONIC_COARSE ? TICK_NSEC : 1;
	return put_timespec64(&ts, tp, kind);
}

SYSCALL_DEFINE2(clock_getres, clockid_t, id, void __user *, tp)
{
	return do_clock_getres(id, tp, TIMESPEC_64);
}

SYSCALL_DEFINE2(clock_getres_time32, clockid_t, id, void __user *, tp)
{
	return do_clock_getres(id, tp, TIMESPEC_NATIVE);
}

SYSCALL_DEFINE2(gettimeofday, struct timeval __user *, tv,
		struct timezone __user *, tz)
{
	static const struct timezone utc;
	struct timeval t = ns_to_timeval(wall_offset + (s64)ktime_get_ns());

	if (tv && copy_to_user(tv, &t, sizeof(t)))
		return -EFAULT;
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

/* As wide as the machine. */
SYSCALL_DEFINE1(time, long __user *, tloc)
{
	struct timespec64 ts;

	ktime_get_real_ts64(&ts);
	if (tloc && put_user((long)ts.tv_sec, tloc))
		return -EFAULT;
	return (long)ts.tv_sec;
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
