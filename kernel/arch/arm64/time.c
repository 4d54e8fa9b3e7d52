// SPDX-License-Identifier: MIT
/* The generic timer's virtual counter and timer; the PL031 for the date. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <asm/hw_irq.h>
#include <asm/io.h>

#define CNTV_CTL_ENABLE	1

#define RTC_DATA	0x09010000UL	/* the PL031's data register */

static u64 cntfrq;		/* Hz; 0 until time_init */
static u64 cntvct_base;		/* the count at time_init */

static u64 cntvct(void)
{
	u64 count;

	__asm__ __volatile__("isb\n\tmrs %0, cntvct_el0"
			     : "=r" (count) : : "memory");
	return count;
}

u64 arch_clock_ns(void)
{
	u64 count;

	if (!cntfrq)
		return 0;
	count = cntvct() - cntvct_base;
	/* In two steps: the product of the whole would overflow in minutes. */
	return count / cntfrq * NSEC_PER_SEC +
	       count % cntfrq * NSEC_PER_SEC / cntfrq;
}

void arch_timer_program(u64 delta_ns)
{
	u64 count;

	if (delta_ns > 3600 * NSEC_PER_SEC)
		delta_ns = 3600 * NSEC_PER_SEC;
	/* Rounded up: never early. */
	count = delta_ns / NSEC_PER_SEC * cntfrq +
		(delta_ns % NSEC_PER_SEC * cntfrq + NSEC_PER_SEC - 1) /
		NSEC_PER_SEC;
	__asm__ __volatile__("msr cntv_cval_el0, %0\n\t"
			     "msr cntv_ctl_el0, %1\n\tisb"
			     : : "r" (cntvct() + count),
				 "r" ((u64)CNTV_CTL_ENABLE));
}

void arch_timer_stop(void)
{
	__asm__ __volatile__("msr cntv_ctl_el0, xzr\n\tisb");
}

static irqreturn_t timer_interrupt(int irq, void *dev_id)
{
	/* The line is level: it falls once the next event is programmed. */
	arch_timer_stop();
	hrtimer_interrupt();
	return IRQ_HANDLED;
}

void time_init(void)
{
	__asm__ __volatile__("mrs %0, cntfrq_el0" : "=r" (cntfrq));
	if (!cntfrq)
		panic("cntfrq_el0 is zero");
	cntvct_base = cntvct();
	arch_timer_stop();
	request_irq(TIMER_IRQ, timer_interrupt, "arch_timer", NULL);
}

time64_t arch_rtc_read(void)
{
	return readl(RTC_DATA);
}
