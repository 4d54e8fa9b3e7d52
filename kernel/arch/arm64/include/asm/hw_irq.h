/* SPDX-License-Identifier: MIT */
#ifndef _ASM_HW_IRQ_H
#define _ASM_HW_IRQ_H

#define TIMER_IRQ	27		/* the virtual timer's: PPI 11 */
#define SERIAL_IRQ	33		/* SPI 1 */

#endif
