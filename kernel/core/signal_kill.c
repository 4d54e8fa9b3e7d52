// SPDX-License-Identifier: MIT
/* The system calls that send signals. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "signal_internal.h"

int check_kill_permission(int sig, const siginfo_t *info,
			  struct task_struct *t)
{
	if (!valid_signal(sig))
		return -EINVAL;
	/* From the kernel itself, or a fault */
	if (!info || info->si_code > 0)
		return 0;
	if (!current->euid || current->euid == t->uid ||
	    current->euid == t->suid || current->uid == t->uid ||
	    current->uid == t->suid)
		return 0;
	if (sig == SIGCONT && task_session(t) == task_session(current))
		return 0;
	return -EPERM;
}

static void user_info(siginfo_t *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = current->tgid;
	info->si_uid = current->uid;
}

static int kill_one(struct task_struct *p, int sig, siginfo_t *info)
{
	int ret = check_kill_permission(sig, info, p);

	return ret ? ret : group_send_sig_info(sig, info, p);
}

SYSCALL_DEFINE2(kill, pid_t, pid, int, sig)
{
	struct task_struct *p, *next;
	int ret = -ESRCH, err;
	siginfo_t info;

	if (!valid_signal(sig))
		return -EINVAL;
	user_info(&info, sig, SI_USER);
	if (pid > 0) {
		p = find_task_by_vpid(pid);
		return p ? kill_one(p, sig, &info) : -ESRCH;
	}
	if (pid == 0)
		return kill_pgrp_info(sig, &info, task_pgrp(current));
	if (pid == (pid_t)0x80000000)
		return -ESRCH;
	if (pid != -1)
		return kill_pgrp_info(sig, &info, find_pid(-pid));

	/* Everybody but init and ourselves */
	list_for_each_entry_safe(p, next, &init_task.tasks, tasks) {
		if (p->pid <= 1 || same_thread_group(p, current))
			continue;
		err = kill_one(p, sig, &info);
		if (err != -EPERM)
			ret = err;
	}
	return ret;
}

static int do_send_specific(pid_t tgid, pid_t pid, int sig, siginfo_t *info)
{
	struct task_struct *p = find_task_by_vpid(pid);
	int ret;

	if (!p || (tgid > 0 && p->tgid != tgid))
		return -ESRCH;
	ret = check_kill_permission(sig, info, p);
	return ret ? ret : send_sig_info(sig, info, p);
}

SYSCALL_DEFINE3(tgkill, pid_t, tgid, pid_t, pid, int, sig)
{
	siginfo_t info;

	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	user_info(&info, sig, SI_TKILL);
	return do_send_specific(tgid, pid, sig, &info);
}

SYSCALL_DEFINE2(tkill, pid_t, pid, int, sig)
{
	siginfo_t info;

	if (pid <= 0)
		return -EINVAL;
	user_info(&info, sig, SI_TKILL);
	return do_send_specific(0, pid, sig, &info);
}

SYSCALL_DEFINE3(rt_sigqueueinfo, pid_t, pid, int, sig,
		siginfo_t __user *, uinfo)
{
	struct task_struct *p;
	siginfo_t info;

	if (copy_from_user(&info, uinfo, sizeof(info)))
		return -EFAULT;
	info.si_signo = sig;
	p = find_task_by_vpid(pid);
	if (!p)
		return -ESRCH;
	/* Nobody may pretend to be the kernel, or kill. */
	if ((info.si_code >= 0 || info.si_code == SI_TKILL) &&
	    !same_thread_group(p, current))
		return -EPERM;
	return kill_one(p, sig, &info);
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, pid_t, tgid, pid_t, pid, int, sig,
		siginfo_t __user *, uinfo)
{
	siginfo_t info;

	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	if (copy_from_user(&info, uinfo, sizeof(info)))
		return -EFAULT;
	info.si_signo = sig;
	if ((info.si_code >= 0 || info.si_code == SI_TKILL) &&
	    tgid != current->tgid)
		return -EPERM;
	return do_send_specific(tgid, pid, sig, &info);
}
