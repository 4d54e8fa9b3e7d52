// SPDX-License-Identifier: MIT
/*
 * Signal frames: building one on the user stack, and taking it down again.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/elf.h>
#include <asm/pkeys.h>
#include <asm/shstk.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>

/* syscall, to be executed once more. */
#define SYSCALL_INSN_SIZE	2

/* What a program may change of its own flags by sigreturn. */
#define FIX_EFLAGS	(X86_EFLAGS_AC | X86_EFLAGS_RF | X86_EFLAGS_OF | \
			 X86_EFLAGS_DF | X86_EFLAGS_TF | X86_EFLAGS_SF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | \
			 X86_EFLAGS_CF)

/* exec: nothing to add. Handlers return by their restorer. */
int arch_setup_additional_pages(void)
{
	return 0;
}

const char *arch_vma_name(struct vm_area_struct *vma)
{
	return NULL;
}

static int setup_sigcontext(struct sigcontext __user *usc,
			    struct _fpstate __user *fpstate, u32 pkru,
			    struct pt_regs *regs, unsigned long mask)
{
	struct thread_struct *t = &current->thread;
	struct sigcontext sc;

	memset(&sc, 0, sizeof(sc));
	sc.r8 = regs->r8;
	sc.r9 = regs->r9;
	sc.r10 = regs->r10;
	sc.r11 = regs->r11;
	sc.r12 = regs->r12;
	sc.r13 = regs->r13;
	sc.r14 = regs->r14;
	sc.r15 = regs->r15;
	sc.di = regs->di;
	sc.si = regs->si;
	sc.bp = regs->bp;
	sc.bx = regs->bx;
	sc.dx = regs->dx;
	sc.ax = regs->ax;
	sc.cx = regs->cx;
	sc.sp = regs->sp;
	sc.ip = regs->ip;
	sc.flags = regs->flags;
	sc.cs = regs->cs;
	sc.ss = regs->ss;
	sc.err = t->error_code;
	sc.trapno = t->trap_nr;
	sc.oldmask = mask;
	sc.cr2 = t->cr2;
	sc.fpstate = fpstate;

	if (fpu_to_sigframe(fpstate, pkru) || copy_to_user(usc, &sc, sizeof(sc)))
		return -EFAULT;
	return 0;
}

static int restore_sigcontext(struct pt_regs *regs,
			      struct sigcontext __user *usc)
{
	struct sigcontext sc;

	current->restart_block.fn = do_no_restart_syscall;
	if (copy_from_user(&sc, usc, sizeof(sc)))
		return -EFAULT;
	if (!sc.fpstate)
		fpu_flush();
	else if (fpu_from_sigframe(sc.fpstate))
		return -EFAULT;

	regs->r8 = sc.r8;
	regs->r9 = sc.r9;
	regs->r10 = sc.r10;
	regs->r11 = sc.r11;
	regs->r12 = sc.r12;
	regs->r13 = sc.r13;
	regs->r14 = sc.r14;
	regs->r15 = sc.r15;
	regs->di = sc.di;
	regs->si = sc.si;
	regs->bp = sc.bp;
	regs->bx = sc.bx;
	regs->dx = sc.dx;
	regs->ax = sc.ax;
	regs->cx = sc.cx;
	regs->sp = sc.sp;
	regs->ip = sc.ip;
	/* Never the kernel's: iretq would go there. */
	regs->cs = sc.cs | 3;
	regs->ss = sc.ss | 3;
	regs->flags = (regs->flags & ~FIX_EFLAGS) | (sc.flags & FIX_EFLAGS);
	regs->orig_ax = -1;
	return 0;
}

/* Below the stack pointer these bytes are the program's (System V x86-64 ABI, 3.2.2). */
#define REDZONE_SIZE	128

/*
 * Room for a frame on the stack the handler wants: the fp state at a multiple of
 * 64, and below it a frame that looks as if the handler had been called.
 */
static void __user *get_sigframe(struct ksignal *ksig, struct pt_regs *regs,
				 size_t frame_size, void __user **fpstate)
{
	unsigned long sp = sigsp(regs->sp - REDZONE_SIZE, ksig);

	sp = ALIGN_DOWN(sp - fpu_sigframe_size(), 64);
	*fpstate = (void __user *)sp;
	return (void __user *)(ALIGN_DOWN(sp - frame_size, 16) - 8);
}

/* x86_64 only: at most, wherever the stack begins. */
unsigned long sigframe_size(void)
{
	return ALIGN(fpu_sigframe_size() + 63 + sizeof(struct rt_sigframe) + 15 + 8, 16);
}

static void enter_handler(struct ksignal *ksig, struct pt_regs *regs,
			  void __user *frame, unsigned long info,
			  unsigned long uc)
{
	regs->sp = (unsigned long)frame;
	regs->ip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->di = ksig->sig;
	regs->si = info;
	regs->dx = uc;
	regs->ax = 0;			/* no vector registers, for handlers declared (...) */
	regs->ss = __USER_DS;
	regs->cs = __USER_CS;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
}

static int setup_rt_frame(struct ksignal *ksig, sigset_t *set,
			  struct pt_regs *regs)
{
	void __user *fpstate;
	struct rt_sigframe __user *frame =
		get_sigframe(ksig, regs, sizeof(*frame), &fpstate);
	unsigned long uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	u32 pkru = read_pkru();

	/* There is no code in the frame to return by: programs bring it. */
	if (!(ksig->ka.sa.sa_flags & SA_RESTORER))
		return -EFAULT;
	if (fpu_sigframe_size() > sizeof(struct _fpstate))
		uc_flags |= UC_FP_XSTATE;
	/* The alternate stack may have a key that the program denied itself. */
	write_pkru(0);
	if (!access_ok(frame, (unsigned long)fpstate + fpu_sigframe_size() -
			      (unsigned long)frame) ||
	    put_user((unsigned long)ksig->ka.sa.sa_restorer, &frame->pretcode) ||
	    copy_to_user(&frame->info, &ksig->info, sizeof(ksig->info)) ||
	    put_user(uc_flags, &frame->uc.uc_flags) ||
	    put_user(NULL, &frame->uc.uc_link) ||
	    save_altstack(&frame->uc.uc_stack, regs->sp) ||
	    setup_sigcontext(&frame->uc.uc_mcontext, fpstate, pkru, regs,
			     set->sig[0]) ||
	    copy_to_user(&frame->uc.uc_sigmask, set, sizeof(*set)) ||
	    setup_signal_shadow_stack(ksig)) {
		write_pkru(pkru);
		return -EFAULT;
	}
	/* A handler begins with the state of a new program. */
	fpu_flush();
	write_pkru(pkru_get_init_value());
	enter_handler(ksig, regs, frame, (unsigned long)&frame->info,
		      (unsigned long)&frame->uc);
	return 0;
}

/* A bad frame: as if the return itself had faulted. */
static long bad_frame(void)
{
	force_sig(SIGSEGV);
	return 0;
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct rt_sigframe __user *frame = (void __user *)(regs->sp - 8);
	sigset_t set;

	if (copy_from_user(&set, &frame->uc.uc_sigmask, sizeof(set)))
		return bad_frame();
	set_current_blocked(&set);
	if (restore_altstack(&frame->uc.uc_stack) ||
	    restore_signal_shadow_stack() ||
	    restore_sigcontext(regs, &frame->uc.uc_mcontext))
		return bad_frame();
	return regs->ax;
}

static void restart_insn(struct pt_regs *regs, long ax)
{
	regs->ax = ax;
	regs->ip -= SYSCALL_INSN_SIZE;
}

/* A handler is about to run: does the call it interrupts fail or start over? */
static void restart_before_handler(struct ksignal *ksig, struct pt_regs *regs)
{
	if ((long)regs->orig_ax < 0)
		return;
	switch ((long)regs->ax) {
	case -ERESTART_RESTARTBLOCK:
	case -ERESTARTNOHAND:
		regs->ax = -EINTR;
		break;
	case -ERESTARTSYS:
		if (!(ksig->ka.sa.sa_flags & SA_RESTART)) {
			regs->ax = -EINTR;
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		restart_insn(regs, regs->orig_ax);
		break;
	}
}

static void restart_without_handler(struct pt_regs *regs)
{
	if ((long)regs->orig_ax < 0)
		return;
	switch ((long)regs->ax) {
	case -ERESTARTNOHAND:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
		restart_insn(regs, regs->orig_ax);
		break;
	case -ERESTART_RESTARTBLOCK:
		restart_insn(regs, __NR_restart_syscall);
		break;
	}
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	sigset_t *oldset = sigmask_to_save();
	int failed;

	restart_before_handler(ksig, regs);
	failed = setup_rt_frame(ksig, oldset, regs);
	regs->orig_ax = -1;
	signal_setup_done(failed, ksig);
}

void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig)) {
		handle_signal(&ksig, regs);
		return;
	}
	restart_without_handler(regs);
	/* So that a second pass does not restart once more. */
	regs->orig_ax = -1;
	restore_saved_sigmask();
}
