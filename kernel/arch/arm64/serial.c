// SPDX-License-Identifier: MIT
/* The console UART, a PL011 (Arm DDI 0183). */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <linux/tty.h>
#include <asm/board.h>

#define UARTDR		0x00
#define UARTFR		0x18
#define UARTLCR_H	0x2c
#define UARTCR		0x30
#define UARTIMSC	0x38
#define UARTICR		0x44

#define FR_RXFE		(1 << 4)
#define FR_TXFF		(1 << 5)
#define INT_RX		(1 << 4)
#define INT_RT		(1 << 6)

void arch_console_putc(char c)
{
	while (readl(PL011_PHYS + UARTFR) & FR_TXFF)
		;
	writel((unsigned char)c, PL011_PHYS + UARTDR);
}

static irqreturn_t pl011_int(int irq, void *dev_id)
{
	writel(INT_RX | INT_RT, PL011_PHYS + UARTICR);
	while (!(readl(PL011_PHYS + UARTFR) & FR_RXFE))
		tty_receive_char(readl(PL011_PHYS + UARTDR));
	return IRQ_HANDLED;
}

void arch_console_init(void)
{
	writel(0x7f0 | 0xf, PL011_PHYS + UARTICR);
	writel(0x70, PL011_PHYS + UARTLCR_H);		/* 8n1, FIFOs on */
	writel(0x301, PL011_PHYS + UARTCR);		/* enable, tx, rx */
	request_irq(IRQ_PL011, pl011_int, "uart-pl011", NULL);
	writel(INT_RX | INT_RT, PL011_PHYS + UARTIMSC);
}
