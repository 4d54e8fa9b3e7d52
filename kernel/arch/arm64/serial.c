// SPDX-License-Identifier: MIT
/* The console UART, a PL011 (Arm DDI 0183). */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <linux/tty.h>
#include <asm/hw_irq.h>
#include <asm/io.h>
#include <asm/processor.h>

#define UART		0x09000000UL
#define UARTDR		(UART + 0x00)
#define UARTFR		(UART + 0x18)
#define UARTLCR_H	(UART + 0x2c)
#define UARTCR		(UART + 0x30)
#define UARTIMSC	(UART + 0x38)
#define UARTICR		(UART + 0x44)

#define FR_RXFE		(1 << 4)
#define FR_TXFF		(1 << 5)
#define INT_RX		(1 << 4)
#define INT_RT		(1 << 6)

void uart_init(void)
{
	/* Before it receives: what is typed from here on has an interrupt. */
	writel(0x7f0 | 0xf, UARTICR);
	writel(0x70, UARTLCR_H);		/* 8n1, FIFOs on */
	writel(0x301, UARTCR);			/* enable, tx, rx */
}

void arch_console_putc(char c)
{
	while (readl(UARTFR) & FR_TXFF)
		cpu_relax();
	writel((unsigned char)c, UARTDR);
}

static irqreturn_t uart_interrupt(int irq, void *dev_id)
{
	writel(INT_RX | INT_RT, UARTICR);
	while (!(readl(UARTFR) & FR_RXFE))
		tty_receive_char(readl(UARTDR));
	return IRQ_HANDLED;
}

void arch_console_init(void)
{
	request_irq(SERIAL_IRQ, uart_interrupt, "uart-pl011", NULL);
	writel(INT_RX | INT_RT, UARTIMSC);
}
