// SPDX-License-Identifier: MIT
/* What exec does to the other threads of its caller. */
#include <linux/sched.h>
#include "fork.h"
#include "signal_internal.h"

/* Exec is the end of all other threads. The caller takes the leader's place. */
int de_thread(struct task_struct *tsk)
{
	struct signal_struct *sig = tsk->signal;
	struct task_struct *leader;
	unsigned long flags;

	if (thread_group_empty(tsk) && thread_group_leader(tsk))
		return unshare_sighand(tsk);

	local_irq_save(flags);
	if (sig->flags & SIGNAL_GROUP_EXIT || sig->group_exit_task) {
		/* Somebody else was first: we are to die. */
		local_irq_restore(flags);
		return -EAGAIN;
	}
	sig->group_exit_task = tsk;
	sig->notify_count = zap_other_threads(tsk);
	if (!thread_group_leader(tsk))
		sig->notify_count--;
	while (sig->notify_count > 0) {
		__set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}

	if (!thread_group_leader(tsk)) {
		leader = tsk->group_leader;
		while (leader->exit_state != EXIT_ZOMBIE) {
			local_irq_restore(flags);
			yield();
			local_irq_save(flags);
		}
		/* Its pid, group, session, place among siblings and start. */
		tsk->start_time = leader->start_time;
		detach_pid(tsk, PIDTYPE_PID);
		swap(tsk->pids[PIDTYPE_PID].pid, leader->pids[PIDTYPE_PID].pid);
		hlist_del_init(&leader->pids[PIDTYPE_PID].node);
		tsk->pid = leader->pid;
		attach_pid(tsk, PIDTYPE_PID);
		tsk->pids[PIDTYPE_PGID].pid = leader->pids[PIDTYPE_PGID].pid;
		tsk->pids[PIDTYPE_SID].pid = leader->pids[PIDTYPE_SID].pid;
		attach_pid(tsk, PIDTYPE_PGID);
		attach_pid(tsk, PIDTYPE_SID);
		hlist_del_init(&leader->pids[PIDTYPE_PGID].node);
		hlist_del_init(&leader->pids[PIDTYPE_SID].node);
		list_add_tail(&tsk->tasks, &leader->tasks);
		list_del_init(&leader->tasks);
		list_add_tail(&tsk->sibling, &leader->sibling);
		list_del_init(&leader->sibling);
		list_del_init(&tsk->thread_group);
		tsk->group_leader = tsk;
		leader->group_leader = tsk;
		tsk->exit_signal = SIGCHLD;
		leader->exit_signal = -1;
		leader->exit_state = EXIT_DEAD;

		/* What is left of the old leader. */
		nr_threads--;
		sig->utime += leader->utime;
		sig->stime += leader->stime;
		sig->nr_threads--;
		__cleanup_sighand(leader->sighand);
		leader->sighand = NULL;
		flush_sigqueue(&leader->pending);
		local_irq_restore(flags);
		put_task_struct(leader);
		local_irq_save(flags);
	}
	sig->group_exit_task = NULL;
	sig->notify_count = 0;
	sig->curr_target = tsk;
	local_irq_restore(flags);
	return unshare_sighand(tsk);
}
