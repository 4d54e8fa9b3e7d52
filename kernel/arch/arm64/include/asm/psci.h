/* SPDX-License-Identifier: MIT */
/*
 * arm64 only: a PC is switched off by a port.
 * Power State Coordination Interface, Arm DEN0022.
 */
#ifndef _ASM_PSCI_H
#define _ASM_PSCI_H

#define PSCI_SYSTEM_OFF		0x84000008UL
#define PSCI_SYSTEM_RESET	0x84000009UL

/*
 * forkscope's own: the exit status of the machine, for the SYSTEM_OFF to come. Other
 * firmware answers "not supported".
 */
#define FORKSCOPE_EXIT_STATUS	0x86004653UL

/* The device tree's psci node says "smc" when EL2 is ours. */
extern int psci_use_smc;

static inline unsigned long psci_call(unsigned long function,
				      unsigned long arg)
{
	register unsigned long x0 __asm__("x0") = function;
	register unsigned long x1 __asm__("x1") = arg;

	if (psci_use_smc)
		__asm__ __volatile__("smc #0" : "+r" (x0), "+r" (x1)
				     : : "x2", "x3", "memory");
	else
		__asm__ __volatile__("hvc #0" : "+r" (x0), "+r" (x1)
				     : : "x2", "x3", "memory");
	return x0;
}

#endif
