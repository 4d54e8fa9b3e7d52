// SPDX-License-Identifier: MIT
/* The console UART, a 16550A (PC16550D data sheet), COM1. */
#include <linux/kernel.h>
#include <linux/arch.h>
#include <linux/interrupt.h>
#include <linux/tty.h>
#include <asm/hw_irq.h>
#include <asm/io.h>
#include <asm/processor.h>

#define UART		0x3f8
#define UART_DATA	(UART + 0)
#define UART_IER	(UART + 1)	/* 0x01: receive interrupt */
#define UART_FCR	(UART + 2)	/* 0x07: FIFOs on and empty */
#define UART_LCR	(UART + 3)	/* 0x03: 8n1; 0x80: divisor */
#define UART_MCR	(UART + 4)	/* 0x0b: DTR, RTS, OUT2 (gates the IRQ) */
#define UART_LSR	(UART + 5)
#define UART_LSR_DR	0x01
#define UART_LSR_THRE	0x20

void uart_init(void)
{
	outb(0x00, UART_IER);
	outb(0x80, UART_LCR);
	outb(0x01, UART_DATA);		/* 115200 baud */
	outb(0x00, UART_IER);
	outb(0x03, UART_LCR);
	outb(0x07, UART_FCR);
	outb(0x0b, UART_MCR);
}

void arch_console_putc(char c)
{
	while (!(inb(UART_LSR) & UART_LSR_THRE))
		cpu_relax();
	outb(c, UART_DATA);
}

static irqreturn_t uart_interrupt(int irq, void *dev_id)
{
	irqreturn_t ret = IRQ_NONE;

	while (inb(UART_LSR) & UART_LSR_DR) {
		tty_receive_char(inb(UART_DATA));
		ret = IRQ_HANDLED;
	}
	return ret;
}

void arch_console_init(void)
{
	request_irq(SERIAL_IRQ, uart_interrupt, "ttyS0", NULL);
	outb(0x01, UART_IER);
}
