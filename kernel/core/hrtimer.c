// SPDX-License-Identifier: MIT
/* Timers: one sorted list, and the board's timer set to its first entry. */
#include <linux/sched.h>
#include <linux/arch.h>

static LIST_HEAD(timer_queue);
static ktime_t next_event = KTIME_MAX;	/* what the hardware is set to */

/* With an empty list the hardware is silent: an idle machine stays idle. */
static void reprogram(void)
{
	struct hrtimer *first;
	ktime_t now;

	if (list_empty(&timer_queue)) {
		if (next_event != KTIME_MAX) {
			next_event = KTIME_MAX;
			arch_timer_stop();
		}
		return;
	}
	first = list_first_entry(&timer_queue, struct hrtimer, node);
	if (first->expires == next_event)
		return;
	next_event = first->expires;
	now = ktime_get();
	arch_timer_program(next_event > now ? next_event - now : 0);
}

void hrtimer_init(struct hrtimer *timer, void (*function)(struct hrtimer *))
{
	INIT_LIST_HEAD(&timer->node);
	timer->expires = 0;
	timer->function = function;
}

bool hrtimer_active(const struct hrtimer *timer)
{
	return !list_empty(&timer->node);
}

void hrtimer_start(struct hrtimer *timer, ktime_t expires)
{
	struct list_head *pos;
	unsigned long flags;

	local_irq_save(flags);
	list_del_init(&timer->node);
	timer->expires = expires;
	/* After those of the same time: first come, first served. */
	list_for_each(pos, &timer_queue)
		if (list_entry(pos, struct hrtimer, node)->expires > expires)
			break;
	list_add_tail(&timer->node, pos);
	reprogram();
	local_irq_restore(flags);
}

void hrtimer_forward(struct hrtimer *timer, ktime_t interval)
{
	u64 late = ktime_get() - timer->expires;

	hrtimer_start(timer, timer->expires + (late / interval + 1) * interval);
}

bool hrtimer_cancel(struct hrtimer *timer)
{
	unsigned long flags;
	bool active;

	local_irq_save(flags);
	active = hrtimer_active(timer);
	list_del_init(&timer->node);
	if (active)
		reprogram();
	local_irq_restore(flags);
	return active;
}

__visible void hrtimer_interrupt(void)
{
	ktime_t now = ktime_get();

	while (!list_empty(&timer_queue)) {
		struct hrtimer *t = list_first_entry(&timer_queue,
						     struct hrtimer, node);

		if (t->expires > now)
			break;
		list_del_init(&t->node);
		t->function(t);
	}
	/* The request is used up, even if the same time is asked for again. */
	next_event = -1;
	reprogram();
	if (list_empty(&timer_queue))
		next_event = KTIME_MAX;
}

struct hrtimer_sleeper {
	struct hrtimer timer;
	struct task_struct *task;
};

static void hrtimer_wakeup(struct hrtimer *timer)
{
	struct hrtimer_sleeper *t =
		container_of(timer, struct hrtimer_sleeper, timer);
	struct task_struct *task = t->task;

	t->task = NULL;
	if (task)
		wake_up_process(task);
}

__visible int schedule_hrtimeout(const ktime_t *expires)
{
	struct hrtimer_sleeper t;

	if (!expires) {
		schedule();
		return -EINTR;
	}
	if (*expires <= ktime_get()) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	t.task = current;
	hrtimer_init(&t.timer, hrtimer_wakeup);
	hrtimer_start(&t.timer, *expires);
	schedule();
	hrtimer_cancel(&t.timer);
	__set_current_state(TASK_RUNNING);
	return t.task ? -EINTR : 0;
}
