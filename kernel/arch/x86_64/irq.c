// SPDX-License-Identifier: MIT
/*
 * The pair of 8259A interrupt controllers: lines 0-15 on vectors 0x20-0x2f.
 */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <asm/ptrace.h>
#include <asm/hw_irq.h>
#include <asm/io.h>

#define PIC_MASTER_CMD	0x20
#define PIC_MASTER_IMR	0x21
#define PIC_SLAVE_CMD	0xa0
#define PIC_SLAVE_IMR	0xa1
#define PIC_CASCADE_IR	2

#define PIC_ICW1	0x11		/* edge triggered, cascaded, ICW4 follows */
#define PIC_ICW4	0x01		/* 8086 mode, ended by command */
#define PIC_READ_ISR	0x0b
#define PIC_EOI		0x60		/* specific: plus the line */

/* Bit set: masked. The cascade line stays open. */
static u16 cached_irq_mask = 0xffff & ~(1 << PIC_CASCADE_IR);

static void write_mask(void)
{
	outb(cached_irq_mask & 0xff, PIC_MASTER_IMR);
	outb(cached_irq_mask >> 8, PIC_SLAVE_IMR);
}

void init_IRQ(void)
{
	outb(PIC_ICW1, PIC_MASTER_CMD);
	outb(FIRST_EXTERNAL_VECTOR, PIC_MASTER_IMR);
	outb(1 << PIC_CASCADE_IR, PIC_MASTER_IMR);
	outb(PIC_ICW4, PIC_MASTER_IMR);

	outb(PIC_ICW1, PIC_SLAVE_CMD);
	outb(FIRST_EXTERNAL_VECTOR + 8, PIC_SLAVE_IMR);
	outb(PIC_CASCADE_IR, PIC_SLAVE_IMR);
	outb(PIC_ICW4, PIC_SLAVE_IMR);

	write_mask();
}

void arch_unmask_irq(unsigned int irq)
{
	if (irq >= NR_PIC_IRQS)
		return;
	cached_irq_mask &= ~(1 << irq);
	write_mask();
}

void arch_mask_irq(unsigned int irq)
{
	if (irq >= NR_PIC_IRQS)
		return;
	cached_irq_mask |= 1 << irq;
	write_mask();
}

/*
 * A line that drops before the CPU asks shows up as the chip's lowest, 7 or 15, but not in
 * its in-service register (8259A data sheet, "Spurious interrupts").
 */
static bool spurious(unsigned int irq)
{
	u16 cmd = irq == 7 ? PIC_MASTER_CMD : PIC_SLAVE_CMD;

	if (irq != 7 && irq != 15)
		return false;
	outb(PIC_READ_ISR, cmd);
	if (inb(cmd) & 0x80)
		return false;
	if (irq == 15)		/* the master took the cascade for real */
		outb(PIC_EOI + PIC_CASCADE_IR, PIC_MASTER_CMD);
	return true;
}

/* Called by the interrupt stubs, which leave ~irq in orig_ax. */
__visible asmlinkage void do_IRQ(struct pt_regs *regs)
{
	unsigned int irq = ~regs->orig_ax;

	/* Not a system call: nothing to restart on the way back. */
	regs->orig_ax = -1;
	if (spurious(irq))
		return;
	generic_handle_irq(irq, regs);
	if (irq >= 8) {
		outb(PIC_EOI + (irq - 8), PIC_SLAVE_CMD);
		outb(PIC_EOI + PIC_CASCADE_IR, PIC_MASTER_CMD);
	} else {
		outb(PIC_EOI + irq, PIC_MASTER_CMD);
	}
}
