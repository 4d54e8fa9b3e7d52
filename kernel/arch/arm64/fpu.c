// SPDX-License-Identifier: MIT
/*
 * FP and AdvSIMD state. The kernel itself never uses it, so between two
 * switches the registers are the running task's; a switch saves and loads
 * them at once (no lazy switching: one trap less to reason about).
 */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/uaccess.h>
#include <asm/sigcontext.h>

/* stp or ldp of all registers. */
#define FPSIMD_REGISTERS(op)					\
	".arch_extension fp\n\t"				\
	".arch_extension simd\n\t"				\
	op " q0, q1, [%0, #16 * 0]\n\t"				\
	op " q2, q3, [%0, #16 * 2]\n\t"				\
	op " q4, q5, [%0, #16 * 4]\n\t"				\
	op " q6, q7, [%0, #16 * 6]\n\t"				\
	op " q8, q9, [%0, #16 * 8]\n\t"				\
	op " q10, q11, [%0, #16 * 10]\n\t"			\
	op " q12, q13, [%0, #16 * 12]\n\t"			\
	op " q14, q15, [%0, #16 * 14]\n\t"			\
	op " q16, q17, [%0, #16 * 16]\n\t"			\
	op " q18, q19, [%0, #16 * 18]\n\t"			\
	op " q20, q21, [%0, #16 * 20]\n\t"			\
	op " q22, q23, [%0, #16 * 22]\n\t"			\
	op " q24, q25, [%0, #16 * 24]\n\t"			\
	op " q26, q27, [%0, #16 * 26]\n\t"			\
	op " q28, q29, [%0, #16 * 28]\n\t"			\
	op " q30, q31, [%0, #16 * 30]\n\t"

void fpu_save(struct thread_struct *thread)
{
	struct fpsimd_state *state = &thread->fpsimd_state;
	unsigned long fpsr, fpcr;

	__asm__ __volatile__(FPSIMD_REGISTERS("stp")
			     : : "r" (state) : "memory");
	__asm__ __volatile__("mrs %0, fpsr" : "=r" (fpsr));
	__asm__ __volatile__("mrs %0, fpcr" : "=r" (fpcr));
	state->fpsr = fpsr;
	state->fpcr = fpcr;
}

void fpu_restore(const struct thread_struct *thread)
{
	const struct fpsimd_state *state = &thread->fpsimd_state;

	__asm__ __volatile__(FPSIMD_REGISTERS("ldp")
			     : : "r" (state) : "memory");
	__asm__ __volatile__("msr fpsr, %0" : : "r" ((u64)state->fpsr));
	__asm__ __volatile__("msr fpcr, %0" : : "r" ((u64)state->fpcr));
}

/* fork: the child's registers are the parent's at this moment. */
__visible void fpu_clone(struct task_struct *dst)
{
	fpu_save(&dst->thread);
}

/* exec: as new. */
void fpu_flush(void)
{
	struct thread_struct *thread = &current->thread;

	memset(&thread->fpsimd_state, 0, sizeof(thread->fpsimd_state));
	fpu_restore(thread);
}

/* Now's state, for a signal frame. */
int fpu_to_sigframe(struct fpsimd_context __user *ctx)
{
	struct fpsimd_state *fp = &current->thread.fpsimd_state;
	int err = 0;

	fpu_save(&current->thread);
	err |= put_user(FPSIMD_MAGIC, &ctx->head.magic);
	err |= put_user((u32)sizeof(*ctx), &ctx->head.size);
	err |= put_user(fp->fpsr, &ctx->fpsr);
	err |= put_user(fp->fpcr, &ctx->fpcr);
	err |= copy_to_user(ctx->vregs, fp->vregs, sizeof(fp->vregs)) ?
	       -EFAULT : 0;
	return err;
}

/* Back from a signal frame. */
int fpu_from_sigframe(struct fpsimd_context __user *ctx)
{
	struct fpsimd_state *fp = &current->thread.fpsimd_state;
	u32 magic, size;
	int err = 0;

	err |= get_user(magic, &ctx->head.magic);
	err |= get_user(size, &ctx->head.size);
	if (err || magic != FPSIMD_MAGIC || size != sizeof(*ctx))
		return -EINVAL;
	err |= get_user(fp->fpsr, &ctx->fpsr);
	err |= get_user(fp->fpcr, &ctx->fpcr);
	err |= copy_from_user(fp->vregs, ctx->vregs, sizeof(fp->vregs)) ?
	       -EFAULT : 0;
	if (!err)
		fpu_restore(&current->thread);
	return err;
}
