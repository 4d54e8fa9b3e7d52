/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

/*
 * asm/irqflags.h gives: unsigned long arch_local_save_flags(void),
 * arch_local_irq_restore(flags), arch_local_irq_enable(),
 * arch_local_irq_disable(), bool arch_irqs_disabled_flags(flags).
 */
#include <asm/irqflags.h>

#define local_irq_enable()	arch_local_irq_enable()
#define local_irq_disable()	arch_local_irq_disable()
#define local_irq_save(flags)				\
	do {						\
		(flags) = arch_local_save_flags();	\
		arch_local_irq_disable();		\
	} while (0)
#define local_irq_restore(flags)	arch_local_irq_restore(flags)

#endif
