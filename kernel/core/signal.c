// SPDX-License-Identifier: MIT
/* Sending signals: who may get one, where it queues, whom it wakes. */
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "fork.h"
#include "signal_internal.h"

static struct kmem_cache *sigqueue_cachep;

void signal_init(void)
{
	sigqueue_cachep = kmem_cache_create("sigqueue",
			sizeof(struct sigqueue));
}

void free_sigqueue(struct sigqueue *q)
{
	list_del_init(&q->list);
	kmem_cache_free(sigqueue_cachep, q);
}

void flush_sigqueue(struct sigpending *queue)
{
	struct sigqueue *q, *n;

	sigemptyset(&queue->signal);
	list_for_each_entry_safe(q, n, &queue->list, list)
		free_sigqueue(q);
}

static bool has_pending_signals(struct sigpending *p, sigset_t *blocked)
{
	sigset_t set;

	sigandnsets(&set, &p->signal, blocked);
	return !sigisemptyset(&set);
}

/* TIF_SIGPENDING is what the way back to user mode and sleepers look at. */
void recalc_sigpending_tsk(struct task_struct *t)
{
	if (t->jobctl_stop || has_pending_signals(&t->pending, &t->blocked) ||
	    has_pending_signals(&t->signal->shared_pending, &t->blocked))
		set_tsk_thread_flag(t, TIF_SIGPENDING);
	else
		clear_tsk_thread_flag(t, TIF_SIGPENDING);
}

void recalc_sigpending(void)
{
	recalc_sigpending_tsk(current);
}

__visible void signal_wake_up(struct task_struct *t, bool fatal)
{
	set_tsk_thread_flag(t, TIF_SIGPENDING);
	wake_up_state(t, TASK_INTERRUPTIBLE |
		      (fatal ? TASK_WAKEKILL | __TASK_STOPPED : 0));
}

/* Takes the signals of mask off the queue. */
static void flush_sigqueue_mask(sigset_t *mask, struct sigpending *s)
{
	struct sigqueue *q, *n;

	sigandnsets(&s->signal, &s->signal, mask);
	list_for_each_entry_safe(q, n, &s->list, list)
		if (sigismember(mask, q->info.si_signo))
			free_sigqueue(q);
}

static void flush_group(struct task_struct *p, sigset_t *mask)
{
	struct task_struct *t = p;

	flush_sigqueue_mask(mask, &p->signal->shared_pending);
	do {
		flush_sigqueue_mask(mask, &t->pending);
	} while ((t = next_thread(t)) != p);
}

bool sig_kernel_stop(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

bool sig_kernel_ignore(int sig)
{
	return sig == SIGCONT || sig == SIGCHLD || sig == SIGWINCH ||
	       sig == SIGURG;
}

static bool sig_kernel_coredump(int sig)
{
	switch (sig) {
	case SIGQUIT: case SIGILL: case SIGTRAP: case SIGABRT: case SIGFPE:
	case SIGSEGV: case SIGBUS: case SIGSYS: case SIGXCPU: case SIGXFSZ:
		return true;
	}
	return false;
}

__visible bool sig_ignored(struct task_struct *t, int sig, bool force)
{
	__sighandler_t handler = t->sighand->action[sig - 1].sa.sa_handler;

	/* A blocked one may get a handler before it is unblocked. */
	if (sigismember(&t->blocked, sig))
		return false;
	if ((t->signal->flags & SIGNAL_UNKILLABLE) && handler == SIG_DFL &&
	    !force)
		return true;
	return handler == SIG_IGN ||
	       (handler == SIG_DFL && sig_kernel_ignore(sig));
}

static void notify_continued(struct task_struct *p)
{
	if (p->signal->flags & SIGNAL_CLD_CONTINUED) {
		p->signal->flags &= ~SIGNAL_CLD_CONTINUED;
		do_notify_parent_cldstop(p->group_leader, CLD_CONTINUED);
	}
}

/*
 * Stop and continue act when sent, not when delivered: each undoes the other
 * in the queues, and SIGCONT wakes the stopped whatever its handler.
 */
static bool prepare_signal(int sig, struct task_struct *p, bool force)
{
	struct signal_struct *signal = p->signal;
	struct task_struct *t = p;
	sigset_t flush;

	if (signal->flags & SIGNAL_GROUP_EXIT)
		return sig == SIGKILL;

	sigemptyset(&flush);
	if (sig_kernel_stop(sig)) {
		sigaddset(&flush, SIGCONT);
		flush_group(p, &flush);
	} else if (sig == SIGCONT) {
		bool stopped = signal->flags & SIGNAL_STOP_STOPPED ||
			       signal->group_stop_count;

		sigaddset(&flush, SIGSTOP);
		sigaddset(&flush, SIGTSTP);
		sigaddset(&flush, SIGTTIN);
		sigaddset(&flush, SIGTTOU);
		flush_group(p, &flush);
		signal->group_stop_count = 0;
		do {
			t->jobctl_stop = 0;
			/* A CLONE_STOPPED child was never in the queue. */
			wake_up_state(t, __TASK_STOPPED);
		} while ((t = next_thread(t)) != p);
		if (stopped) {
			signal->flags &= ~SIGNAL_STOP_STOPPED;
			signal->flags |= SIGNAL_STOP_CONTINUED |
					 SIGNAL_CLD_CONTINUED;
			signal->group_exit_code = 0;
			notify_continued(p);
		}
	}
	return !sig_ignored(p, sig, force);
}

static bool wants_signal(int sig, struct task_struct *p)
{
	if (sigismember(&p->blocked, sig) || (p->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (p->state & __TASK_STOPPED)
		return false;
	return p == current || !signal_pending(p);
}

/* Death without a core, and without a handler that could prevent it. */
__visible bool sig_fatal(struct task_struct *p, int sig)
{
	return p->sighand->action[sig - 1].sa.sa_handler == SIG_DFL &&
	       !sig_kernel_ignore(sig) && !sig_kernel_stop(sig) &&
	       !sig_kernel_coredump(sig);
}

/* Picks the thread that will take it, and wakes that. */
static void complete_signal(int sig, struct task_struct *p, bool group)
{
	struct signal_struct *signal = p->signal;
	struct task_struct *t = p;

	if (!wants_signal(sig, p)) {
		if (!group || thread_group_empty(p))
			return;
		t = signal->curr_target;
		while (!wants_signal(sig, t)) {
			t = next_thread(t);
			if (t == signal->curr_target)
				return;
		}
		signal->curr_target = t;
	}

	/* Sure death for the group starts at once in all of its threads. */
	if (!(signal->flags & (SIGNAL_UNKILLABLE | SIGNAL_GROUP_EXIT)) &&
	    !sigismember(&t->blocked, sig) && sig_fatal(p, sig)) {
		signal->flags = SIGNAL_GROUP_EXIT;
		signal->group_exit_code = sig;
		signal->group_stop_count = 0;
		t = p;
		do {
			t->jobctl_stop = 0;
			sigaddset(&t->pending.signal, SIGKILL);
			signal_wake_up(t, true);
		} while ((t = next_thread(t)) != p);
		return;
	}
	signal_wake_up(t, sig == SIGKILL);
}

static int __send_signal(int sig, const siginfo_t *info, struct task_struct *t,
			 bool group, bool force)
{
	struct sigpending *pending;
	struct sigqueue *q;

	if (!prepare_signal(sig, t, force))
		return 0;
	pending = group ? &t->signal->shared_pending : &t->pending;
	/* Ordinary signals do not queue up. */
	if (sig < SIGRTMIN && sigismember(&pending->signal, sig))
		return 0;

	if (sig != SIGKILL) {
		q = kmem_cache_alloc(sigqueue_cachep, GFP_ATOMIC);
		if (q) {
			list_add_tail(&q->list, &pending->list);
			if (info) {
				q->info = *info;
			} else {
				memset(&q->info, 0, sizeof(q->info));
				q->info.si_code = SI_KERNEL;
			}
			q->info.si_signo = sig;
		} else if (sig >= SIGRTMIN && info &&
			   info->si_code != SI_USER) {
			return -EAGAIN;
		}
	}
	sigaddset(&pending->signal, sig);
	complete_signal(sig, t, group);
	return 0;
}

static int send_signal(int sig, const siginfo_t *info, struct task_struct *t,
		       bool group, bool force)
{
	unsigned long flags;
	int ret = -ESRCH;

	local_irq_save(flags);
	/* Without sighand it has been released already. */
	if (t->sighand)
		ret = sig ? __send_signal(sig, info, t, group, force) : 0;
	local_irq_restore(flags);
	return ret;
}

__visible int send_sig_info(int sig, const siginfo_t *info,
			    struct task_struct *p)
{
	return send_signal(sig, info, p, false, false);
}

int send_sig(int sig, struct task_struct *p, int priv)
{
	return send_signal(sig, NULL, p, false, priv);
}

__visible int group_send_sig_info(int sig, const siginfo_t *info,
				  struct task_struct *p)
{
	return send_signal(sig, info, p, true, !info);
}

int kill_pgrp_info(int sig, const siginfo_t *info, struct pid *pgrp)
{
	struct task_struct *p;
	int ret = -ESRCH;
	bool any = false;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
		int err = check_kill_permission(sig, info, p);

		if (!err)
			err = group_send_sig_info(sig, info, p);
		any |= !err;
		ret = err;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return any ? 0 : ret;
}

int kill_pgrp(struct pid *pid, int sig, int priv)
{
	return kill_pgrp_info(sig, NULL, pid);
}

int kill_pid(struct pid *pid, int sig, int priv)
{
	struct task_struct *p = pid_task(pid, PIDTYPE_PID);

	return p ? group_send_sig_info(sig, NULL, p) : -ESRCH;
}

/*
 * For what the task itself has caused. A handler that is blocked or ignored
 * cannot be run: then the default, which kills.
 */
__visible void force_sig_info(int sig, const siginfo_t *info)
{
	struct task_struct *t = current;
	struct k_sigaction *action = &t->sighand->action[sig - 1];
	bool blocked = sigismember(&t->blocked, sig);
	unsigned long flags;

	local_irq_save(flags);
	if (blocked || action->sa.sa_handler == SIG_IGN) {
		action->sa.sa_handler = SIG_DFL;
		if (blocked) {
			sigdelset(&t->blocked, sig);
			recalc_sigpending();
		}
	}
	if (action->sa.sa_handler == SIG_DFL)
		t->signal->flags &= ~SIGNAL_UNKILLABLE;
	send_signal(sig, info, t, false, true);
	local_irq_restore(flags);
}

void force_sig(int sig)
{
	force_sig_info(sig, NULL);
}

__visible void force_sig_fault(int sig, int code, void __user *addr)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_addr = addr;
	force_sig_info(sig, &info);
}

/* The frame of sig could not be built or read. */
void force_sigsegv(int sig)
{
	if (sig == SIGSEGV)
		current->sighand->action[SIGSEGV - 1].sa.sa_handler = SIG_DFL;
	force_sig(SIGSEGV);
}

/* SIGKILL for the other threads of p's group; how many they are. */
int zap_other_threads(struct task_struct *p)
{
	struct task_struct *t;
	int count = 0;

	p->signal->group_stop_count = 0;
	p->jobctl_stop = 0;
	for (t = next_thread(p); t != p; t = next_thread(t)) {
		t->jobctl_stop = 0;
		count++;
		if (t->exit_state)
			continue;
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
	return count;
}

void flush_signal_handlers(struct task_struct *t, int force_default)
{
	struct k_sigaction *ka = t->sighand->action;

	for (int i = 0; i < _NSIG; i++, ka++) {
		if (force_default || ka->sa.sa_handler != SIG_IGN)
			ka->sa.sa_handler = SIG_DFL;
		ka->sa.sa_flags = 0;
		ka->sa.sa_restorer = NULL;
		sigemptyset(&ka->sa.sa_mask);
	}
}
