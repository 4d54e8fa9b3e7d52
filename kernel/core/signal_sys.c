// SPDX-License-Identifier: MIT
/* The system calls about handlers, masks and waiting for signals. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include "fork.h"
#include "signal_internal.h"

SYSCALL_DEFINE0(restart_syscall)
{
	struct restart_block *restart = &current->restart_block;

	return restart->fn(restart);
}

long do_no_restart_syscall(struct restart_block *restart)
{
	return -EINTR;
}

int do_sigaction(int sig, const struct k_sigaction *act,
		 struct k_sigaction *oact)
{
	struct task_struct *t = current;
	struct k_sigaction *k;
	unsigned long flags;

	if (sig < 1 || sig > _NSIG ||
	    (act && (sig == SIGKILL || sig == SIGSTOP)))
		return -EINVAL;
	k = &current->sighand->action[sig - 1];
	local_irq_save(flags);
	if (oact)
		*oact = *k;
	if (act) {
		*k = *act;
		sigdelset(&k->sa.sa_mask, SIGKILL);
		sigdelset(&k->sa.sa_mask, SIGSTOP);
		/* POSIX: what is pending and now ignored is dropped. */
		if (k->sa.sa_handler == SIG_IGN ||
		    (k->sa.sa_handler == SIG_DFL && sig_kernel_ignore(sig))) {
			siginfo_t info;
			sigset_t mask;

			memset(&mask, 0xff, sizeof(mask));
			sigdelset(&mask, sig);
			do {
				while (dequeue_signal(t, &mask, &info))
					;
			} while ((t = next_thread(t)) != current);
		}
	}
	local_irq_restore(flags);
	return 0;
}

SYSCALL_DEFINE4(rt_sigaction, int, sig, const struct sigaction __user *, act,
		struct sigaction __user *, oact, size_t, sigsetsize)
{
	struct k_sigaction new_sa, old_sa;
	int ret;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new_sa.sa, act, sizeof(new_sa.sa)))
		return -EFAULT;
	ret = do_sigaction(sig, act ? &new_sa : NULL, oact ? &old_sa : NULL);
	if (!ret && oact && copy_to_user(oact, &old_sa.sa, sizeof(old_sa.sa)))
		return -EFAULT;
	return ret;
}

SYSCALL_DEFINE4(rt_sigprocmask, int, how, const sigset_t __user *, nset,
		sigset_t __user *, oset, size_t, sigsetsize)
{
	sigset_t old = current->blocked, set;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (nset) {
		if (copy_from_user(&set, nset, sizeof(set)))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			sigorsets(&set, &old, &set);
			break;
		case SIG_UNBLOCK:
			sigandnsets(&set, &old, &set);
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		set_current_blocked(&set);
	}
	if (oset && copy_to_user(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(rt_sigpending, sigset_t __user *, uset, size_t, sigsetsize)
{
	sigset_t set, blocked = current->blocked;

	if (sigsetsize > sizeof(set))
		return -EINVAL;
	sigorsets(&set, &current->pending.signal,
		  &current->signal->shared_pending.signal);
	for (int i = 0; i < _NSIG_WORDS; i++)
		set.sig[i] &= blocked.sig[i];
	return copy_to_user(uset, &set, sigsetsize) ? -EFAULT : 0;
}

SYSCALL_DEFINE0(pause)
{
	for (;;) {
		/* State first: a signal from an interrupt finds us asleep or sets it back. */
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE2(rt_sigsuspend, const sigset_t __user *, unewset,
		size_t, sigsetsize)
{
	int err;

	if (!unewset)
		return -EFAULT;
	err = set_user_sigmask(unewset, sigsetsize);
	return err ? err : sys_pause();
}

/* Waits for one of the signals in *which; they are blocked, so none runs. */
static long do_sigtimedwait(const sigset_t __user *uthese,
			    siginfo_t __user *uinfo, const void __user *uts,
			    size_t sigsetsize, enum time_kind kind)
{
	sigset_t these, mask, saved;
	struct timespec64 ts;
	ktime_t expires = 0;
	siginfo_t info;
	int sig;

	if (uts && get_timespec64(&ts, uts, kind))
		return -EFAULT;
	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&these, uthese, sizeof(these)))
		return -EFAULT;
	sigdelset(&these, SIGKILL);
	sigdelset(&these, SIGSTOP);
	memset(&mask, 0xff, sizeof(mask));
	sigandnsets(&mask, &mask, &these);
	if (uts) {
		if (!timespec64_valid(&ts))
			return -EINVAL;
		expires = ktime_get() + timespec64_to_ktime(ts);
	}

	local_irq_disable();
	sig = dequeue_signal(current, &mask, &info);
	if (!sig && !(uts && !ts.tv_sec && !ts.tv_nsec)) {
		/* Unblocked for the time being, so that they wake us. */
		saved = current->blocked;
		sigandnsets(&current->blocked, &current->blocked, &these);
		recalc_sigpending();
		__set_current_state(TASK_INTERRUPTIBLE);
		schedule_hrtimeout(uts ? &expires : NULL);
		local_irq_disable();
		current->blocked = saved;
		sig = dequeue_signal(current, &mask, &info);
	}
	recalc_sigpending();
	local_irq_enable();
	if (!sig)
		return signal_pending(current) ? -EINTR : -EAGAIN;
	if (uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

SYSCALL_DEFINE4(rt_sigtimedwait, const sigset_t __user *, uthese,
		siginfo_t __user *, uinfo, const void __user *, uts,
		size_t, sigsetsize)
{
	return do_sigtimedwait(uthese, uinfo, uts, sigsetsize, TIMESPEC_64);
}

SYSCALL_DEFINE4(rt_sigtimedwait_time32, const sigset_t __user *, uthese,
		siginfo_t __user *, uinfo, const void __user *, uts,
		size_t, sigsetsize)
{
	return do_sigtimedwait(uthese, uinfo, uts, sigsetsize, TIMESPEC_NATIVE);
}

static int do_sigaltstack(const stack_t *ss, stack_t *oss, unsigned long sp)
{
	struct task_struct *t = current;

	if (oss) {
		memset(oss, 0, sizeof(*oss));
		oss->ss_sp = (void __user *)t->sas_ss_sp;
		oss->ss_size = t->sas_ss_size;
		oss->ss_flags = sas_ss_flags(sp);
	}
	if (!ss)
		return 0;
	if (on_sig_stack(sp))
		return -EPERM;
	if (ss->ss_flags != SS_DISABLE && ss->ss_flags != SS_ONSTACK &&
	    ss->ss_flags != 0)
		return -EINVAL;
	if (ss->ss_flags == SS_DISABLE) {
		t->sas_ss_sp = 0;
		t->sas_ss_size = 0;
	} else {
		if (ss->ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		t->sas_ss_sp = (unsigned long)ss->ss_sp;
		t->sas_ss_size = ss->ss_size;
	}
	t->sas_ss_flags = ss->ss_flags;
	return 0;
}

SYSCALL_DEFINE2(sigaltstack, const stack_t __user *, uss,
		stack_t __user *, uoss)
{
	unsigned long sp = user_stack_pointer(current_pt_regs());
	stack_t new, old;
	int err;

	if (uss && copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	err = do_sigaltstack(uss ? &new : NULL, uoss ? &old : NULL, sp);
	if (!err && uoss && copy_to_user(uoss, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

/* In sigreturn: only a bad pointer is an error, as for the handler's frame. */
int restore_altstack(const stack_t __user *uss)
{
	stack_t new;

	if (copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	do_sigaltstack(&new, NULL, user_stack_pointer(current_pt_regs()));
	return 0;
}

int save_altstack(stack_t __user *uss, unsigned long sp)
{
	stack_t old;

	do_sigaltstack(NULL, &old, sp);
	return copy_to_user(uss, &old, sizeof(old)) ? -EFAULT : 0;
}
