// SPDX-License-Identifier: MIT
/* Scheduling as programs see it: one CPU, SCHED_OTHER and nice values. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>

#define SCHED_OTHER	0
#define SCHED_FIFO	1
#define SCHED_RR	2
#define SCHED_BATCH	3
#define SCHED_IDLE	5

#define PRIO_PROCESS	0
#define PRIO_PGRP	1
#define PRIO_USER	2

struct sched_param {
	int sched_priority;
};

static struct task_struct *find_process(pid_t pid)
{
	return pid ? find_task_by_vpid(pid) : current;
}

SYSCALL_DEFINE0(sched_yield)
{
	yield();
	return 0;
}

SYSCALL_DEFINE1(sched_getscheduler, pid_t, pid)
{
	if (pid < 0)
		return -EINVAL;
	return find_process(pid) ? SCHED_OTHER : -ESRCH;
}

SYSCALL_DEFINE3(sched_setscheduler, pid_t, pid, int, policy,
		const struct sched_param __user *, uparam)
{
	struct sched_param param;

	if (pid < 0 || !uparam)
		return -EINVAL;
	if (copy_from_user(&param, uparam, sizeof(param)))
		return -EFAULT;
	if (!find_process(pid))
		return -ESRCH;
	switch (policy) {
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		return param.sched_priority ? -EINVAL : 0;
	case SCHED_FIFO:
	case SCHED_RR:
		return -EPERM;
	}
	return -EINVAL;
}

SYSCALL_DEFINE2(sched_getparam, pid_t, pid, struct sched_param __user *, uparam)
{
	struct sched_param param = { 0 };

	if (pid < 0 || !uparam)
		return -EINVAL;
	if (!find_process(pid))
		return -ESRCH;
	return copy_to_user(uparam, &param, sizeof(param)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(sched_setparam, pid_t, pid,
		const struct sched_param __user *, uparam)
{
	return sys_sched_setscheduler(pid, SCHED_OTHER, uparam);
}

/* What there is to choose from: the real-time policies have the numbers they ask for. */
static int priority_bound(int policy, int realtime)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return realtime;
	return policy == SCHED_OTHER || policy == SCHED_BATCH ||
	       policy == SCHED_IDLE ? 0 : -EINVAL;
}

SYSCALL_DEFINE1(sched_get_priority_max, int, policy)
{
	return priority_bound(policy, 99);
}

SYSCALL_DEFINE1(sched_get_priority_min, int, policy)
{
	return priority_bound(policy, 1);
}

static int rr_get_interval(pid_t pid, void __user *interval, enum time_kind kind)
{
	static const struct timespec64 rr_interval = { 0, 5 * TICK_NSEC };

	if (pid < 0)
		return -EINVAL;
	if (!find_process(pid))
		return -ESRCH;
	return put_timespec64(&rr_interval, interval, kind);
}

SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, pid, void __user *, interval)
{
	return rr_get_interval(pid, interval, TIMESPEC_64);
}

SYSCALL_DEFINE2(sched_rr_get_interval_time32, pid_t, pid, void __user *, interval)
{
	return rr_get_interval(pid, interval, TIMESPEC_NATIVE);
}

SYSCALL_DEFINE3(sched_getaffinity, pid_t, pid, unsigned int, len,
		unsigned long __user *, mask)
{
	unsigned long cpu0 = 1;

	if (len < sizeof(long) || len % sizeof(long))
		return -EINVAL;
	if (!find_process(pid))
		return -ESRCH;
	return copy_to_user(mask, &cpu0, sizeof(cpu0)) ? -EFAULT :
	       (long)sizeof(cpu0);
}

SYSCALL_DEFINE3(sched_setaffinity, pid_t, pid, unsigned int, len,
		const unsigned long __user *, mask)
{
	unsigned char first = 0;

	if (!find_process(pid))
		return -ESRCH;
	if (len && get_user(first, (const unsigned char __user *)mask))
		return -EFAULT;
	return first & 1 ? 0 : -EINVAL;
}

SYSCALL_DEFINE3(getcpu, unsigned int __user *, cpu, unsigned int __user *, node,
		void __user *, unused)
{
	if ((cpu && put_user(0U, cpu)) || (node && put_user(0U, node)))
		return -EFAULT;
	return 0;
}

static int set_nice(struct task_struct *p, int nice)
{
	if (current->euid && current->euid != p->uid &&
	    current->euid != p->euid)
		return -EPERM;
	if (nice < p->prio && current->euid)
		return -EACCES;
	p->prio = max(-20, min(19, nice));
	return 0;
}

/* Is t one of those that which and who name? Of processes that is the leader. */
static bool is_meant(struct task_struct *t, int which, int who)
{
	switch (which) {
	case PRIO_PROCESS:
		return t == find_process(who);
	case PRIO_PGRP:
		return thread_group_leader(t) &&
		       task_pgrp(t) == (who ? find_pid(who) : task_pgrp(current));
	default:
		return thread_group_leader(t) &&
		       t->uid == (who ? (uid_t)who : current->uid);
	}
}

/* 40..1 for -20..19, since a negative value would be an error. */
SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	struct task_struct *g, *t;
	int result = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	do_each_thread(g, t) {
		if (is_meant(t, which, who))
			result = max(result, 20 - t->prio);
	} while_each_thread(g, t);
	return result;
}

SYSCALL_DEFINE3(setpriority, int, which, int, who, int, niceval)
{
	struct task_struct *g, *t;
	int result = -ESRCH, err = 0;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	do_each_thread(g, t) {
		if (is_meant(t, which, who)) {
			result = set_nice(t, niceval);
			err = result ? result : err;
		}
	} while_each_thread(g, t);
	return err ? err : result;
}

SYSCALL_DEFINE1(nice, int, increment)
{
	increment = max(-40, min(40, increment));
	return set_nice(current, current->prio + increment);
}
