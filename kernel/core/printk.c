// SPDX-License-Identifier: MIT
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/init.h>
#include "fork.h"

/* With "quiet" only panic speaks. */
static bool quiet;
static bool panicking;

static void console_write(const char *s, int len)
{
	for (; len--; s++) {
		if (*s == '\n')
			arch_console_putc('\r');
		arch_console_putc(*s);
	}
}

static int vprintk(const char *fmt, va_list args)
{
	char buf[256];
	unsigned long flags;
	int len = vsnprintf(buf, sizeof(buf), fmt, args);

	if (len >= (int)sizeof(buf))
		len = sizeof(buf) - 1;
	if (quiet && !panicking)
		return len;
	local_irq_save(flags);
	console_write(buf, len);
	local_irq_restore(flags);
	return len;
}

int printk(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vprintk(fmt, args);
	va_end(args);
	return len;
}

void printk_set_quiet(void)
{
	quiet = true;
}

/* What a machine that died by panic exits with: 128 + SIGABRT, as a program. */
#define PANIC_STATUS	134

__visible void panic(const char *fmt, ...)
{
	char buf[256];
	va_list args;

	local_irq_disable();
	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	if (!panicking) {
		panicking = true;
		printk("Kernel panic - not syncing: %s\n", buf);
		show_regs_current();
		printk("---[ end Kernel panic - not syncing: %s ]---\n", buf);
	}
	machine_power_off(PANIC_STATUS);
}
