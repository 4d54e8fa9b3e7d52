/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_HRTIMER_H
#define _LINUX_HRTIMER_H

#include <linux/list.h>
#include <linux/time.h>

/* The function runs in the timer interrupt, with interrupts off. */
struct hrtimer {
	struct list_head node;		/* timer queue, sorted by expires */
	ktime_t expires;		/* on the ktime_get() clock */
	void (*function)(struct hrtimer *timer);
};

void hrtimer_init(struct hrtimer *timer, void (*function)(struct hrtimer *));
void hrtimer_start(struct hrtimer *timer, ktime_t expires);
/*
 * Starts it for the first of its expiry times, interval apart, that is to
 * come: those missed by a CPU too slow for its clock are not made up for.
 */
void hrtimer_forward(struct hrtimer *timer, ktime_t interval);
/* true if it was queued. */
bool hrtimer_cancel(struct hrtimer *timer);
bool hrtimer_active(const struct hrtimer *timer);

/* The arch's timer handler calls this; it programs the next event itself. */
void hrtimer_interrupt(void);

/*
 * Sleeps in the state set by the caller until *expires (absolute; NULL
 * waits without end), a wakeup or, if the state allows, a signal.
 * 0 when the time is over, -EINTR otherwise; state is TASK_RUNNING then.
 */
int schedule_hrtimeout(const ktime_t *expires);

#endif
