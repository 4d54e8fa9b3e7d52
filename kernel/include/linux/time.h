/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_TIME_H
#define _LINUX_TIME_H

#include <linux/types.h>

#define HZ			100
#define USER_HZ			100
#define TICK_NSEC		(1000000000LL / HZ)
#define NSEC_PER_SEC		1000000000LL
#define NSEC_PER_MSEC		1000000LL
#define NSEC_PER_USEC		1000LL
#define USEC_PER_SEC		1000000LL
#define KTIME_MAX		LLONG_MAX

/* The machine's own long: what the calls without "time64" take. */
struct timespec {
	long tv_sec;
	long tv_nsec;
};

struct timeval {
	long tv_sec;
	long tv_usec;
};

struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};

struct timezone {
	int tz_minuteswest;
	int tz_dsttime;
};

/* 64-bit seconds on every machine. */
struct timespec64 {
	time64_t tv_sec;
	s64 tv_nsec;
};

#define CLOCK_REALTIME			0
#define CLOCK_MONOTONIC			1
#define CLOCK_PROCESS_CPUTIME_ID	2
#define CLOCK_THREAD_CPUTIME_ID		3
#define CLOCK_MONOTONIC_RAW		4
#define CLOCK_REALTIME_COARSE		5
#define CLOCK_MONOTONIC_COARSE		6
#define CLOCK_BOOTTIME			7
#define TIMER_ABSTIME			1

static inline ktime_t timespec64_to_ktime(struct timespec64 ts)
{
	if (ts.tv_sec >= 9000000000LL)
		return 9000000000LL * NSEC_PER_SEC;
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline bool timespec64_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 &&
	       ts->tv_nsec < NSEC_PER_SEC;
}

struct timespec64 ns_to_timespec64(s64 nsec);
struct timeval ns_to_timeval(s64 nsec);

static inline u64 nsec_to_clock_t(u64 nsec)
{
	return nsec / (NSEC_PER_SEC / USER_HZ);
}

/* Nanoseconds since boot; never goes back. */
u64 ktime_get_ns(void);
#define ktime_get()	((ktime_t)ktime_get_ns())
/* Since 1970, from the board's RTC at boot plus ktime_get. */
void ktime_get_real_ts64(struct timespec64 *ts);

/*
 * How user mode gives a time: in the machine's long, in 64 bits everywhere, or
 * as a timeval.
 */
enum time_kind { TIMESPEC_NATIVE, TIMESPEC_64, TIMEVAL_NATIVE };

/* 0, -EFAULT, or -EINVAL for a timeval less than zero. */
int get_timespec64(struct timespec64 *ts, const void __user *uts,
		   enum time_kind kind);
int put_timespec64(const struct timespec64 *ts, void __user *uts,
		   enum time_kind kind);

#endif
