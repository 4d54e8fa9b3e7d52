// SPDX-License-Identifier: MIT
/*
 * x87, SSE and further state. The kernel itself never uses it, so between two
 * switches the registers are the running task's; a switch saves and loads
 * them at once (no lazy switching: one trap less to reason about). The CPU does
 * it by XSAVE, or by FXSAVE where it has no other.
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/uaccess.h>
#include <asm/pkeys.h>
#include <asm/shstk.h>
#include <asm/sigcontext.h>

#define MXCSR_DEFAULT	0x1f80		/* all exceptions masked, round to nearest */
#define MXCSR_MASK	0xffbf		/* of a CPU that does not tell its own */

/* Components of the state (Intel manual, volume 1, 13.1). */
#define XFEATURE_MASK_FPSSE	0x003UL	/* x87, SSE */
#define XFEATURE_MASK_AVX	0x0e4UL	/* AVX; AVX-512's masks and registers */
#define XFEATURE_PKRU		9
#define XFEATURE_MASK_PKRU	(1UL << XFEATURE_PKRU)

#define CPUID_XSTATE		0xd

/* What there is: all of it is in a signal frame. 0: no XSAVE. */
static u64 xfeatures;
/* Bytes of it in the standard format, and where PKRU is. */
static unsigned int xstate_size = sizeof(struct _fpstate), pkru_offset;

/* The state of a program that has not touched it yet. */
static u8 init_fpstate[XSAVE_SIZE] __aligned(XSAVE_ALIGN);

/* x86 only: the CPU wants its area aligned, which no member of a task is. */
void *fpu_area(const struct thread_struct *thread)
{
	return (void *)ALIGN((unsigned long)thread->fpu, XSAVE_ALIGN);
}

static void save_state(void *area, u64 mask)
{
	if (xfeatures)
		__asm__ __volatile__("xsave64 (%0)" : : "r" (area), "a" ((u32)mask),
				     "d" ((u32)(mask >> 32)) : "memory");
	else
		__asm__ __volatile__("fxsave64 (%0)" : : "r" (area) : "memory");
}

static void restore_state(const void *area, u64 mask)
{
	if (xfeatures)
		__asm__ __volatile__("xrstor64 (%0)" : : "r" (area), "a" ((u32)mask),
				     "d" ((u32)(mask >> 32)) : "memory");
	else
		__asm__ __volatile__("fxrstor64 (%0)" : : "r" (area) : "memory");
}

/* PKRU is not among it: thread.pkru says what a task has, and it may change alone. */
void fpu_save(struct thread_struct *thread)
{
	save_state(fpu_area(thread), xfeatures & ~XFEATURE_MASK_PKRU);
}

void fpu_restore(const struct thread_struct *thread)
{
	restore_state(fpu_area(thread), xfeatures & ~XFEATURE_MASK_PKRU);
}

static void init_xstate(void)
{
	unsigned int eax, ebx, ecx, edx;

	cr4_set_bits(X86_CR4_OSXSAVE);
	cpuid_count(CPUID_XSTATE, 0, &eax, &ebx, &ecx, &edx);
	xfeatures = (eax | (u64)edx << 32) &
		    (XFEATURE_MASK_FPSSE | XFEATURE_MASK_AVX | XFEATURE_MASK_PKRU);
	cpuid_count(CPUID_XSTATE, XFEATURE_PKRU, &eax, &ebx, &ecx, &edx);
	pkru_offset = ebx;
	/* A CPU that does not say where it puts PKRU keeps it out of signal frames. */
	if (!cpu_has(X86_FEATURE_PKU) || !pkru_offset)
		xfeatures &= ~XFEATURE_MASK_PKRU;
	__asm__ __volatile__("xsetbv" : : "c" (0), "a" ((u32)xfeatures),
			     "d" ((u32)(xfeatures >> 32)));
	/* ebx: the size for what xcr0 has now. */
	cpuid_count(CPUID_XSTATE, 0, &eax, &ebx, &ecx, &edx);
	BUG_ON(ebx > XSAVE_SIZE);
	xstate_size = ebx;
}

/*
 * x86 only: new state is not all zeros. Makes the first image by hand, not by
 * fninit and a save: the firmware may have left anything in the SSE registers.
 * An XSAVE area whose header is zero means initial state but for MXCSR.
 */
void fpu_init(void)
{
	struct _fpstate *fx = (struct _fpstate *)init_fpstate;

	if (cpu_has(X86_FEATURE_XSAVE))
		init_xstate();
	fx->cwd = 0x37f;
	fx->mxcsr = MXCSR_DEFAULT;
	fpu_flush();
	memcpy(fpu_area(&init_task.thread), init_fpstate, sizeof(init_fpstate));
}

/*
 * fork: the child's registers are the parent's at this moment; one that the
 * kernel starts at a function of its own has new ones. With a shadow stack of
 * its own (ssp not 0) it begins there.
 */
__visible void fpu_clone(struct task_struct *dst, unsigned long clone_flags,
			 bool minimal, unsigned long ssp)
{
	if (minimal)
		memcpy(fpu_area(&dst->thread), init_fpstate, sizeof(init_fpstate));
	else
		fpu_save(&dst->thread);
	dst->thread.ssp = ssp ? ssp : current_ssp();
}

/* exec: as new. */
void fpu_flush(void)
{
	restore_state(init_fpstate, xfeatures & ~XFEATURE_MASK_PKRU);
}

/* x86_64 only: how long the state is depends on the CPU. */
unsigned long fpu_sigframe_size(void)
{
	return xfeatures ? xstate_size + sizeof(u32) : sizeof(struct _fpstate);
}

/* Now's state, for a signal frame; pkru is what the interrupted program had. */
int fpu_to_sigframe(struct _fpstate __user *fpstate, u32 pkru)
{
	struct xregs_state *xregs = fpu_area(&current->thread);
	struct _fpx_sw_bytes *sw = &xregs->i387.sw_reserved;

	save_state(xregs, xfeatures);
	memset(sw, 0, sizeof(*sw));
	if (!xfeatures)
		return copy_to_user(fpstate, xregs, sizeof(*fpstate)) ? -EFAULT : 0;

	sw->magic1 = FP_XSTATE_MAGIC1;
	sw->extended_size = fpu_sigframe_size();
	sw->xfeatures = xfeatures;
	sw->xstate_size = xstate_size;
	/* Programs that know the old part alone may change it: it counts. */
	xregs->header.xfeatures |= XFEATURE_MASK_FPSSE;
	if (xfeatures & XFEATURE_MASK_PKRU) {
		*(u32 *)((u8 *)xregs + pkru_offset) = pkru;
		xregs->header.xfeatures |= XFEATURE_MASK_PKRU;
	}
	if (copy_to_user(fpstate, xregs, xstate_size) ||
	    put_user(FP_XSTATE_MAGIC2, (u32 __user *)((u8 __user *)fpstate + xstate_size)))
		return -EFAULT;
	return 0;
}

/* Whether more than FXSAVE's part is in a frame. */
static bool frame_has_xstate(struct _fpstate __user *fpstate)
{
	struct _fpx_sw_bytes sw;
	u32 magic2;

	if (!xfeatures || copy_from_user(&sw, &fpstate->sw_reserved, sizeof(sw)))
		return false;
	if (sw.magic1 != FP_XSTATE_MAGIC1 || sw.xstate_size != xstate_size ||
	    sw.extended_size != fpu_sigframe_size())
		return false;
	return !get_user(magic2, (u32 __user *)((u8 __user *)fpstate + xstate_size)) &&
	       magic2 == FP_XSTATE_MAGIC2;
}

/* Back from a signal frame. */
int fpu_from_sigframe(struct _fpstate __user *fpstate)
{
	struct xregs_state *xregs = fpu_area(&current->thread);
	bool extended = frame_has_xstate(fpstate);
	u32 mask;

	save_state(xregs, XFEATURE_MASK_FPSSE);		/* for mxcsr_mask */
	mask = xregs->i387.mxcsr_mask ? xregs->i387.mxcsr_mask : MXCSR_MASK;
	if (copy_from_user(xregs, fpstate, extended ? xstate_size : sizeof(*fpstate)))
		return -EFAULT;
	xregs->i387.mxcsr &= mask;	/* a reserved bit would fault */
	if (!xfeatures) {
		restore_state(xregs, 0);
		return 0;
	}
	/* So would one here. */
	if (!extended)
		memset(&xregs->header, 0, sizeof(xregs->header));
	xregs->header.xcomp_bv = 0;
	memset(xregs->header.reserved, 0, sizeof(xregs->header.reserved));
	if (extended) {
		xregs->header.xfeatures &= xfeatures;
		restore_state(xregs, xfeatures);
	} else {
		xregs->header.xfeatures = XFEATURE_MASK_FPSSE;
		restore_state(xregs, xfeatures & ~XFEATURE_MASK_PKRU);
	}
	return 0;
}
