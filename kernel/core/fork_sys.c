// SPDX-License-Identifier: MIT
/* The system calls that end in do_fork, or kernel_clone. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"

#ifdef ARCH_CLONE_ARGS
SYSCALL_DEFINE0(fork)
{
	struct kernel_clone_args args = {
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&args);
}

SYSCALL_DEFINE0(vfork)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VFORK | CLONE_VM,
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&args);
}

/* The last two arguments change places from one machine to another. */
SYSCALL_DEFINE5(clone, unsigned long, clone_flags, unsigned long, newsp,
		int __user *, parent_tidptr, int __user *, child_tidptr,
		unsigned long, tls)
{
	struct kernel_clone_args args = {
		.flags = (u32)clone_flags & ~CSIGNAL,
		.child_tid = child_tidptr,
		.parent_tid = parent_tidptr,
		.exit_signal = clone_flags & CSIGNAL,
		.stack = newsp,
		.tls = tls,
	};

	return kernel_clone(&args);
}

#else
SYSCALL_DEFINE0(fork)
{
	return do_fork(SIGCHLD, 0, 0, NULL, NULL, 0);
}

SYSCALL_DEFINE0(vfork)
{
	return do_fork(CLONE_VFORK | CLONE_VM | SIGCHLD, 0, 0, NULL, NULL, 0);
}

SYSCALL_DEFINE5(clone, unsigned long, clone_flags, unsigned long, newsp,
		int __user *, parent_tidptr, unsigned long, tls,
		int __user *, child_tidptr)
{
	return do_fork(clone_flags, newsp, 0, parent_tidptr, child_tidptr,
		       tls);
}

/* do_fork with its arguments in a struct, of which stack is the top by now. */
__visible pid_t kernel_clone(struct kernel_clone_args *args)
{
	return do_fork((unsigned long)args->flags | args->exit_signal,
		       args->stack, args->stack_size, args->parent_tid,
		       args->child_tid, args->tls);
}
#endif

/* As user mode passes it; later versions only add members. */
struct clone_args {
	u64 flags;
	u64 pidfd;
	u64 child_tid;
	u64 parent_tid;
	u64 exit_signal;
	u64 stack;
	u64 stack_size;
	u64 tls;
	u64 set_tid;
	u64 set_tid_size;
	u64 cgroup;
};

#define CLONE_ARGS_SIZE_VER0	64

/* Flags that clone3 knows and this kernel does. */
#define CLONE3_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
			 CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | \
			 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | \
			 CLONE_CHILD_CLEARTID | CLONE_UNTRACED | \
			 CLONE_CHILD_SETTID | CLONE_PTRACE)

SYSCALL_DEFINE2(clone3, struct clone_args __user *, uargs, size_t, size)
{
	struct kernel_clone_args kargs = { 0 };
	struct clone_args args;
	unsigned char extra;
	size_t i;

	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (size > 4096)
		return -E2BIG;
	memset(&args, 0, sizeof(args));
	if (copy_from_user(&args, uargs, min(size, sizeof(args))))
		return -EFAULT;
	/* Newer members that we do not know must be zero. */
	for (i = sizeof(args); i < size; i++) {
		if (get_user(extra, (unsigned char __user *)uargs + i))
			return -EFAULT;
		if (extra)
			return -E2BIG;
	}
	if (args.set_tid || args.set_tid_size || args.cgroup ||
	    (args.flags & ~(u64)CLONE3_FLAGS) ||
	    (args.exit_signal & ~(u64)CSIGNAL) ||
	    !valid_signal(args.exit_signal))
		return -EINVAL;
	if ((args.flags & (CLONE_THREAD | CLONE_PARENT)) && args.exit_signal)
		return -EINVAL;
	if (!!args.stack != !!args.stack_size)
		return -EINVAL;

	kargs.flags = args.flags;
	kargs.child_tid = (int __user *)(unsigned long)args.child_tid;
	kargs.parent_tid = (int __user *)(unsigned long)args.parent_tid;
	kargs.exit_signal = args.exit_signal;
	kargs.stack = args.stack ? args.stack + args.stack_size : 0;
	kargs.stack_size = args.stack_size;
	kargs.tls = args.tls;
	return kernel_clone(&kargs);
}

SYSCALL_DEFINE1(set_tid_address, int __user *, tidptr)
{
	current->clear_child_tid = tidptr;
	return current->pid;
}
