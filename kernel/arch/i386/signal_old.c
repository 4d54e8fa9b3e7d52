// SPDX-License-Identifier: MIT
/*
 * i386 only: arm64 has been there since after them.
 * The signal calls from before there were more than 32 signals. Masks are
 * one word; what they can't name stays as it is, or unblocked.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

typedef unsigned long old_sigset_t;

/* The members in another order than rt_sigaction has them. */
struct old_sigaction {
	__sighandler_t sa_handler;
	old_sigset_t sa_mask;
	unsigned long sa_flags;
	void (*sa_restorer)(void);
};

SYSCALL_DEFINE3(sigaction, int, sig, const struct old_sigaction __user *, act,
		struct old_sigaction __user *, oact)
{
	struct k_sigaction new_ka, old_ka;
	struct old_sigaction old;
	int ret;

	if (act) {
		if (copy_from_user(&old, act, sizeof(old)))
			return -EFAULT;
		memset(&new_ka, 0, sizeof(new_ka));
		new_ka.sa.sa_handler = old.sa_handler;
		new_ka.sa.sa_flags = old.sa_flags;
		new_ka.sa.sa_restorer = old.sa_restorer;
		new_ka.sa.sa_mask.sig[0] = old.sa_mask;
	}
	ret = do_sigaction(sig, act ? &new_ka : NULL, oact ? &old_ka : NULL);
	if (!ret && oact) {
		old.sa_handler = old_ka.sa.sa_handler;
		old.sa_mask = old_ka.sa.sa_mask.sig[0];
		old.sa_flags = old_ka.sa.sa_flags;
		old.sa_restorer = old_ka.sa.sa_restorer;
		if (copy_to_user(oact, &old, sizeof(old)))
			return -EFAULT;
	}
	return ret;
}

SYSCALL_DEFINE2(signal, int, sig, __sighandler_t, handler)
{
	struct k_sigaction new_ka, old_ka;
	int ret;

	memset(&new_ka, 0, sizeof(new_ka));
	new_ka.sa.sa_handler = handler;
	new_ka.sa.sa_flags = SA_RESETHAND | SA_NODEFER;
	ret = do_sigaction(sig, &new_ka, &old_ka);
	return ret ? ret : (long)old_ka.sa.sa_handler;
}

SYSCALL_DEFINE3(sigprocmask, int, how, const old_sigset_t __user *, nset,
		old_sigset_t __user *, oset)
{
	old_sigset_t old = current->blocked.sig[0], word;
	sigset_t set = current->blocked;

	if (nset) {
		if (get_user(word, nset))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			set.sig[0] |= word;
			break;
		case SIG_UNBLOCK:
			set.sig[0] &= ~word;
			break;
		case SIG_SETMASK:
			set.sig[0] = word;
			break;
		default:
			return -EINVAL;
		}
		set_current_blocked(&set);
	}
	return oset ? put_user(old, oset) : 0;
}

SYSCALL_DEFINE0(sgetmask)
{
	return current->blocked.sig[0];
}

SYSCALL_DEFINE1(ssetmask, old_sigset_t, mask)
{
	long old = current->blocked.sig[0];
	sigset_t set;

	sigemptyset(&set);
	set.sig[0] = mask;
	set_current_blocked(&set);
	return old;
}

SYSCALL_DEFINE1(sigpending, old_sigset_t __user *, uset)
{
	struct task_struct *tsk = current;
	old_sigset_t pending = tsk->pending.signal.sig[0] |
			       tsk->signal->shared_pending.signal.sig[0];

	return put_user(pending & tsk->blocked.sig[0], uset);
}

/* Two arguments came before the mask once; nobody looks at them. */
SYSCALL_DEFINE3(sigsuspend, int, history0, int, history1, old_sigset_t, mask)
{
	sigset_t set;

	sigemptyset(&set);
	set.sig[0] = mask;
	current->saved_sigmask = current->blocked;
	set_thread_flag(TIF_RESTORE_SIGMASK);
	set_current_blocked(&set);
	return sys_pause();
}
