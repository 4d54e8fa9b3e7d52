// SPDX-License-Identifier: MIT
/*
 * A user page fault found no free page. Calls fail with -ENOMEM; a fault
 * can't, so the process that holds most memory has to go.
 */
#include <linux/mm.h>
#include <linux/sched.h>

/* A process's mm, which may outlive its leader in another thread. */
static struct mm_struct *process_mm(struct task_struct *p)
{
	struct task_struct *t = p;

	do {
		if (t->mm)
			return t->mm;
		t = next_thread(t);
	} while (t != p);
	return NULL;
}

static bool is_dying(struct task_struct *p)
{
	return (p->signal->flags & SIGNAL_GROUP_EXIT) ||
	       fatal_signal_pending(p) ||
	       sigismember(&p->signal->shared_pending.signal, SIGKILL);
}

/* Never init; of equals the youngest. NULL with *waitp when one is on its way. */
static struct task_struct *select_bad_process(bool *waitp)
{
	struct task_struct *p, *chosen = NULL;
	unsigned long chosen_points = 0;

	*waitp = false;
	for_each_process(p) {
		struct mm_struct *mm = process_mm(p);
		unsigned long points;

		if (!mm || is_global_init(p))
			continue;
		if (is_dying(p)) {
			*waitp = true;
			return NULL;
		}
		points = get_mm_rss(mm) + mm->nr_ptes;
		if (points >= chosen_points) {
			chosen = p;
			chosen_points = points;
		}
	}
	return chosen;
}

/* All who live in that memory must go, or none of it comes free. */
static void oom_kill_process(struct task_struct *victim)
{
	struct mm_struct *mm = process_mm(victim);
	struct task_struct *p;

	for_each_process(p)
		if (process_mm(p) == mm && !is_global_init(p))
			kill_pid(task_pid(p), SIGKILL, 1);
}

/*
 * For do_page_fault() on VM_FAULT_OOM in user mode. On return the task either
 * dies or runs into the fault again, with some memory free by then.
 */
void pagefault_out_of_memory(void)
{
	struct task_struct *victim;
	ktime_t later;
	bool wait;

	victim = select_bad_process(&wait);
	if (victim)
		oom_kill_process(victim);
	else if (!wait)
		panic("Out of memory and no killable processes");
	if (fatal_signal_pending(current) || is_dying(current))
		return;
	/* The victim needs the CPU to die. */
	later = ktime_get() + TICK_NSEC;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_hrtimeout(&later);
}
