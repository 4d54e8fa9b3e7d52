// SPDX-License-Identifier: MIT
/* Receiving signals: taking them off the queues, default actions, SIGCHLD. */
#include <linux/sched.h>
#include <linux/arch.h>
#include "fork.h"
#include "signal_internal.h"

/* Faults first: a handler should find the registers of its own fault. */
#define SYNCHRONOUS_MASK	(sigmask(SIGSEGV) | sigmask(SIGBUS) | \
				 sigmask(SIGILL) | sigmask(SIGTRAP) | \
				 sigmask(SIGFPE) | sigmask(SIGSYS))

static int next_signal(struct sigpending *pending, sigset_t *mask)
{
	sigset_t set;
	int i;

	sigandnsets(&set, &pending->signal, mask);
	if (set.sig[0] & SYNCHRONOUS_MASK)
		return __builtin_ctzl(set.sig[0] & SYNCHRONOUS_MASK) + 1;
	for (i = 0; i < _NSIG_WORDS; i++)
		if (set.sig[i])
			return __builtin_ctzl(set.sig[i]) + 1 + i * _NSIG_BPW;
	return 0;
}

static void collect_signal(int sig, struct sigpending *pending,
			   siginfo_t *info)
{
	struct sigqueue *q, *first = NULL;
	bool more = false;

	list_for_each_entry(q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		sigdelset(&pending->signal, sig);
	if (first) {
		*info = first->info;
		free_sigqueue(first);
	} else {
		memset(info, 0, sizeof(*info));
		info->si_signo = sig;
	}
}

/* The next signal that mask does not block, or 0. Interrupts are off. */
__visible int dequeue_signal(struct task_struct *tsk, sigset_t *mask,
			     siginfo_t *info)
{
	struct sigpending *pending = &tsk->pending;
	int sig = next_signal(pending, mask);

	if (!sig) {
		pending = &tsk->signal->shared_pending;
		sig = next_signal(pending, mask);
		if (sig == SIGALRM)
			rearm_real_timer(tsk->signal);
	}
	if (sig)
		collect_signal(sig, pending, info);
	recalc_sigpending_tsk(tsk);
	return sig;
}

static void wake_parent(struct task_struct *parent)
{
	wake_up_interruptible_all(&parent->signal->wait_chldexit);
}

/*
 * The leader of a group has ended: tell its parent. True when nobody will
 * wait for it, because the parent ignores SIGCHLD.
 */
__visible int do_notify_parent(struct task_struct *tsk, int sig)
{
	struct task_struct *parent = tsk->parent;
	struct sighand_struct *psig = parent->sighand;
	bool autoreap = false;
	siginfo_t info;
	u64 utime, stime;
	int status;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_pid = tsk->pid;
	info.si_uid = tsk->uid;
	thread_group_cputime(tsk, &utime, &stime);
	info.si_utime = nsec_to_clock_t(utime);
	info.si_stime = nsec_to_clock_t(stime);
	status = (tsk->signal->flags & SIGNAL_GROUP_EXIT) ?
		 tsk->signal->group_exit_code : tsk->exit_code;
	if (status & 0x7f) {
		info.si_code = (status & 0x80) ? CLD_DUMPED : CLD_KILLED;
		info.si_status = status & 0x7f;
	} else {
		info.si_code = CLD_EXITED;
		info.si_status = status >> 8;
	}

	if (sig == SIGCHLD && psig) {
		struct sigaction *sa = &psig->action[SIGCHLD - 1].sa;

		if (sa->sa_handler == SIG_IGN ||
		    (sa->sa_flags & SA_NOCLDWAIT)) {
			autoreap = true;
			if (sa->sa_handler == SIG_IGN)
				sig = 0;
		}
	}
	if (sig > 0 && psig)
		group_send_sig_info(sig, &info, parent);
	wake_parent(parent);
	return autoreap;
}

/* A group has stopped or goes on. */
void do_notify_parent_cldstop(struct task_struct *leader, int why)
{
	struct task_struct *parent = leader->parent;
	struct sigaction *sa;
	siginfo_t info;

	if (!parent->sighand)
		return;
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGCHLD;
	info.si_code = why;
	info.si_pid = leader->pid;
	info.si_uid = leader->uid;
	info.si_status = why == CLD_CONTINUED ? SIGCONT :
			 leader->signal->group_exit_code & 0x7f;
	sa = &parent->sighand->action[SIGCHLD - 1].sa;
	if (sa->sa_handler != SIG_IGN && !(sa->sa_flags & SA_NOCLDSTOP))
		group_send_sig_info(SIGCHLD, &info, parent);
	wake_parent(parent);
}

/* Asks the other threads to stop too, and stops. */
static void do_signal_stop(int signr)
{
	struct signal_struct *sig = current->signal;
	struct task_struct *t = current;

	if (sig->flags & SIGNAL_GROUP_EXIT)
		return;
	if (signr) {
		sig->group_exit_code = signr;
		sig->group_stop_count = 0;
		do {
			if (t->exit_state || (t->flags & PF_EXITING) ||
			    (t->state & __TASK_STOPPED))
				continue;
			t->jobctl_stop = 1;
			sig->group_stop_count++;
			if (t != current)
				signal_wake_up(t, false);
		} while ((t = next_thread(t)) != current);
	}
	current->jobctl_stop = 0;
	/* The last one to stop reports for the group. */
	if (sig->group_stop_count && !--sig->group_stop_count) {
		sig->flags = (sig->flags & SIGNAL_UNKILLABLE) |
			     SIGNAL_STOP_STOPPED;
		do_notify_parent_cldstop(current->group_leader, CLD_STOPPED);
	}
	__set_current_state(TASK_STOPPED);
	recalc_sigpending();
	local_irq_enable();
	schedule();
	local_irq_disable();
	recalc_sigpending();
}

/*
 * The next signal with a handler, into *ksig. Default actions are taken here:
 * the task may stop for a while, or never come back.
 */
__visible bool get_signal(struct ksignal *ksig)
{
	struct signal_struct *signal = current->signal;
	struct k_sigaction *ka;
	int signr;

	local_irq_disable();
	for (;;) {
		if (sigismember(&current->pending.signal, SIGKILL) ||
		    (signal->flags & SIGNAL_GROUP_EXIT)) {
			signr = signal->flags & SIGNAL_GROUP_EXIT ?
				signal->group_exit_code : SIGKILL;
			goto fatal;
		}
		if (current->jobctl_stop) {
			do_signal_stop(0);
			continue;
		}
		signr = dequeue_signal(current, &current->blocked,
				       &ksig->info);
		if (!signr)
			break;
		ka = &current->sighand->action[signr - 1];
		if (ka->sa.sa_handler == SIG_IGN)
			continue;
		if (ka->sa.sa_handler != SIG_DFL) {
			ksig->ka = *ka;
			if (ka->sa.sa_flags & SA_RESETHAND)
				ka->sa.sa_handler = SIG_DFL;
			break;
		}
		if (sig_kernel_ignore(signr))
			continue;
		if (signal->flags & SIGNAL_UNKILLABLE)
			continue;
		if (sig_kernel_stop(signr)) {
			/* Nobody could continue an orphaned group. */
			if (signr == SIGSTOP || !is_current_pgrp_orphaned())
				do_signal_stop(signr);
			continue;
		}
		goto fatal;
	}
	local_irq_enable();
	ksig->sig = signr;
	return signr > 0;

fatal:
	local_irq_enable();
	current->flags |= PF_SIGNALED;
	do_group_exit(signr);
}

/*
 * On the way to user mode, with interrupts off, while _TIF_WORK_MASK is set in
 * flags: gives others the CPU, takes signals.
 */
__visible asmlinkage void do_notify_resume(struct pt_regs *regs,
					   unsigned long flags)
{
	do {
		if (flags & _TIF_NEED_RESCHED) {
			schedule();
		} else {
			local_irq_enable();
			do_signal(regs);
		}
		local_irq_disable();
		flags = READ_ONCE(current_thread_info()->flags);
	} while (flags & _TIF_WORK_MASK);
}

/* A dying thread leaves shared signals to the others. */
void exit_signals(struct task_struct *tsk)
{
	struct task_struct *t;
	unsigned long flags;

	local_irq_save(flags);
	/* A stop that only waited for this one is complete. */
	if (tsk->jobctl_stop) {
		tsk->jobctl_stop = 0;
		if (tsk->signal->group_stop_count &&
		    !--tsk->signal->group_stop_count) {
			tsk->signal->flags |= SIGNAL_STOP_STOPPED;
			do_notify_parent_cldstop(tsk->group_leader,
						 CLD_STOPPED);
		}
	}
	for (t = next_thread(tsk); t != tsk; t = next_thread(t)) {
		if (t->flags & PF_EXITING)
			continue;
		recalc_sigpending_tsk(t);
		if (signal_pending(t))
			signal_wake_up(t, false);
	}
	local_irq_restore(flags);
}
