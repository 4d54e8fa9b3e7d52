// SPDX-License-Identifier: MIT
/* wait4, waitpid and waitid: children's ends, stops and continuations. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include <linux/wait_flags.h>
#include "fork.h"

struct wait_opts {
	int type;			/* P_* */
	int options;			/* W* */
	struct pid *pid;
	siginfo_t *info;		/* waitid, or NULL */
	int stat;			/* what wait4 stores */
	struct rusage *rusage;		/* or NULL */
};

static bool eligible_child(struct wait_opts *wo, struct task_struct *p)
{
	if (wo->type == P_PID && task_pid(p) != wo->pid)
		return false;
	if (wo->type == P_PGID && task_pgrp(p) != wo->pid)
		return false;
	/* "Clone" children are those that do not send SIGCHLD. */
	if (((p->exit_signal != SIGCHLD) ^ !!(wo->options & __WCLONE)) &&
	    !(wo->options & __WALL))
		return false;
	return true;
}

static void fill_info(struct wait_opts *wo, pid_t pid, uid_t uid, int code,
		      int status)
{
	siginfo_t *info = wo->info;

	if (!info)
		return;
	info->si_signo = SIGCHLD;
	info->si_errno = 0;
	info->si_code = code;
	info->si_pid = pid;
	info->si_uid = uid;
	info->si_status = status;
}

static pid_t wait_task_zombie(struct wait_opts *wo, struct task_struct *p)
{
	struct signal_struct *sig = p->signal, *psig = current->signal;
	pid_t pid = p->pid;
	uid_t uid = p->uid;
	u64 utime, stime;
	int status;

	if (!(wo->options & WEXITED))
		return 0;
	status = (sig->flags & SIGNAL_GROUP_EXIT) ?
		 sig->group_exit_code : p->exit_code;
	if (wo->rusage)
		getrusage(p, RUSAGE_BOTH, wo->rusage);
	if ((status & 0x7f) == 0)
		fill_info(wo, pid, uid, CLD_EXITED, status >> 8);
	else
		fill_info(wo, pid, uid,
			  (status & 0x80) ? CLD_DUMPED : CLD_KILLED,
			  status & 0x7f);
	wo->stat = status;
	if (wo->options & WNOWAIT)
		return pid;

	/* Two threads may wait for the same child: only one gets it. */
	p->exit_state = EXIT_DEAD;
	thread_group_cputime(p, &utime, &stime);
	psig->cutime += utime + sig->cutime;
	psig->cstime += stime + sig->cstime;
	psig->cnvcsw += p->nvcsw + sig->nvcsw + sig->cnvcsw;
	psig->cnivcsw += p->nivcsw + sig->nivcsw + sig->cnivcsw;
	psig->cmin_flt += p->min_flt + sig->min_flt + sig->cmin_flt;
	psig->cmaj_flt += p->maj_flt + sig->maj_flt + sig->cmaj_flt;
	psig->cmaxrss = max(psig->cmaxrss, max(sig->maxrss, sig->cmaxrss));
	release_task(p);
	return pid;
}

static pid_t wait_task_stopped(struct wait_opts *wo, struct task_struct *p)
{
	struct signal_struct *sig = p->signal;

	if (!(wo->options & WUNTRACED))
		return 0;
	if (!(sig->flags & SIGNAL_STOP_STOPPED) || !sig->group_exit_code)
		return 0;
	fill_info(wo, p->pid, p->uid, CLD_STOPPED, sig->group_exit_code);
	wo->stat = sig->group_exit_code << 8 | 0x7f;
	if (wo->rusage)
		getrusage(p, RUSAGE_BOTH, wo->rusage);
	/* Each stop is reported once. */
	if (!(wo->options & WNOWAIT))
		sig->group_exit_code = 0;
	return p->pid;
}

static pid_t wait_task_continued(struct wait_opts *wo, struct task_struct *p)
{
	struct signal_struct *sig = p->signal;

	if (!(wo->options & WCONTINUED) ||
	    !(sig->flags & SIGNAL_STOP_CONTINUED))
		return 0;
	if (!(wo->options & WNOWAIT))
		sig->flags &= ~SIGNAL_STOP_CONTINUED;
	fill_info(wo, p->pid, p->uid, CLD_CONTINUED, SIGCONT);
	wo->stat = 0xffff;
	if (wo->rusage)
		getrusage(p, RUSAGE_BOTH, wo->rusage);
	return p->pid;
}

/* A pid to report, 0 for nothing yet; *found says if it pays to wait. */
static pid_t wait_consider_task(struct wait_opts *wo, struct task_struct *p,
				bool *found)
{
	pid_t pid;

	if (p->exit_state == EXIT_DEAD || !eligible_child(wo, p))
		return 0;
	*found = true;
	if (p->exit_state == EXIT_ZOMBIE) {
		/* A leader with living threads has not ended yet. */
		if (thread_group_empty(p))
			return wait_task_zombie(wo, p);
		return 0;
	}
	pid = wait_task_stopped(wo, p);
	if (!pid)
		pid = wait_task_continued(wo, p);
	return pid;
}

static pid_t do_wait_children(struct wait_opts *wo, bool *found)
{
	struct task_struct *tsk = current, *p;
	pid_t pid;

	do {
		list_for_each_entry(p, &tsk->children, sibling) {
			pid = wait_consider_task(wo, p, found);
			if (pid)
				return pid;
		}
		if (wo->options & __WNOTHREAD)
			break;
		tsk = next_thread(tsk);
	} while (tsk != current);
	return 0;
}

long do_wait(struct wait_opts *wo);
__visible long do_wait(struct wait_opts *wo)
{
	DECLARE_WAITQUEUE(wait, current);
	bool found;
	long ret;

	add_wait_queue(&current->signal->wait_chldexit, &wait);
	for (;;) {
		found = false;
		set_current_state(TASK_INTERRUPTIBLE);
		ret = do_wait_children(wo, &found);
		if (ret)
			break;
		ret = -ECHILD;
		if (!found)
			break;
		ret = 0;
		if (wo->options & WNOHANG)
			break;
		ret = -ERESTARTSYS;
		if (signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&current->signal->wait_chldexit, &wait);
	return ret;
}

SYSCALL_DEFINE4(wait4, pid_t, upid, int __user *, stat_addr, int, options,
		struct rusage __user *, ru)
{
	struct wait_opts wo = { .options = options | WEXITED };
	struct rusage r;
	long ret;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD |
			__WCLONE | __WALL))
		return -EINVAL;
	if (upid == (pid_t)0x80000000)
		return -ESRCH;
	if (upid == -1) {
		wo.type = P_ALL;
	} else if (upid < 0) {
		wo.type = P_PGID;
		wo.pid = find_pid(-upid);
	} else if (upid == 0) {
		wo.type = P_PGID;
		wo.pid = task_pgrp(current);
	} else {
		wo.type = P_PID;
		wo.pid = find_pid(upid);
	}
	get_pid(wo.pid);
	wo.rusage = ru ? &r : NULL;
	ret = do_wait(&wo);
	put_pid(wo.pid);
	if (ret > 0) {
		if (stat_addr && put_user(wo.stat, stat_addr))
			return -EFAULT;
		if (ru && copy_to_user(ru, &r, sizeof(r)))
			return -EFAULT;
	}
	return ret;
}

SYSCALL_DEFINE3(waitpid, pid_t, pid, int __user *, stat_addr, int, options)
{
	return sys_wait4(pid, stat_addr, options, NULL);
}

SYSCALL_DEFINE5(waitid, int, which, pid_t, upid, siginfo_t __user *, infop,
		int, options, struct rusage __user *, ru)
{
	struct wait_opts wo = { .type = which, .options = options };
	siginfo_t info;
	struct rusage r;
	long ret;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			__WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	switch (which) {
	case P_ALL:
		break;
	case P_PID:
		if (upid <= 0)
			return -EINVAL;
		wo.pid = find_pid(upid);
		break;
	case P_PGID:
		if (upid < 0)
			return -EINVAL;
		wo.pid = upid ? find_pid(upid) : task_pgrp(current);
		break;
	default:
		return -EINVAL;
	}
	get_pid(wo.pid);
	memset(&info, 0, sizeof(info));
	wo.info = &info;
	wo.rusage = ru ? &r : NULL;
	ret = do_wait(&wo);
	put_pid(wo.pid);
	if (ret > 0) {
		ret = 0;
		if (ru && copy_to_user(ru, &r, sizeof(r)))
			return -EFAULT;
	}
	if (!ret && infop && copy_to_user(infop, &info, sizeof(info)))
		return -EFAULT;
	return ret;
}
