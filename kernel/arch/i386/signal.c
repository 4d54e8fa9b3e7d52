// SPDX-License-Identifier: MIT
/*
 * Signal frames: building one on the user stack, and taking it down again.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>

/* int $0x80, to be executed once more. */
#define SYSCALL_INSN_SIZE	2

/* What a program may change of its own flags by sigreturn. */
#define FIX_EFLAGS	(X86_EFLAGS_AC | X86_EFLAGS_RF | X86_EFLAGS_OF | \
			 X86_EFLAGS_DF | X86_EFLAGS_TF | X86_EFLAGS_SF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | \
			 X86_EFLAGS_CF)

/* exec: nothing to add. Handlers return by their restorer, or by code in the frame. */
int arch_setup_additional_pages(void)
{
	return 0;
}

const char *arch_vma_name(struct vm_area_struct *vma)
{
	return NULL;
}

/* User selectors only: anything else is loaded as null on the way out. */
static unsigned int user_selector(unsigned int sel)
{
	return (sel & 3) == 3 ? sel & 0xffff : 0;
}

static int setup_sigcontext(struct sigcontext __user *usc,
			    struct _fpstate __user *fpstate,
			    struct pt_regs *regs, unsigned long mask)
{
	struct thread_struct *t = &current->thread;
	struct sigcontext sc;
	unsigned int fs, gs;

	savesegment(fs, fs);
	savesegment(gs, gs);
	memset(&sc, 0, sizeof(sc));
	sc.gs = gs;
	sc.fs = fs;
	sc.es = regs->xes;
	sc.ds = regs->xds;
	sc.edi = regs->edi;
	sc.esi = regs->esi;
	sc.ebp = regs->ebp;
	sc.esp = regs->esp;
	sc.ebx = regs->ebx;
	sc.edx = regs->edx;
	sc.ecx = regs->ecx;
	sc.eax = regs->eax;
	sc.trapno = t->trap_no;
	sc.err = t->error_code;
	sc.eip = regs->eip;
	sc.cs = regs->xcs;
	sc.eflags = regs->eflags;
	sc.esp_at_signal = regs->esp;
	sc.ss = regs->xss;
	sc.fpstate = fpstate;
	sc.oldmask = mask;
	sc.cr2 = t->cr2;

	if (fpu_to_sigframe(fpstate) || copy_to_user(usc, &sc, sizeof(sc)))
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

	load_user_segments(user_selector(sc.fs), user_selector(sc.gs));
	regs->xes = user_selector(sc.es);
	regs->xds = user_selector(sc.ds);
	regs->edi = sc.edi;
	regs->esi = sc.esi;
	regs->ebp = sc.ebp;
	regs->esp = sc.esp;
	regs->ebx = sc.ebx;
	regs->edx = sc.edx;
	regs->ecx = sc.ecx;
	regs->eax = sc.eax;
	regs->eip = sc.eip;
	/* Never the kernel's: iret would go there. */
	regs->xcs = sc.cs | 3;
	regs->xss = sc.ss | 3;
	regs->eflags = (regs->eflags & ~FIX_EFLAGS) | (sc.eflags & FIX_EFLAGS);
	regs->orig_eax = -1;
	return 0;
}

/*
 * Room for a frame on the stack the handler wants, such that its first
 * argument would lie on a multiple of 16 (System V i386 ABI, 2.2.2).
 */
static void __user *get_sigframe(struct ksignal *ksig, struct pt_regs *regs,
				 size_t frame_size)
{
	unsigned long sp = sigsp(regs->esp, ksig);

	sp -= frame_size;
	return (void __user *)(((sp + 4) & ~15UL) - 4);
}

/* Where the handler returns to: the program's stub, or code in the frame. */
static unsigned long restorer(struct ksignal *ksig, u8 __user *retcode)
{
	if (ksig->ka.sa.sa_flags & SA_RESTORER)
		return (unsigned long)ksig->ka.sa.sa_restorer;
	return (unsigned long)retcode;
}

static void enter_handler(struct ksignal *ksig, struct pt_regs *regs,
			  void __user *frame, unsigned long info,
			  unsigned long uc)
{
	regs->esp = (unsigned long)frame;
	regs->eip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->eax = ksig->sig;		/* for handlers compiled with regparm */
	regs->edx = info;
	regs->ecx = uc;
	regs->xds = __USER_DS;
	regs->xes = __USER_DS;
	regs->xss = __USER_DS;
	regs->xcs = __USER_CS;
	regs->eflags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
}

static int setup_frame(struct ksignal *ksig, sigset_t *set,
		       struct pt_regs *regs)
{
	/* popl %eax; movl $__NR_sigreturn, %eax; int $0x80 */
	static const u8 code[8] = { 0x58, 0xb8, __NR_sigreturn, 0, 0, 0, 0xcd, 0x80 };
	struct sigframe __user *frame = get_sigframe(ksig, regs, sizeof(*frame));

	if (!access_ok(frame, sizeof(*frame)) ||
	    put_user(restorer(ksig, frame->retcode), &frame->pretcode) ||
	    put_user(ksig->sig, &frame->sig) ||
	    setup_sigcontext(&frame->sc, &frame->fpstate, regs, set->sig[0]) ||
	    copy_to_user(frame->extramask, &set->sig[1], sizeof(frame->extramask)) ||
	    copy_to_user(frame->retcode, code, sizeof(code)))
		return -EFAULT;
	enter_handler(ksig, regs, frame, 0, 0);
	return 0;
}

static int setup_rt_frame(struct ksignal *ksig, sigset_t *set,
			  struct pt_regs *regs)
{
	/* movl $__NR_rt_sigreturn, %eax; int $0x80 */
	static const u8 code[8] = { 0xb8, __NR_rt_sigreturn, 0, 0, 0, 0xcd, 0x80, 0 };
	struct rt_sigframe __user *frame = get_sigframe(ksig, regs, sizeof(*frame));

	if (!access_ok(frame, sizeof(*frame)) ||
	    put_user(restorer(ksig, frame->retcode), &frame->pretcode) ||
	    put_user(ksig->sig, &frame->sig) ||
	    put_user((unsigned long)&frame->info, &frame->pinfo) ||
	    put_user((unsigned long)&frame->uc, &frame->puc) ||
	    copy_to_user(&frame->info, &ksig->info, sizeof(ksig->info)) ||
	    put_user(0UL, &frame->uc.uc_flags) ||
	    put_user(NULL, &frame->uc.uc_link) ||
	    save_altstack(&frame->uc.uc_stack, regs->esp) ||
	    setup_sigcontext(&frame->uc.uc_mcontext, &frame->fpstate, regs,
			     set->sig[0]) ||
	    copy_to_user(&frame->uc.uc_sigmask, set, sizeof(*set)) ||
	    copy_to_user(frame->retcode, code, sizeof(code)))
		return -EFAULT;
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

/* i386 only: the frame of handlers from before siginfo. */
SYSCALL_DEFINE0(sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	/* The handler's ret and the stub's popl took pretcode and sig off. */
	struct sigframe __user *frame = (void __user *)(regs->esp - 8);
	sigset_t set;

	if (get_user(set.sig[0], &frame->sc.oldmask) ||
	    copy_from_user(&set.sig[1], frame->extramask, sizeof(frame->extramask)))
		return bad_frame();
	set_current_blocked(&set);
	if (restore_sigcontext(regs, &frame->sc))
		return bad_frame();
	return regs->eax;
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct rt_sigframe __user *frame = (void __user *)(regs->esp - 4);
	sigset_t set;

	if (copy_from_user(&set, &frame->uc.uc_sigmask, sizeof(set)))
		return bad_frame();
	set_current_blocked(&set);
	if (restore_sigcontext(regs, &frame->uc.uc_mcontext) ||
	    restore_altstack(&frame->uc.uc_stack))
		return bad_frame();
	return regs->eax;
}

static void restart_insn(struct pt_regs *regs, long eax)
{
	regs->eax = eax;
	regs->eip -= SYSCALL_INSN_SIZE;
}

/* A handler is about to run: does the call it interrupts fail or start over? */
static void restart_before_handler(struct ksignal *ksig, struct pt_regs *regs)
{
	if (regs->orig_eax < 0)
		return;
	switch (regs->eax) {
	case -ERESTART_RESTARTBLOCK:
	case -ERESTARTNOHAND:
		regs->eax = -EINTR;
		break;
	case -ERESTARTSYS:
		if (!(ksig->ka.sa.sa_flags & SA_RESTART)) {
			regs->eax = -EINTR;
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		restart_insn(regs, regs->orig_eax);
		break;
	}
}

static void restart_without_handler(struct pt_regs *regs)
{
	if (regs->orig_eax < 0)
		return;
	switch (regs->eax) {
	case -ERESTARTNOHAND:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
		restart_insn(regs, regs->orig_eax);
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
	if (ksig->ka.sa.sa_flags & SA_SIGINFO)
		failed = setup_rt_frame(ksig, oldset, regs);
	else
		failed = setup_frame(ksig, oldset, regs);
	regs->orig_eax = -1;
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
	regs->orig_eax = -1;
	restore_saved_sigmask();
}
