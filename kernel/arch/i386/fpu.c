// SPDX-License-Identifier: MIT
/*
 * x87, MMX and SSE state. The kernel itself never uses it, so between two
 * switches the registers are the running task's; a switch saves and loads
 * them at once (no lazy switching: one trap less to reason about).
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/uaccess.h>
#include <asm/sigcontext.h>

#define MXCSR_DEFAULT	0x1f80		/* all exceptions masked, round to nearest */

/* The state of a program that has not touched it yet. */
static u8 init_fpstate[FXSAVE_SIZE] __aligned(FXSAVE_ALIGN);

/* i386 only: FXSAVE wants its area aligned, which no member of a task is. */
void *fpu_area(const struct thread_struct *thread)
{
	return (void *)ALIGN((unsigned long)thread->fpu, FXSAVE_ALIGN);
}

static void fxrstor(const void *area)
{
	__asm__ __volatile__("fxrstor (%0)" : : "r" (area) : "memory");
}

void fpu_save(struct thread_struct *thread)
{
	__asm__ __volatile__("fxsave (%0)" : : "r" (fpu_area(thread)) : "memory");
}

void fpu_restore(const struct thread_struct *thread)
{
	fxrstor(fpu_area(thread));
}

/*
 * i386 only: new state is not all zeros. Makes the first image by hand, not by
 * fninit and fxsave: the firmware may have left anything in the SSE registers.
 * FCW = 0x37f, all tags empty.
 */
void fpu_init(void)
{
	*(u16 *)&init_fpstate[0] = 0x37f;
	*(u32 *)&init_fpstate[24] = MXCSR_DEFAULT;
	fxrstor(init_fpstate);
	memcpy(fpu_area(&init_task.thread), init_fpstate, FXSAVE_SIZE);
}

/* fork: the child's registers are the parent's at this moment. */
__visible void fpu_clone(struct task_struct *dst)
{
	fpu_save(&dst->thread);
}

/* exec: as new. */
void fpu_flush(void)
{
	fxrstor(init_fpstate);
}

/* FXSAVE's layout (IA-32 manual, volume 2, FXSAVE). */
struct fxsave_image {
	u16 cwd;
	u16 swd;
	u8 twd;				/* one bit a register: 1 is in use */
	u8 __reserved1;
	u16 fop;
	u32 fip;
	u32 fcs;
	u32 foo;
	u32 fos;
	u32 mxcsr;
	u32 mxcsr_mask;
	u8 st[8][16];			/* 10 bytes each, from the top of stack */
	u8 xmm[16][16];
	u8 __reserved2[96];
};

/* FSAVE's two bits of tag for a register in use: valid, zero or special. */
static unsigned int tag_of(const u8 *st)
{
	const u16 *half = (const u16 *)st;
	unsigned int exponent = half[4] & 0x7fff;

	if (exponent == 0x7fff)
		return 2;
	if (exponent == 0)
		return half[0] | half[1] | half[2] | half[3] ? 2 : 1;
	return half[3] & 0x8000 ? 0 : 2;
}

/* Now's state, for a signal frame. */
int fpu_to_sigframe(struct _fpstate __user *fpstate)
{
	struct fxsave_image *fx = fpu_area(&current->thread);
	struct _fpstate image, *fp = &image;
	unsigned int tag = 0, top;

	fpu_save(&current->thread);
	memset(fp, 0, sizeof(*fp));
	top = (fx->swd >> 11) & 7;
	/* Tags go by register number, contents by distance from the top. */
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int t = 3;

		if (fx->twd & (1 << i))
			t = tag_of(fx->st[(i - top) & 7]);
		tag |= t << (2 * i);
		memcpy(&fp->_st[i], fx->st[i], sizeof(fp->_st[i]));
	}
	fp->cw = fx->cwd | 0xffff0000;
	fp->sw = fx->swd | 0xffff0000;
	fp->tag = tag | 0xffff0000;
	fp->ipoff = fx->fip;
	fp->cssel = (fx->fcs & 0xffff) | (fx->fop << 16);
	fp->dataoff = fx->foo;
	fp->datasel = fx->fos;
	fp->status = fx->swd;
	fp->magic = X86_FXSR_MAGIC;
	memcpy(fp->fxsave, fx, sizeof(fp->fxsave));
	return copy_to_user(fpstate, fp, sizeof(*fp)) ? -EFAULT : 0;
}

/*
 * Back from a signal frame. x87 state comes from the FSAVE image, which old
 * programs know and change, the rest from the other.
 */
int fpu_from_sigframe(struct _fpstate __user *fpstate)
{
	struct fxsave_image *fx = fpu_area(&current->thread);
	struct _fpstate image, *fp = &image;
	u32 mask;

	if (copy_from_user(fp, fpstate, sizeof(*fp)))
		return -EFAULT;
	fpu_save(&current->thread);	/* for mxcsr_mask, if the CPU tells it */
	mask = fx->mxcsr_mask ? fx->mxcsr_mask : 0xffbf;
	if (fp->magic == X86_FXSR_MAGIC)
		memcpy(fx, fp->fxsave, sizeof(fp->fxsave));
	fx->mxcsr &= mask;		/* a reserved bit would fault */
	fx->cwd = fp->cw;
	fx->swd = fp->sw;
	fx->fip = fp->ipoff;
	fx->fcs = fp->cssel & 0xffff;
	fx->fop = (fp->cssel >> 16) & 0x7ff;
	fx->foo = fp->dataoff;
	fx->fos = fp->datasel;
	fx->twd = 0;
	for (unsigned int i = 0; i < 8; i++) {
		if (((fp->tag >> (2 * i)) & 3) != 3)
			fx->twd |= 1 << i;
		memcpy(fx->st[i], &fp->_st[i], sizeof(fp->_st[i]));
	}
	fpu_restore(&current->thread);
	return 0;
}
