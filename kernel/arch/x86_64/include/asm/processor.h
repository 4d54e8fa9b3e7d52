/* SPDX-License-Identifier: MIT */
#ifndef _ASM_PROCESSOR_H
#define _ASM_PROCESSOR_H

#include <linux/types.h>
#include <asm/page.h>
#include <asm/ptrace.h>
#include <asm/segment.h>
#include <asm/thread_info.h>

struct task_struct;

struct desc_struct {
	u32 a, b;
};

/*
 * XSAVE's area for x87, SSE, AVX and AVX-512 in the standard format, where the
 * keys' rights (PKRU) come last, at 2688. It must lie on a multiple of 64; slack
 * lets us align.
 */
#define XSAVE_SIZE	2752
#define XSAVE_ALIGN	64

/* What of a task the CPU holds while it runs, and it alone knows while not. */
struct thread_struct {
	unsigned long sp;		/* a struct inactive_task_frame, while not running */
	unsigned short es, ds;		/* user selectors */
	unsigned short fsindex, gsindex;
	unsigned long fsbase, gsbase;
	unsigned long cr2, trap_nr, error_code;	/* of the last fault */
	struct io_bitmap *io_bitmap;	/* NULL: no ports */
	/* Rights of the protection keys; valid only when scheduled out. */
	u32 pkru;
	unsigned long features;		/* ARCH_SHSTK_*: what is on */
	unsigned long features_locked;	/* what stays as it is */
	unsigned long shstk_base, shstk_size;	/* the shadow stack the kernel made */
	unsigned long ssp;		/* where it is, while scheduled out */
	u8 fpu[XSAVE_SIZE + XSAVE_ALIGN];
};

#define INIT_THREAD	{ .sp = 0 }

/* copy_process and copy_thread take their arguments in a struct, as in Linux 6. */
#define ARCH_CLONE_ARGS

#define task_top_of_stack(task) \
	((unsigned long)(task)->stack + THREAD_SIZE)
#define task_pt_regs(task) \
	((struct pt_regs *)task_top_of_stack(task) - 1)

/*
 * What the entries need of the one CPU: GS points here while in the kernel, and
 * swapgs exchanges it with the user's.
 */
struct pcpu_hot {
	struct task_struct *current_task;
	unsigned long top_of_stack;	/* where an entry from user mode begins */
	unsigned long user_sp;		/* syscall leaves the stack to the kernel */
};

extern struct pcpu_hot pcpu_hot;

/* edx of CPUID leaf 1. */
extern unsigned long boot_cpu_features;

/* What the kernel asks the CPU for: word of boot_cpu_words * 32 + bit. */
#define CPUID_1_ECX		0
#define CPUID_7_EBX		1
#define CPUID_7_ECX		2
#define CPUID_80000001_EDX	3
#define NR_CPUID_WORDS		4

#define X86_FEATURE_XSAVE	(CPUID_1_ECX * 32 + 26)
#define X86_FEATURE_FSGSBASE	(CPUID_7_EBX * 32 + 0)
#define X86_FEATURE_SMEP	(CPUID_7_EBX * 32 + 7)
#define X86_FEATURE_PKU		(CPUID_7_ECX * 32 + 3)
#define X86_FEATURE_SHSTK	(CPUID_7_ECX * 32 + 7)

extern u32 boot_cpu_words[NR_CPUID_WORDS];

#define cpu_has(feature)	((boot_cpu_words[(feature) / 32] >> ((feature) % 32)) & 1)

#define X86_CR4_FSGSBASE	0x00010000UL
#define X86_CR4_OSXSAVE		0x00040000UL
#define X86_CR4_SMEP		0x00100000UL
#define X86_CR4_PKE		0x00400000UL
#define X86_CR4_CET		0x00800000UL

void cpu_init(void);
void fpu_init(void);
void *fpu_area(const struct thread_struct *thread);

/* fs and gs, each null if the selector is not (or no longer) valid. */
void load_user_segments(unsigned long fs, unsigned long gs);

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" : : : "memory");
}

static inline void cpuid_count(unsigned int leaf, unsigned int count,
			       unsigned int *eax, unsigned int *ebx,
			       unsigned int *ecx, unsigned int *edx)
{
	__asm__ __volatile__("cpuid"
			     : "=a" (*eax), "=b" (*ebx), "=c" (*ecx), "=d" (*edx)
			     : "0" (leaf), "2" (count));
}

static inline void cpuid(unsigned int leaf, unsigned int *eax, unsigned int *ebx,
			 unsigned int *ecx, unsigned int *edx)
{
	cpuid_count(leaf, 0, eax, ebx, ecx, edx);
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtsc" : "=a" (low), "=d" (high));
	return low | (u64)high << 32;
}

static inline unsigned long read_cr4(void)
{
	unsigned long cr4;

	__asm__ __volatile__("movq %%cr4, %0" : "=r" (cr4) : : "memory");
	return cr4;
}

static inline void cr4_set_bits(unsigned long bits)
{
	__asm__ __volatile__("movq %0, %%cr4" : : "r" (read_cr4() | bits) : "memory");
}

#endif
