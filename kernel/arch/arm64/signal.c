// SPDX-License-Identifier: MIT
/* Signal frames, sigreturn, and restarting interrupted system calls. */
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>
#include <asm/cacheflush.h>
#include <asm/sigcontext.h>
#include <asm/unistd.h>

asmlinkage long sys_mprotect(unsigned long start, size_t len,
			     unsigned long prot);

/*
 * For handlers without SA_RESTORER: mov x8, #__NR_rt_sigreturn; svc #0.
 * Debuggers know a signal frame by these two instructions.
 */
static const u32 sigtramp[] = { 0xd2800008 | __NR_rt_sigreturn << 5, 0xd4000001 };

/* exec: gives the new program a read-only page with sigtramp. */
int arch_setup_additional_pages(void)
{
	unsigned long addr;
	long err;

	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr))
		return (long)addr;
	if (copy_to_user((void __user *)addr, sigtramp, sizeof(sigtramp)))
		return -EFAULT;
	flush_icache_range(addr, addr + sizeof(sigtramp));
	err = sys_mprotect(addr, PAGE_SIZE, PROT_READ | PROT_EXEC);
	if (err)
		return err;
	current->mm->context.vdso = (void *)addr;
	return 0;
}

const char *arch_vma_name(struct vm_area_struct *vma)
{
	if (vma->vm_start == (unsigned long)vma->vm_mm->context.vdso)
		return "[vdso]";
	return NULL;
}

static int setup_sigcontext(struct rt_sigframe __user *sf,
			    struct frame_record __user *record,
			    struct pt_regs *regs, sigset_t *set)
{
	struct sigcontext __user *sc = &sf->uc.uc_mcontext;
	struct fpsimd_context __user *fp = (void __user *)sc->__reserved;
	struct _aarch64_ctx __user *end = (void __user *)(fp + 1);
	int err = 0, i;

	/* The frame record lets a frame pointer walk pass the handler. */
	err |= put_user(regs->regs[29], &record->fp);
	err |= put_user(regs->regs[30], &record->lr);

	for (i = 0; i < 31; i++)
		err |= put_user(regs->regs[i], &sc->regs[i]);
	err |= put_user(regs->sp, &sc->sp);
	err |= put_user(regs->pc, &sc->pc);
	err |= put_user(regs->pstate, &sc->pstate);
	err |= put_user((u64)current->thread.fault_address,
			&sc->fault_address);
	err |= copy_to_user(&sf->uc.uc_sigmask, set, sizeof(*set)) ?
	       -EFAULT : 0;
	err |= fpu_to_sigframe(fp);
	err |= put_user(0U, &end->magic);
	err |= put_user(0U, &end->size);
	return err;
}

static int restore_sigcontext(struct pt_regs *regs,
			      struct rt_sigframe __user *sf)
{
	struct sigcontext __user *sc = &sf->uc.uc_mcontext;
	sigset_t set;
	int err, i;

	err = copy_from_user(&set, &sf->uc.uc_sigmask, sizeof(set)) ?
	      -EFAULT : 0;
	if (!err)
		set_current_blocked(&set);
	for (i = 0; i < 31; i++)
		err |= get_user(regs->regs[i], &sc->regs[i]);
	err |= get_user(regs->sp, &sc->sp);
	err |= get_user(regs->pc, &sc->pc);
	err |= get_user(regs->pstate, &sc->pstate);
	/* Only the flags are the user's to choose. */
	regs->pstate &= PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT;
	/* Not to be restarted: this was no system call of the interrupted code. */
	regs->syscallno = ~0UL;
	if (!err)
		err = fpu_from_sigframe((void __user *)sc->__reserved);
	return err;
}

static int setup_rt_frame(struct ksignal *ksig, sigset_t *set,
			  struct pt_regs *regs)
{
	struct k_sigaction *ka = &ksig->ka;
	struct frame_record __user *record;
	struct rt_sigframe __user *frame;
	unsigned long sp;
	int err = 0;

	sp = ALIGN_DOWN(sigsp(regs->sp, ksig), 16) - sizeof(*record);
	record = (void __user *)sp;
	sp = ALIGN_DOWN(sp - sizeof(*frame), 16);
	frame = (void __user *)sp;
	if (!access_ok(frame, sizeof(*frame) + 16 + sizeof(*record)))
		return -EFAULT;

	err |= put_user(0UL, &frame->uc.uc_flags);
	err |= put_user(NULL, &frame->uc.uc_link);
	err |= save_altstack(&frame->uc.uc_stack, regs->sp);
	err |= setup_sigcontext(frame, record, regs, set);
	err |= copy_to_user(&frame->info, &ksig->info, sizeof(ksig->info)) ?
	       -EFAULT : 0;
	if (err)
		return err;

	regs->regs[0] = ksig->sig;
	regs->regs[1] = (unsigned long)&frame->info;
	regs->regs[2] = (unsigned long)&frame->uc;
	regs->regs[29] = (unsigned long)record;
	regs->regs[30] = ka->sa.sa_flags & SA_RESTORER ?
			 (unsigned long)ka->sa.sa_restorer :
			 (unsigned long)current->mm->context.vdso;
	regs->sp = sp;
	regs->pc = (unsigned long)ka->sa.sa_handler;
	return 0;
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct rt_sigframe __user *frame = (void __user *)regs->sp;

	current->restart_block.fn = do_no_restart_syscall;

	if (regs->sp & 15)
		goto badframe;
	if (!access_ok(frame, sizeof(*frame)))
		goto badframe;
	if (restore_sigcontext(regs, frame))
		goto badframe;
	if (restore_altstack(&frame->uc.uc_stack))
		goto badframe;
	return regs->regs[0];

badframe:
	force_sigsegv(SIGSEGV);
	return 0;
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	int ret = setup_rt_frame(ksig, sigmask_to_save(), regs);

	signal_setup_done(ret, ksig);
}

/*
 * A system call that gave -ERESTART… is set up to run again; a handler that
 * does not want that sees -EINTR instead.
 */
void do_signal(struct pt_regs *regs)
{
	unsigned long continue_addr = 0, restart_addr = 0;
	bool restart = false;
	struct ksignal ksig;
	long retval = 0;

	if (regs->syscallno != ~0UL) {
		continue_addr = regs->pc;
		restart_addr = continue_addr - 4;
		retval = regs->regs[0];
		regs->syscallno = ~0UL;
		switch (retval) {
		case -ERESTARTNOHAND:
		case -ERESTARTSYS:
		case -ERESTARTNOINTR:
		case -ERESTART_RESTARTBLOCK:
			restart = true;
			regs->regs[0] = regs->orig_x0;
			regs->pc = restart_addr;
			break;
		}
	}

	if (get_signal(&ksig)) {
		if (restart && (retval == -ERESTARTNOHAND ||
				retval == -ERESTART_RESTARTBLOCK ||
				(retval == -ERESTARTSYS &&
				 !(ksig.ka.sa.sa_flags & SA_RESTART)))) {
			regs->regs[0] = -EINTR;
			regs->pc = continue_addr;
		}
		handle_signal(&ksig, regs);
		return;
	}

	if (restart && retval == -ERESTART_RESTARTBLOCK)
		regs->regs[8] = __NR_restart_syscall;
	restore_saved_sigmask();
}
