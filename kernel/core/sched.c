// SPDX-License-Identifier: MIT
/*
 * Two run queues, each served in turn. The running task is in neither. In the
 * one that is served first are those that a device or a timer has woken, so
 * that they answer soon, and those that had to give way to them; in the other
 * who was created, was woken by a task or has used up its time slice. Now and
 * then it gets the CPU even though the first is never empty.
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/switch_to.h>
#include <asm/mmu_context.h>
#include "fork.h"

#define DEF_TIMESLICE	5		/* ticks, at nice 0 */
#define SOON_IN_A_ROW	4		/* tasks, while others wait */

struct rq {
	struct list_head soon;		/* runnable, but not running */
	struct list_head queue;		/* the others */
	unsigned int nr_running;	/* in both */
	unsigned int nr_soon;		/* in a row, with queue waiting */
	struct task_struct *idle;
	struct mm_struct *prev_mm;	/* borrowed, to drop after the switch */
	struct hrtimer tick;		/* armed unless idle */
	u64 nr_switches;
};

/* All of it is guarded by interrupts off. */
struct rq runqueue;

int sysctl_sched_child_runs_first;

static void sched_tick_fn(struct hrtimer *timer);

void sched_init(void)
{
	INIT_LIST_HEAD(&runqueue.soon);
	INIT_LIST_HEAD(&runqueue.queue);
	runqueue.idle = &init_task;
	hrtimer_init(&runqueue.tick, sched_tick_fn);
	set_task_stack_end_magic(&init_task);
	atomic_inc(&init_mm.mm_count);
}

/* 1 tick at nice 19 to 10 at nice -20. */
static int task_timeslice(struct task_struct *p)
{
	int ticks = DEF_TIMESLICE - p->prio / 4;

	return ticks > 0 ? ticks : 1;
}

static void enqueue_task(struct task_struct *p, bool urgent)
{
	list_add_tail(&p->run_list, urgent ? &runqueue.soon : &runqueue.queue);
	runqueue.nr_running++;
	p->on_rq = 1;
}

static struct task_struct *pick_next_task(void)
{
	struct list_head *from = &runqueue.soon;
	struct task_struct *p;

	if (!runqueue.nr_running)
		return runqueue.idle;
	if (list_empty(&runqueue.queue))
		runqueue.nr_soon = 0;
	else if (list_empty(from) || runqueue.nr_soon++ == SOON_IN_A_ROW) {
		from = &runqueue.queue;
		runqueue.nr_soon = 0;
	}
	p = list_first_entry(from, struct task_struct, run_list);
	list_del_init(&p->run_list);
	runqueue.nr_running--;
	return p;
}

static void resched_curr(void)
{
	set_tsk_need_resched(current);
}

/* Charges p with the time since it was last charged or switched in. */
void account_process_time(struct task_struct *p, bool user)
{
	u64 now = ktime_get_ns();
	u64 delta = now - p->acct_stamp;

	p->acct_stamp = now;
	if (user)
		p->utime += delta;
	else
		p->stime += delta;
}

__visible int sched_fork(unsigned long clone_flags, struct task_struct *p)
{
	/* Neither in the queue nor found by a wakeup until it is whole. */
	p->state = TASK_NEW;
	p->on_rq = 0;
	INIT_LIST_HEAD(&p->run_list);
	p->time_slice = task_timeslice(p);
	p->acct_stamp = ktime_get_ns();
	return 0;
}

__visible void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags;

	local_irq_save(flags);
	p->state = TASK_RUNNING;
	enqueue_task(p, sysctl_sched_child_runs_first);
	if (sysctl_sched_child_runs_first || current == runqueue.idle)
		resched_curr();
	local_irq_restore(flags);
}

__visible int try_to_wake_up(struct task_struct *p, unsigned int state)
{
	bool urgent = current_thread_info()->preempt_count > 0;
	unsigned long flags;
	int success = 0;

	local_irq_save(flags);
	if (!(p->state & state))
		goto out;
	success = 1;
	p->state = TASK_RUNNING;
	/* It may still be on its way to sleep, or be the one that wakes. */
	if (p->on_rq)
		goto out;
	enqueue_task(p, urgent);
	if (urgent || current == runqueue.idle)
		resched_curr();
out:
	local_irq_restore(flags);
	return success;
}

int wake_up_process(struct task_struct *p)
{
	return try_to_wake_up(p, TASK_NORMAL);
}

int wake_up_state(struct task_struct *p, unsigned int state)
{
	return try_to_wake_up(p, state);
}

/* In the timer interrupt, HZ times a second while a task runs. */
__visible void scheduler_tick(void)
{
	struct task_struct *curr = current;
	struct pt_regs *regs = get_irq_regs();

	if (curr == runqueue.idle)
		return;
	account_process_time(curr, regs && user_mode(regs));
	run_posix_cpu_timers(curr);
	if (curr->time_slice > 0)
		curr->time_slice--;
	if (curr->time_slice == 0) {
		if (runqueue.nr_running)
			resched_curr();
		else
			curr->time_slice = task_timeslice(curr);
	}
}

static void sched_tick_fn(struct hrtimer *timer)
{
	scheduler_tick();
	hrtimer_forward(timer, TICK_NSEC);
}

/* The rest of a switch, on the stack of the task switched to. */
static void finish_task_switch(struct task_struct *prev)
{
	struct mm_struct *mm = runqueue.prev_mm;

	runqueue.prev_mm = NULL;
	if (mm)
		mmdrop(mm);
	/* Its stack is not in use any more. */
	if (prev->state == TASK_DEAD)
		put_task_struct(prev);
}

__visible struct task_struct *context_switch(struct task_struct *prev,
					     struct task_struct *next)
{
	struct mm_struct *mm = next->mm, *oldmm = prev->active_mm;

	/* A kernel thread runs in whatever user memory is in the MMU. */
	if (!mm) {
		next->active_mm = oldmm;
		atomic_inc(&oldmm->mm_count);
		enter_lazy_tlb(oldmm, next);
	} else {
		switch_mm(oldmm, mm, next);
	}
	if (!prev->mm) {
		prev->active_mm = NULL;
		runqueue.prev_mm = oldmm;
	}

	/* Here we just switch the register state and the stack. */
	switch_to(prev, next, prev);

	barrier();
	finish_task_switch(prev);
	return prev;
}

/* The first thing a new task does, in ret_from_fork; interrupts are off. */
__visible void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	local_irq_enable();

	if (current->set_child_tid)
		put_user(current->pid, current->set_child_tid);
}

static bool signal_wakes(long state, struct task_struct *p)
{
	if (!signal_pending(p))
		return false;
	if (state & TASK_INTERRUPTIBLE)
		return true;
	return (state & TASK_WAKEKILL) && fatal_signal_pending(p);
}

/*
 * Gives the CPU to the next task. The caller's state says whether it stays in
 * the running: anything but TASK_RUNNING waits for a wakeup.
 */
__visible void schedule(void)
{
	struct task_struct *prev = current, *next;
	unsigned long flags;

	local_irq_save(flags);
	clear_tsk_need_resched(prev);
	BUG_ON(current_thread_info()->preempt_count);
	if (*end_of_stack(prev) != STACK_END_MAGIC)
		panic("corrupted stack end detected inside scheduler");

	if (prev->state && signal_wakes(prev->state, prev))
		prev->state = TASK_RUNNING;

	next = pick_next_task();
	if (prev != runqueue.idle) {
		if (prev->state) {
			prev->on_rq = 0;
			prev->nvcsw++;
		} else if (next == runqueue.idle) {
			next = prev;
		} else {
			/* What is left of its slice it gets soon. */
			prev->nivcsw++;
			enqueue_task(prev, prev->time_slice > 0);
		}
	}
	if (next->time_slice <= 0)
		next->time_slice = task_timeslice(next);

	if (next != prev) {
		if (prev != runqueue.idle)
			account_process_time(prev, prev->mm != NULL);
		next->acct_stamp = ktime_get_ns();
		runqueue.nr_switches++;
		if (next == runqueue.idle)
			hrtimer_cancel(&runqueue.tick);
		else if (!hrtimer_active(&runqueue.tick))
			hrtimer_start(&runqueue.tick,
				      ktime_get() + TICK_NSEC);
		context_switch(prev, next);
	}
	local_irq_restore(flags);
}

void yield(void)
{
	__set_current_state(TASK_RUNNING);
	current->time_slice = 0;
	schedule();
}

int cond_resched(void)
{
	if (!need_resched())
		return 0;
	schedule();
	return 1;
}

/* Task 0 ends here: when nothing else can run, it waits for an interrupt. */
__visible void cpu_idle(void)
{
	for (;;) {
		local_irq_disable();
		while (!runqueue.nr_running)
			arch_cpu_idle();
		schedule();
		local_irq_enable();
	}
}
