/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <linux/types.h>

struct pt_regs;

typedef enum { IRQ_NONE, IRQ_HANDLED } irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define NR_IRQS		128

/* Installs the handler and unmasks the line at its controller. */
int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev_id);

/*
 * The arch's interrupt entry calls this once per interrupt taken, with
 * interrupts off, after acknowledging and before ending it at the controller.
 */
void generic_handle_irq(unsigned int irq, struct pt_regs *regs);

/* The registers of the interrupted context, while a handler runs. */
struct pt_regs *get_irq_regs(void);

#endif
