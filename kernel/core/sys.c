// SPDX-License-Identifier: MIT
/* Names and odds and ends. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include <linux/utsname.h>

static char hostname[__NEW_UTS_LEN + 1] = "forkscope";

SYSCALL_DEFINE0(ni_syscall)
{
	return -ENOSYS;
}

SYSCALL_DEFINE1(newuname, struct new_utsname __user *, name)
{
	struct new_utsname u;

	memset(&u, 0, sizeof(u));
	strlcpy(u.sysname, "Linux", sizeof(u.sysname));
	strlcpy(u.nodename, hostname, sizeof(u.nodename));
	strlcpy(u.release, UTS_RELEASE, sizeof(u.release));
	strlcpy(u.version, UTS_VERSION, sizeof(u.version));
	strlcpy(u.machine, utsname_machine, sizeof(u.machine));
	strlcpy(u.domainname, "(none)", sizeof(u.domainname));
	return copy_to_user(name, &u, sizeof(u)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(sethostname, const char __user *, name, int, len)
{
	char tmp[__NEW_UTS_LEN + 1];

	if (current->euid)
		return -EPERM;
	if (len < 0 || len > __NEW_UTS_LEN)
		return -EINVAL;
	memset(tmp, 0, sizeof(tmp));
	if (copy_from_user(tmp, name, len))
		return -EFAULT;
	memcpy(hostname, tmp, sizeof(tmp));
	return 0;
}

struct sysinfo {
	long uptime;
	unsigned long loads[3];
	unsigned long totalram;
	unsigned long freeram;
	unsigned long sharedram;
	unsigned long bufferram;
	unsigned long totalswap;
	unsigned long freeswap;
	u16 procs;
	u16 pad;
	unsigned long totalhigh;
	unsigned long freehigh;
	u32 mem_unit;
	char _f[20 - 2 * sizeof(long) - sizeof(u32)];
};

SYSCALL_DEFINE1(sysinfo, struct sysinfo __user *, info)
{
	struct sysinfo s;

	memset(&s, 0, sizeof(s));
	s.uptime = ktime_get_ns() / NSEC_PER_SEC;
	s.totalram = totalram_pages * PAGE_SIZE;
	s.freeram = nr_free_pages() * PAGE_SIZE;
	s.procs = nr_threads;
	s.mem_unit = 1;
	return copy_to_user(info, &s, sizeof(s)) ? -EFAULT : 0;
}

#define PR_SET_PDEATHSIG	1
#define PR_GET_PDEATHSIG	2
#define PR_GET_DUMPABLE		3
#define PR_SET_DUMPABLE		4
#define PR_GET_KEEPCAPS		7
#define PR_SET_KEEPCAPS		8
#define PR_SET_NAME		15
#define PR_GET_NAME		16

SYSCALL_DEFINE5(prctl, int, option, unsigned long, arg2, unsigned long, arg3,
		unsigned long, arg4, unsigned long, arg5)
{
	char comm[TASK_COMM_LEN];
	long n;

	switch (option) {
	case PR_SET_PDEATHSIG:
		if (!valid_signal(arg2))
			return -EINVAL;
		current->pdeath_signal = arg2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(current->pdeath_signal, (int __user *)arg2);
	case PR_GET_DUMPABLE:
		return 1;
	case PR_SET_DUMPABLE:
		return arg2 <= 1 ? 0 : -EINVAL;
	case PR_GET_KEEPCAPS:
		return current->keepcaps;
	case PR_SET_KEEPCAPS:
		if (arg2 > 1)
			return -EINVAL;
		current->keepcaps = arg2;
		return 0;
	case PR_SET_NAME:
		memset(comm, 0, sizeof(comm));
		n = strncpy_from_user(comm, (const char __user *)arg2,
				      sizeof(comm) - 1);
		if (n < 0)
			return -EFAULT;
		comm[sizeof(comm) - 1] = '\0';
		memcpy(current->comm, comm, sizeof(comm));
		return 0;
	case PR_GET_NAME:
		return copy_to_user((char __user *)arg2, current->comm,
				    TASK_COMM_LEN) ? -EFAULT : 0;
	}
	return -EINVAL;
}

SYSCALL_DEFINE1(personality, unsigned int, personality)
{
	unsigned int old = current->personality;

	if (personality != 0xffffffff)
		current->personality = personality;
	return old;
}

/* Nothing is logged: there is nothing to read. */
SYSCALL_DEFINE3(syslog, int, type, char __user *, buf, int, len)
{
	return type < 0 || type > 10 ? -EINVAL : 0;
}
