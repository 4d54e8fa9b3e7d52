// SPDX-License-Identifier: MIT
/* GICv2 (Arm IHI 0048B): all interrupts to CPU 0, one priority. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <asm/io.h>

#define GICD_PHYS	0x08000000UL
#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_IPRIORITYR	0x400
#define GICD_ITARGETSR	0x800
#define GICC_PHYS	0x08010000UL
#define GICC_CTLR	0x00
#define GICC_PMR	0x04
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10

#define GIC_SPURIOUS	1020	/* and above: nothing to acknowledge */

void init_IRQ(void)
{
	unsigned int lines, i;

	writel(0, GICD_PHYS + GICD_CTLR);
	lines = 32 * ((readl(GICD_PHYS + GICD_TYPER) & 31) + 1);
	for (i = 0; i < lines; i += 32)
		writel(~0U, GICD_PHYS + GICD_ICENABLER + i / 8);
	for (i = 0; i < lines; i += 4)
		writel(0xa0a0a0a0, GICD_PHYS + GICD_IPRIORITYR + i);
	/* The first 32 are banked and always for the reading CPU. */
	for (i = 32; i < lines; i += 4)
		writel(0x01010101, GICD_PHYS + GICD_ITARGETSR + i);
	writel(1, GICD_PHYS + GICD_CTLR);
	writel(0xf0, GICC_PHYS + GICC_PMR);
	writel(1, GICC_PHYS + GICC_CTLR);
}

void arch_unmask_irq(unsigned int irq)
{
	writel(1U << (irq % 32), GICD_PHYS + GICD_ISENABLER + irq / 32 * 4);
}

void arch_mask_irq(unsigned int irq)
{
	writel(1U << (irq % 32), GICD_PHYS + GICD_ICENABLER + irq / 32 * 4);
}

/* Called by the interrupt vectors. */
__visible asmlinkage void do_IRQ(struct pt_regs *regs)
{
	for (;;) {
		u32 iar = readl(GICC_PHYS + GICC_IAR);
		unsigned int irq = iar & 0x3ff;

		if (irq >= GIC_SPURIOUS)
			return;
		generic_handle_irq(irq, regs);
		writel(iar, GICC_PHYS + GICC_EOIR);
	}
}
