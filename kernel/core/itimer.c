// SPDX-License-Identifier: MIT
/*
 * Interval timers of a thread group: ITIMER_REAL and alarm send SIGALRM by
 * the clock; ITIMER_VIRTUAL and ITIMER_PROF count the time that its threads
 * have run, which is looked at in each tick.
 */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

#define ITIMER_REAL	0
#define ITIMER_VIRTUAL	1
#define ITIMER_PROF	2

void it_real_fn(struct hrtimer *timer)
{
	struct signal_struct *sig =
		container_of(timer, struct signal_struct, real_timer);
	struct task_struct *p = pid_task(sig->leader_pid, PIDTYPE_PID);

	if (p)
		group_send_sig_info(SIGALRM, NULL, p);
}

/*
 * The next interval begins when the signal of the last is taken. So one of a
 * microsecond leaves the CPU to others; and a signal that is ignored, and
 * never taken, is the last.
 */
void rearm_real_timer(struct signal_struct *sig)
{
	if (sig->it_real_incr && !hrtimer_active(&sig->real_timer))
		hrtimer_forward(&sig->real_timer, sig->it_real_incr);
}

static ktime_t timeval_to_ktime(const struct timeval *tv)
{
	return (s64)tv->tv_sec * NSEC_PER_SEC +
	       (s64)tv->tv_usec * NSEC_PER_USEC;
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
	value->it_value = ns_to_timeval(left);
	value->it_interval = ns_to_timeval(sig->it_real_incr);
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

/* What the timer of clock_id counts; now's share of it is accounted for. */
static u64 cpu_clock_sample(unsigned int clock_id, struct task_struct *p)
{
	u64 utime, stime;

	thread_group_cputime(p, &utime, &stime);
	return clock_id == CPUCLOCK_VIRT ? utime : utime + stime;
}

static void check_cpu_itimer(struct task_struct *tsk, unsigned int clock_id,
			     int signo)
{
	struct cpu_itimer *it = &tsk->signal->it[clock_id];

	if (!it->expires || cpu_clock_sample(clock_id, tsk) < it->expires)
		return;
	it->expires = it->incr ? it->expires + it->incr : 0;
	group_send_sig_info(signo, NULL, tsk);
}

/* In the tick, for the task it interrupts. */
void run_posix_cpu_timers(struct task_struct *tsk)
{
	/* Without sighand it has been released, on its way out. */
	if (!tsk->sighand)
		return;
	check_cpu_itimer(tsk, CPUCLOCK_PROF, SIGPROF);
	check_cpu_itimer(tsk, CPUCLOCK_VIRT, SIGVTALRM);
}

static void get_cpu_itimer(unsigned int clock_id, struct itimerval *value)
{
	struct cpu_itimer *it = &current->signal->it[clock_id];
	u64 now, left = 0;

	account_process_time(current, false);
	now = cpu_clock_sample(clock_id, current);
	if (it->expires)
		/* Due but not yet seen: the next tick sees it. */
		left = it->expires > now ? it->expires - now : TICK_NSEC;
	value->it_value = ns_to_timeval(left);
	value->it_interval = ns_to_timeval(it->incr);
}

static void set_cpu_itimer(unsigned int clock_id, const struct itimerval *value)
{
	struct cpu_itimer *it = &current->signal->it[clock_id];
	u64 delay = timeval_to_ktime(&value->it_value);
	unsigned long flags;

	local_irq_save(flags);
	account_process_time(current, false);
	it->expires = delay ? cpu_clock_sample(clock_id, current) + delay : 0;
	it->incr = timeval_to_ktime(&value->it_interval);
	local_irq_restore(flags);
}

/* CPUCLOCK_* of the two timers that have one. */
static unsigned int cpu_clock(int which)
{
	return which == ITIMER_PROF ? CPUCLOCK_PROF : CPUCLOCK_VIRT;
}

static int do_getitimer(int which, struct itimerval *value)
{
	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (which == ITIMER_REAL)
		get_real(value);
	else
		get_cpu_itimer(cpu_clock(which), value);
	return 0;
}

static bool timeval_valid(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && tv->tv_usec >= 0 &&
	       tv->tv_usec < USEC_PER_SEC;
}

SYSCALL_DEFINE2(getitimer, int, which, struct itimerval __user *, value)
{
	struct itimerval v;
	int err = do_getitimer(which, &v);

	if (err)
		return err;
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}

SYSCALL_DEFINE3(setitimer, int, which, const struct itimerval __user *, value,
		struct itimerval __user *, ovalue)
{
	struct itimerval v, old;
	int err;

	memset(&v, 0, sizeof(v));
	if (value && copy_from_user(&v, value, sizeof(v)))
		return -EFAULT;
	if (!timeval_valid(&v.it_value) || !timeval_valid(&v.it_interval))
		return -EINVAL;
	err = do_getitimer(which, &old);
	if (err)
		return err;
	if (which == ITIMER_REAL)
		set_real(&v);
	else
		set_cpu_itimer(cpu_clock(which), &v);
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
