/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <linux/types.h>

#define TASK_SIZE		0x0001000000000000UL	/* 48 bits */
#define STACK_TOP		TASK_SIZE

/* What a function call keeps: the state of a task that is switched out. */
struct cpu_context {
	unsigned long x19;
	unsigned long x20;
	unsigned long x21;
	unsigned long x22;
	unsigned long x23;
	unsigned long x24;
	unsigned long x25;
	unsigned long x26;
	unsigned long x27;
	unsigned long x28;
	unsigned long fp;
	unsigned long sp;
	unsigned long pc;
};

struct fpsimd_state {
	u64 vregs[64];		/* v0..v31, low half first */
	u32 fpsr;
	u32 fpcr;
} __aligned(16);

struct thread_struct {
	struct cpu_context cpu_context;
	unsigned long tp_value;		/* tpidr_el0 */
	struct fpsimd_state fpsimd_state;
	unsigned long fault_address;
	unsigned long fault_code;	/* esr_el1 */
};

#define INIT_THREAD	{ .tp_value = 0 }

static inline void cpu_relax(void)
{
	__asm__ __volatile__("yield" : : : "memory");
}

#endif
