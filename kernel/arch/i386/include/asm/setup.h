/* SPDX-License-Identifier: MIT */
#ifndef _ASM_SETUP_H
#define _ASM_SETUP_H

/* Line settings of the console; before it arch_console_putc may be lost. */
void uart_init(void);

#endif
