// SPDX-License-Identifier: MIT
/* How tasks end, and who hears of it. Waiting for it is wait_task.c. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/tty.h>
#include <linux/syscalls.h>
#include <asm/mmu_context.h>
#include "fork.h"
#include "signal_internal.h"

/* Out of all lists; the numbers are free. Interrupts are off. */
static void unhash_process(struct task_struct *p)
{
	bool group_dead = thread_group_leader(p);

	nr_threads--;
	detach_pid(p, PIDTYPE_PID);
	if (group_dead) {
		detach_pid(p, PIDTYPE_PGID);
		detach_pid(p, PIDTYPE_SID);
		list_del_init(&p->tasks);
		list_del_init(&p->sibling);
	} else {
		list_del_init(&p->thread_group);
	}
}

static void exit_signal_struct(struct task_struct *tsk)
{
	struct signal_struct *sig = tsk->signal;
	struct sighand_struct *sighand = tsk->sighand;

	/* A thread's times go on in its group. */
	sig->utime += tsk->utime;
	sig->stime += tsk->stime;
	sig->nvcsw += tsk->nvcsw;
	sig->nivcsw += tsk->nivcsw;
	sig->min_flt += tsk->min_flt;
	sig->maj_flt += tsk->maj_flt;
	sig->nr_threads--;
	if (sig->curr_target == tsk)
		sig->curr_target = next_thread(tsk);

	tsk->sighand = NULL;
	__cleanup_sighand(sighand);
	flush_sigqueue(&tsk->pending);
	/* exec in another thread waits until it is the only one. */
	if (sig->notify_count > 0 && !--sig->notify_count &&
	    sig->group_exit_task)
		wake_up_process(sig->group_exit_task);
}

/* The last words about a zombie: its parent knows, or does not care. */
__visible void release_task(struct task_struct *p)
{
	struct task_struct *leader;
	unsigned long flags;
	bool zap_leader;

repeat:
	zap_leader = false;
	local_irq_save(flags);
	leader = p->group_leader;
	exit_signal_struct(p);
	unhash_process(p);
	/*
	 * A leader that ended before its threads is reported when the last
	 * of them has gone.
	 */
	if (leader != p && thread_group_empty(leader) &&
	    leader->exit_state == EXIT_ZOMBIE) {
		zap_leader = do_notify_parent(leader, leader->exit_signal);
		if (zap_leader)
			leader->exit_state = EXIT_DEAD;
	}
	local_irq_restore(flags);
	put_task_struct(p);

	p = leader;
	if (zap_leader)
		goto repeat;
}

/* A living thread of the dying one's group, else process 1. */
static struct task_struct *find_new_reaper(struct task_struct *father)
{
	struct task_struct *t;

	for (t = next_thread(father); t != father; t = next_thread(t))
		if (!(t->flags & PF_EXITING))
			return t;
	t = find_task_by_vpid(1);
	return t && t != father ? t : &init_task;
}

static void reparent_children(struct task_struct *father,
			      struct list_head *dead)
{
	struct task_struct *p, *n, *reaper = find_new_reaper(father);

	list_for_each_entry_safe(p, n, &father->children, sibling) {
		struct task_struct *t = p;

		do {
			t->real_parent = reaper;
			t->parent = reaper;
			if (t->pdeath_signal)
				group_send_sig_info(t->pdeath_signal, NULL, t);
		} while ((t = next_thread(t)) != p);
		list_move_tail(&p->sibling, &reaper->children);
		if (same_thread_group(reaper, father))
			continue;
		/* Whatever it was to tell its parent by, init knows SIGCHLD. */
		p->exit_signal = SIGCHLD;
		if (p->exit_state == EXIT_ZOMBIE && thread_group_empty(p) &&
		    do_notify_parent(p, p->exit_signal)) {
			p->exit_state = EXIT_DEAD;
			list_move_tail(&p->sibling, dead);
		}
	}
}

/* No member of the group has a parent in the same session but outside it. */
static bool will_become_orphaned_pgrp(struct pid *pgrp,
				      struct task_struct *ignored)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
		if (p == ignored || (p->exit_state && thread_group_empty(p)) ||
		    is_global_init(p->real_parent))
			continue;
		if (task_pgrp(p->real_parent) != pgrp &&
		    task_session(p->real_parent) == task_session(p))
			return false;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return true;
}

int is_current_pgrp_orphaned(void)
{
	return will_become_orphaned_pgrp(task_pgrp(current), NULL);
}

static bool has_stopped_jobs(struct pid *pgrp)
{
	struct task_struct *p;

	do_each_pid_task(pgrp, PIDTYPE_PGID, p) {
		if (p->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, p);
	return false;
}

/* POSIX: stopped members of a group nobody can continue are hung up. */
static void kill_orphaned_pgrp(struct task_struct *tsk,
			       struct task_struct *parent)
{
	struct pid *pgrp = task_pgrp(tsk);
	struct task_struct *ignored = parent ? NULL : tsk;

	if (!parent)
		parent = tsk->real_parent;
	if (task_pgrp(parent) != pgrp &&
	    task_session(parent) == task_session(tsk) &&
	    will_become_orphaned_pgrp(pgrp, ignored) &&
	    has_stopped_jobs(pgrp)) {
		kill_pgrp(pgrp, SIGHUP, 1);
		kill_pgrp(pgrp, SIGCONT, 1);
	}
}

static void exit_notify(struct task_struct *tsk, bool group_dead)
{
	struct task_struct *p, *n;
	unsigned long flags;
	bool autoreap;
	LIST_HEAD(dead);

	local_irq_save(flags);
	reparent_children(tsk, &dead);
	if (group_dead)
		kill_orphaned_pgrp(tsk->group_leader, NULL);

	if (thread_group_leader(tsk))
		autoreap = thread_group_empty(tsk) &&
			   do_notify_parent(tsk, tsk->exit_signal);
	else
		autoreap = true;
	tsk->exit_state = autoreap ? EXIT_DEAD : EXIT_ZOMBIE;
	local_irq_restore(flags);

	list_for_each_entry_safe(p, n, &dead, sibling) {
		list_del_init(&p->sibling);
		release_task(p);
	}
	if (autoreap)
		release_task(tsk);
}

/* The user memory goes; the kernel goes on in it, borrowed, until the switch. */
static void exit_mm(struct task_struct *tsk)
{
	struct mm_struct *mm = tsk->mm;
	unsigned long flags;

	if (!mm)
		return;
	mm_release(tsk, mm);
	if (tsk->signal->maxrss < mm->hiwater_rss)
		tsk->signal->maxrss = mm->hiwater_rss;
	atomic_inc(&mm->mm_count);
	local_irq_save(flags);
	tsk->mm = NULL;
	local_irq_restore(flags);
	mmput(mm);
}

__visible void do_exit(long code)
{
	struct task_struct *tsk = current;
	bool group_dead;

	if (current_thread_info()->preempt_count)
		panic("Aiee, killing interrupt handler!");
	if (!tsk->pid)
		panic("Attempted to kill the idle task!");

	tsk->flags |= PF_EXITING;
	exit_signals(tsk);

	group_dead = atomic_dec_and_test(&tsk->signal->live);
	if (group_dead) {
		if (is_global_init(tsk))
			panic("Attempted to kill init! exitcode=0x%08x",
			      tsk->signal->group_exit_code ?: (int)code);
		hrtimer_cancel(&tsk->signal->real_timer);
	}
	tsk->exit_code = code;

	exit_mm(tsk);
	exit_files(tsk);
	exit_fs(tsk);
	if (group_dead && tsk->signal->leader)
		disassociate_ctty(tsk);
	exit_thread(tsk);
	account_process_time(tsk, false);
	exit_notify(tsk, group_dead);

	local_irq_disable();
	/* finish_task_switch on the next task's stack drops what is left. */
	tsk->state = TASK_DEAD;
	schedule();
	BUG();
}

/* All threads of the group end, with one exit code. */
__visible void do_group_exit(int exit_code)
{
	struct signal_struct *sig = current->signal;
	unsigned long flags;

	local_irq_save(flags);
	if (sig->flags & SIGNAL_GROUP_EXIT) {
		exit_code = sig->group_exit_code;
	} else if (!sig->group_exit_task) {
		/* Else exec has killed us, and only us: its caller lives on. */
		sig->group_exit_code = exit_code;
		sig->flags = (sig->flags & SIGNAL_UNKILLABLE) |
			     SIGNAL_GROUP_EXIT;
		zap_other_threads(current);
	}
	local_irq_restore(flags);
	do_exit(exit_code);
}

SYSCALL_DEFINE1(exit, int, error_code)
{
	do_exit((error_code & 0xff) << 8);
}

SYSCALL_DEFINE1(exit_group, int, error_code)
{
	do_group_exit((error_code & 0xff) << 8);
}
