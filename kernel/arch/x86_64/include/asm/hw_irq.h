/* SPDX-License-Identifier: MIT */
#ifndef _ASM_HW_IRQ_H
#define _ASM_HW_IRQ_H

#define FIRST_EXTERNAL_VECTOR	0x20
#define NR_PIC_IRQS		16
#define SYSCALL_VECTOR		0x80

#define TIMER_IRQ	0
#define SERIAL_IRQ	4

#endif
