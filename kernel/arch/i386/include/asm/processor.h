/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <linux/types.h>
#include <asm/page.h>
#include <asm/ptrace.h>
#include <asm/segment.h>
#include <asm/thread_info.h>

struct desc_struct {
	unsigned long a, b;
};

/* FXSAVE's 512 bytes must lie on a multiple of 16; slack lets us align. */
#define FXSAVE_SIZE	512
#define FXSAVE_ALIGN	16

/* What of a task the CPU holds while it runs, and it alone knows while not. */
struct thread_struct {
	struct desc_struct tls_array[GDT_ENTRY_TLS_ENTRIES];
	unsigned long esp0;		/* stack for entries from user mode */
	unsigned long eip;		/* where cpu_switch_to goes on */
	unsigned long esp;
	unsigned long fs;		/* user selectors */
	unsigned long gs;
	unsigned long cr2, trap_no, error_code;	/* of the last fault */
	unsigned long *io_bitmap_ptr;	/* IO_BITMAP_BYTES, or NULL: no ports */
	unsigned long io_bitmap_max;	/* bytes of it that hold a 0 bit */
	u8 fpu[FXSAVE_SIZE + FXSAVE_ALIGN];
};

#define INIT_THREAD {							\
	.esp0 = (unsigned long)&init_thread_union + THREAD_SIZE - 8,	\
}

/*
 * The registers lie at the top of the stack, less 8 bytes that stay unused: a
 * frame from kernel mode has no esp and xss, and reading those two members of
 * it must not leave the stack.
 */
#define task_pt_regs(task) \
	((struct pt_regs *)((unsigned long)(task)->stack + THREAD_SIZE - 8) - 1)

/* edx of CPUID leaf 1. */
extern unsigned long boot_cpu_features;

void fpu_init(void);
void *fpu_area(const struct thread_struct *thread);

/* fs and gs, each null if the selector is not (or no longer) valid. */
void load_user_segments(unsigned long fs, unsigned long gs);

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" : : : "memory");
}

static inline void cpuid(unsigned int leaf, unsigned int *eax, unsigned int *ebx,
			 unsigned int *ecx, unsigned int *edx)
{
	__asm__ __volatile__("cpuid"
			     : "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
			     : "0" (leaf), "2" (0));
}

static inline u64 rdtsc(void)
{
	u64 tsc;

	__asm__ __volatile__("rdtsc" : "=A" (tsc));
	return tsc;
}

#endif
