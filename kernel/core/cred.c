// SPDX-License-Identifier: MIT
/* Who a task is: user, group, process group and session numbers. */
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>

SYSCALL_DEFINE0(getpid)
{
	return current->tgid;
}

SYSCALL_DEFINE0(gettid)
{
	return current->pid;
}

SYSCALL_DEFINE0(getppid)
{
	return current->real_parent->tgid;
}

SYSCALL_DEFINE0(getuid)
{
	return current->uid;
}

SYSCALL_DEFINE0(geteuid)
{
	return current->euid;
}

SYSCALL_DEFINE0(getgid)
{
	return current->gid;
}

SYSCALL_DEFINE0(getegid)
{
	return current->egid;
}

static bool may_be_uid(uid_t id)
{
	return !current->euid || id == current->uid || id == current->euid ||
	       id == current->suid;
}

static bool may_be_gid(gid_t id)
{
	return !current->euid || id == current->gid || id == current->egid ||
	       id == current->sgid;
}

#define NOCHANGE	((uid_t)-1)

SYSCALL_DEFINE3(setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	if ((ruid != NOCHANGE && !may_be_uid(ruid)) ||
	    (euid != NOCHANGE && !may_be_uid(euid)) ||
	    (suid != NOCHANGE && !may_be_uid(suid)))
		return -EPERM;
	if (ruid != NOCHANGE)
		current->uid = ruid;
	if (suid != NOCHANGE)
		current->suid = suid;
	if (euid != NOCHANGE)
		current->euid = euid;
	current->fsuid = current->euid;
	return 0;
}

SYSCALL_DEFINE3(setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	if ((rgid != NOCHANGE && !may_be_gid(rgid)) ||
	    (egid != NOCHANGE && !may_be_gid(egid)) ||
	    (sgid != NOCHANGE && !may_be_gid(sgid)))
		return -EPERM;
	if (rgid != NOCHANGE)
		current->gid = rgid;
	if (sgid != NOCHANGE)
		current->sgid = sgid;
	if (egid != NOCHANGE)
		current->egid = egid;
	current->fsgid = current->egid;
	return 0;
}

SYSCALL_DEFINE1(setuid, uid_t, uid)
{
	if (!current->euid)
		return sys_setresuid(uid, uid, uid);
	if (uid != current->uid && uid != current->suid)
		return -EPERM;
	return sys_setresuid(NOCHANGE, uid, NOCHANGE);
}

SYSCALL_DEFINE1(setgid, gid_t, gid)
{
	if (!current->euid)
		return sys_setresgid(gid, gid, gid);
	if (gid != current->gid && gid != current->sgid)
		return -EPERM;
	return sys_setresgid(NOCHANGE, gid, NOCHANGE);
}

SYSCALL_DEFINE2(setreuid, uid_t, ruid, uid_t, euid)
{
	bool saved = ruid != NOCHANGE ||
		     (euid != NOCHANGE && euid != current->uid);

	if (euid == NOCHANGE)
		euid = current->euid;
	return sys_setresuid(ruid, euid, saved ? euid : NOCHANGE);
}

SYSCALL_DEFINE2(setregid, gid_t, rgid, gid_t, egid)
{
	bool saved = rgid != NOCHANGE ||
		     (egid != NOCHANGE && egid != current->gid);

	if (egid == NOCHANGE)
		egid = current->egid;
	return sys_setresgid(rgid, egid, saved ? egid : NOCHANGE);
}

SYSCALL_DEFINE3(getresuid, uid_t __user *, r, uid_t __user *, e,
		uid_t __user *, s)
{
	if (put_user(current->uid, r) || put_user(current->euid, e) ||
	    put_user(current->suid, s))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE3(getresgid, gid_t __user *, r, gid_t __user *, e,
		gid_t __user *, s)
{
	if (put_user(current->gid, r) || put_user(current->egid, e) ||
	    put_user(current->sgid, s))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE1(setfsuid, uid_t, uid)
{
	uid_t old = current->fsuid;

	if (may_be_uid(uid) || uid == old)
		current->fsuid = uid;
	return old;
}

SYSCALL_DEFINE1(setfsgid, gid_t, gid)
{
	gid_t old = current->fsgid;

	if (may_be_gid(gid) || gid == old)
		current->fsgid = gid;
	return old;
}

/* Is it the group current opens files as, or a supplementary one? */
bool in_group_p(gid_t gid)
{
	int i;

	for (i = 0; i < current->ngroups; i++)
		if (current->groups[i] == gid)
			return true;
	return gid == current->fsgid;
}

SYSCALL_DEFINE2(getgroups, int, size, gid_t __user *, list)
{
	int n = current->ngroups;

	if (size < 0 || (size && size < n))
		return -EINVAL;
	if (size && copy_to_user(list, current->groups, n * sizeof(gid_t)))
		return -EFAULT;
	return n;
}

SYSCALL_DEFINE2(setgroups, int, size, const gid_t __user *, list)
{
	gid_t groups[NGROUPS_MAX];

	if (current->euid)
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(groups, list, size * sizeof(gid_t)))
		return -EFAULT;
	memcpy(current->groups, groups, sizeof(groups));
	current->ngroups = size;
	return 0;
}

#define LINUX_CAPABILITY_VERSION_3	0x20080522

struct cap_header {
	u32 version;
	int pid;
};

/* Root has every capability, nobody else one; only one's own are told. */
SYSCALL_DEFINE2(capget, struct cap_header __user *, header, u32 __user *, data)
{
	u32 low = current->euid ? 0 : ~0U, high = current->euid ? 0 : 0x1ff;
	/* Effective, permitted, inheritable; then of the capabilities from 32 on. */
	u32 caps[6] = { low, low, 0, high, high, 0 };
	struct cap_header h;

	if (copy_from_user(&h, header, sizeof(h)))
		return -EFAULT;
	if (h.pid && h.pid != current->pid)
		return -ESRCH;
	if (h.version != LINUX_CAPABILITY_VERSION_3)
		return put_user(LINUX_CAPABILITY_VERSION_3, &header->version) ? -EFAULT :
		       data ? -EINVAL : 0;
	return copy_to_user(data, caps, sizeof(caps)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(setpgid, pid_t, pid, pid_t, pgid)
{
	struct task_struct *p, *leader;
	struct pid *pgrp;

	if (!pid)
		pid = current->tgid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	p = find_task_by_vpid(pid);
	if (!p)
		return -ESRCH;
	if (!thread_group_leader(p))
		return -EINVAL;
	if (same_thread_group(p->real_parent, current)) {
		if (task_session(p) != task_session(current))
			return -EPERM;
		if (!(p->flags & PF_FORKNOEXEC))
			return -EACCES;
	} else if (p != current->group_leader) {
		return -ESRCH;
	}
	if (p->signal->leader)
		return -EPERM;

	pgrp = task_pid(p);
	if (pgid != pid) {
		pgrp = find_pid(pgid);
		leader = pid_task(pgrp, PIDTYPE_PGID);
		if (!leader || task_session(leader) != task_session(current))
			return -EPERM;
	}
	if (task_pgrp(p) != pgrp)
		change_pid(p, PIDTYPE_PGID, pgrp);
	return 0;
}

SYSCALL_DEFINE1(getpgid, pid_t, pid)
{
	struct task_struct *p = pid ? find_task_by_vpid(pid) : current;

	return p ? pid_vnr(task_pgrp(p)) : -ESRCH;
}

SYSCALL_DEFINE0(getpgrp)
{
	return pid_vnr(task_pgrp(current));
}

SYSCALL_DEFINE1(getsid, pid_t, pid)
{
	struct task_struct *p = pid ? find_task_by_vpid(pid) : current;

	return p ? pid_vnr(task_session(p)) : -ESRCH;
}

SYSCALL_DEFINE0(setsid)
{
	struct task_struct *leader = current->group_leader;
	struct pid *sid = task_pid(leader);

	if (leader->signal->leader || pid_task(sid, PIDTYPE_PGID))
		return -EPERM;
	leader->signal->leader = 1;
	change_pid(leader, PIDTYPE_SID, sid);
	change_pid(leader, PIDTYPE_PGID, sid);
	leader->signal->tty = NULL;
	return pid_vnr(sid);
}
