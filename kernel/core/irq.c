// SPDX-License-Identifier: MIT
/* One handler per interrupt line. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/interrupt.h>

struct irqaction {
	irq_handler_t handler;
	void *dev_id;
	const char *name;
	unsigned long count;
};

struct irqaction irq_desc[NR_IRQS];

static struct pt_regs *irq_regs;

struct pt_regs *get_irq_regs(void)
{
	return irq_regs;
}

int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev_id)
{
	unsigned long flags;

	if (irq >= NR_IRQS)
		return -EINVAL;
	if (irq_desc[irq].handler)
		return -EBUSY;
	local_irq_save(flags);
	irq_desc[irq].handler = handler;
	irq_desc[irq].dev_id = dev_id;
	irq_desc[irq].name = name;
	arch_unmask_irq(irq);
	local_irq_restore(flags);
	return 0;
}

__visible void generic_handle_irq(unsigned int irq, struct pt_regs *regs)
{
	struct pt_regs *old_regs = irq_regs;

	irq_regs = regs;
	current_thread_info()->preempt_count++;
	if (irq < NR_IRQS && irq_desc[irq].handler) {
		irq_desc[irq].count++;
		irq_desc[irq].handler(irq, irq_desc[irq].dev_id);
	} else {
		/* Nobody asked for it: keep it from coming again. */
		arch_mask_irq(irq);
	}
	current_thread_info()->preempt_count--;
	irq_regs = old_regs;
}
