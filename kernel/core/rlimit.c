// SPDX-License-Identifier: MIT
/* Limits, and what has been used. */
#include <linux/sched.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

static int do_prlimit(struct task_struct *tsk, unsigned int resource,
		      const struct rlimit *new, struct rlimit *old)
{
	struct rlimit *rlim;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	rlim = &tsk->signal->rlim[resource];
	if (new) {
		if (new->rlim_cur > new->rlim_max)
			return -EINVAL;
		if (new->rlim_max > rlim->rlim_max && current->euid)
			return -EPERM;
	}
	if (old)
		*old = *rlim;
	if (new)
		*rlim = *new;
	return 0;
}

static unsigned long from_64(u64 v)
{
	return v > RLIM_INFINITY ? RLIM_INFINITY : v;
}

static u64 to_64(unsigned long v)
{
	return v == RLIM_INFINITY ? ~0ULL : v;
}

SYSCALL_DEFINE4(prlimit64, pid_t, pid, unsigned int, resource,
		const struct rlimit64 __user *, unew,
		struct rlimit64 __user *, uold)
{
	struct task_struct *tsk = pid ? find_task_by_vpid(pid) : current;
	struct rlimit64 new64, old64;
	struct rlimit new, old;
	int ret;

	if (unew) {
		if (copy_from_user(&new64, unew, sizeof(new64)))
			return -EFAULT;
		new.rlim_cur = from_64(new64.rlim_cur);
		new.rlim_max = from_64(new64.rlim_max);
	}
	if (!tsk)
		return -ESRCH;
	if (tsk != current && current->euid && current->euid != tsk->euid)
		return -EPERM;
	ret = do_prlimit(tsk, resource, unew ? &new : NULL, &old);
	if (!ret && uold) {
		old64.rlim_cur = to_64(old.rlim_cur);
		old64.rlim_max = to_64(old.rlim_max);
		if (copy_to_user(uold, &old64, sizeof(old64)))
			return -EFAULT;
	}
	return ret;
}

SYSCALL_DEFINE2(getrlimit, unsigned int, resource, struct rlimit __user *, ur)
{
	struct rlimit old;
	int ret = do_prlimit(current, resource, NULL, &old);

	if (!ret && copy_to_user(ur, &old, sizeof(old)))
		return -EFAULT;
	return ret;
}

/* The i386 call of before there were unsigned limits. */
SYSCALL_DEFINE2(old_getrlimit, unsigned int, resource,
		struct rlimit __user *, ur)
{
	struct rlimit old;
	int ret = do_prlimit(current, resource, NULL, &old);

	old.rlim_cur = min(old.rlim_cur, 0x7fffffffUL);
	old.rlim_max = min(old.rlim_max, 0x7fffffffUL);
	if (!ret && copy_to_user(ur, &old, sizeof(old)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE2(setrlimit, unsigned int, resource,
		const struct rlimit __user *, ur)
{
	struct rlimit new;

	if (copy_from_user(&new, ur, sizeof(new)))
		return -EFAULT;
	return do_prlimit(current, resource, &new, NULL);
}

/* Of all threads, those gone included. */
void thread_group_cputime(struct task_struct *tsk, u64 *utime, u64 *stime)
{
	struct task_struct *t = tsk;

	*utime = tsk->signal->utime;
	*stime = tsk->signal->stime;
	do {
		*utime += t->utime;
		*stime += t->stime;
	} while ((t = next_thread(t)) != tsk);
}

void getrusage(struct task_struct *p, int who, struct rusage *r)
{
	struct signal_struct *sig = p->signal;
	u64 utime = 0, stime = 0, gu, gs;
	struct task_struct *t = p;
	unsigned long maxrss = 0;

	memset(r, 0, sizeof(*r));
	if (who == RUSAGE_THREAD) {
		utime = p->utime;
		stime = p->stime;
		r->ru_nvcsw = p->nvcsw;
		r->ru_nivcsw = p->nivcsw;
		r->ru_minflt = p->min_flt;
		r->ru_majflt = p->maj_flt;
		maxrss = sig->maxrss;
	}
	if (who == RUSAGE_CHILDREN || who == RUSAGE_BOTH) {
		utime = sig->cutime;
		stime = sig->cstime;
		r->ru_nvcsw = sig->cnvcsw;
		r->ru_nivcsw = sig->cnivcsw;
		r->ru_minflt = sig->cmin_flt;
		r->ru_majflt = sig->cmaj_flt;
		maxrss = sig->cmaxrss;
	}
	if (who == RUSAGE_SELF || who == RUSAGE_BOTH) {
		thread_group_cputime(p, &gu, &gs);
		utime += gu;
		stime += gs;
		r->ru_nvcsw += sig->nvcsw;
		r->ru_nivcsw += sig->nivcsw;
		r->ru_minflt += sig->min_flt;
		r->ru_majflt += sig->maj_flt;
		maxrss = max(maxrss, sig->maxrss);
		do {
			r->ru_nvcsw += t->nvcsw;
			r->ru_nivcsw += t->nivcsw;
			r->ru_minflt += t->min_flt;
			r->ru_majflt += t->maj_flt;
		} while ((t = next_thread(t)) != p);
	}
	if (who != RUSAGE_CHILDREN && p->mm)
		maxrss = max(maxrss, max(p->mm->hiwater_rss,
					 get_mm_rss(p->mm)));
	r->ru_maxrss = maxrss * (PAGE_SIZE / 1024);
	r->ru_utime = ns_to_timeval(utime);
	r->ru_stime = ns_to_timeval(stime);
}

SYSCALL_DEFINE2(getrusage, int, who, struct rusage __user *, ru)
{
	struct rusage r;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN &&
	    who != RUSAGE_THREAD)
		return -EINVAL;
	account_process_time(current, false);
	getrusage(current, who, &r);
	return copy_to_user(ru, &r, sizeof(r)) ? -EFAULT : 0;
}

struct tms {
	clock_t tms_utime;
	clock_t tms_stime;
	clock_t tms_cutime;
	clock_t tms_cstime;
};

SYSCALL_DEFINE1(times, struct tms __user *, tbuf)
{
	struct tms tmp;
	u64 utime, stime;

	if (tbuf) {
		account_process_time(current, false);
		thread_group_cputime(current, &utime, &stime);
		tmp.tms_utime = nsec_to_clock_t(utime);
		tmp.tms_stime = nsec_to_clock_t(stime);
		tmp.tms_cutime = nsec_to_clock_t(current->signal->cutime);
		tmp.tms_cstime = nsec_to_clock_t(current->signal->cstime);
		if (copy_to_user(tbuf, &tmp, sizeof(tmp)))
			return -EFAULT;
	}
	return nsec_to_clock_t(ktime_get_ns());
}
