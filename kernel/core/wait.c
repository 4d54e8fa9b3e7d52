// SPDX-License-Identifier: MIT
/* Wait queues, completions and the sleeping lock. */
#include <linux/sched.h>

void add_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
	unsigned long flags;

	local_irq_save(flags);
	wait->flags &= ~WQ_FLAG_EXCLUSIVE;
	list_add(&wait->task_list, &q->task_list);
	local_irq_restore(flags);
}

void remove_wait_queue(wait_queue_head_t *q, wait_queue_t *wait)
{
	unsigned long flags;

	local_irq_save(flags);
	list_del_init(&wait->task_list);
	local_irq_restore(flags);
}

/* The state is set after queueing: a wakeup in between is not lost. */
void prepare_to_wait(wait_queue_head_t *q, wait_queue_t *wait, int state)
{
	unsigned long flags;

	local_irq_save(flags);
	if (list_empty(&wait->task_list))
		list_add_tail(&wait->task_list, &q->task_list);
	set_current_state(state);
	local_irq_restore(flags);
}

void finish_wait(wait_queue_head_t *q, wait_queue_t *wait)
{
	unsigned long flags;

	local_irq_save(flags);
	set_current_state(TASK_RUNNING);
	list_del_init(&wait->task_list);
	local_irq_restore(flags);
}

void __wake_up(wait_queue_head_t *q, unsigned int mode, int nr)
{
	wait_queue_t *curr, *next;
	unsigned long flags;

	local_irq_save(flags);
	list_for_each_entry_safe(curr, next, &q->task_list, task_list) {
		if (curr->func)
			curr->func(curr);
		else if (try_to_wake_up(curr->task, mode) &&
			 (curr->flags & WQ_FLAG_EXCLUSIVE) && !--nr)
			break;
	}
	local_irq_restore(flags);
}

__visible void complete(struct completion *x)
{
	unsigned long flags;

	local_irq_save(flags);
	x->done++;
	__wake_up(&x->wait, TASK_NORMAL | TASK_WAKEKILL, 1);
	local_irq_restore(flags);
}

__visible int wait_for_completion_killable(struct completion *x)
{
	DEFINE_WAIT(wait);
	int ret = 0;

	for (;;) {
		prepare_to_wait(&x->wait, &wait, TASK_KILLABLE);
		if (x->done)
			break;
		if (fatal_signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(&x->wait, &wait);
	if (!ret)
		x->done--;
	return ret;
}

void init_rwsem(struct rw_semaphore *sem)
{
	sem->held = false;
	init_waitqueue_head(&sem->wait);
}

void down_write(struct rw_semaphore *sem)
{
	wait_event(sem->wait, !sem->held);
	sem->held = true;
}

void up_write(struct rw_semaphore *sem)
{
	sem->held = false;
	wake_up_all(&sem->wait);
}
