// SPDX-License-Identifier: MIT
/*
 * What is x86-64 about a task: its birth, its switch, its first user registers.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/desc.h>
#include <asm/io.h>
#include <asm/msr.h>
#include <asm/pkeys.h>
#include <asm/shstk.h>
#include <asm/switch_to.h>
#include <asm/traps.h>

struct pcpu_hot pcpu_hot = { .current_task = &init_task };

__visible int arch_dup_task_struct(struct task_struct *dst,
				   struct task_struct *src)
{
	*dst = *src;
	/* The parent's; copy_thread shares it with the child. */
	dst->thread.io_bitmap = NULL;
	return 0;
}

/* How a frame pointer says that pt_regs lie there: bit 0 is set. */
static unsigned long encode_frame_pointer(struct pt_regs *regs)
{
	return (unsigned long)regs + 1;
}

/* ret_from_fork finds function and argument where __switch_to_asm restores them. */
static void kthread_frame_init(struct inactive_task_frame *frame,
			       int (*fn)(void *), void *arg)
{
	frame->bx = (unsigned long)fn;
	frame->r12 = (unsigned long)arg;
}

/* User mode may have changed them since the last switch, which took them from here. */
static void current_save_fsgs(void)
{
	struct thread_struct *t = &current->thread;

	savesegment(fs, t->fsindex);
	savesegment(gs, t->gsindex);
	t->fsbase = rdmsrq(MSR_FS_BASE);
	t->gsbase = rdmsrq(MSR_KERNEL_GS_BASE);
}

static int set_new_tls(struct task_struct *p, unsigned long tls)
{
	if (tls >= TASK_SIZE)
		return -EPERM;
	p->thread.fsindex = 0;
	p->thread.fsbase = tls;
	return 0;
}

/*
 * The child's stack gets a struct fork_frame at its top: what __switch_to_asm
 * takes down, which leads to ret_from_fork_asm, and the registers of user mode.
 */
__visible int copy_thread(struct task_struct *p,
			  const struct kernel_clone_args *args)
{
	unsigned long clone_flags = args->flags;
	unsigned long sp = args->stack;
	unsigned long tls = args->tls;
	struct inactive_task_frame *frame;
	struct fork_frame *fork_frame;
	struct pt_regs *childregs;
	unsigned long new_ssp;
	int ret = 0;

	childregs = task_pt_regs(p);
	fork_frame = container_of(childregs, struct fork_frame, regs);
	frame = &fork_frame->frame;

	memset(frame, 0, sizeof(*frame));
	frame->bp = encode_frame_pointer(childregs);
	frame->ret_addr = (unsigned long)ret_from_fork_asm;
	p->thread.sp = (unsigned long)fork_frame;

	current_save_fsgs();
	p->thread.fsindex = current->thread.fsindex;
	p->thread.fsbase = current->thread.fsbase;
	p->thread.gsindex = current->thread.gsindex;
	p->thread.gsbase = current->thread.gsbase;
	savesegment(es, p->thread.es);
	savesegment(ds, p->thread.ds);

	/* A thread needs a shadow stack of its own, if there are any. */
	new_ssp = shstk_alloc_thread_stack(p, clone_flags, args->stack_size);
	if (IS_ERR_VALUE(new_ssp))
		return PTR_ERR((void *)new_ssp);

	fpu_clone(p, clone_flags, args->fn, new_ssp);

	/* Kernel thread? */
	if (unlikely(p->flags & PF_KTHREAD)) {
		p->thread.pkru = pkru_get_init_value();
		memset(childregs, 0, sizeof(struct pt_regs));
		kthread_frame_init(frame, args->fn, args->fn_arg);
		return 0;
	}

	/* thread.pkru is valid only when scheduled out: current's is in the CPU. */
	p->thread.pkru = read_pkru();

	frame->bx = 0;
	*childregs = *current_pt_regs();
	childregs->ax = 0;
	if (sp)
		childregs->sp = sp;

	if (unlikely(args->fn)) {
		/*
		 * The kernel made it, and it may become a user program. Until then
		 * it has no user registers to go to, which 0 says to debuggers.
		 */
		childregs->sp = 0;
		childregs->ip = 0;
		kthread_frame_init(frame, args->fn, args->fn_arg);
		return 0;
	}

	/* Set a new TLS for the child thread? */
	if (clone_flags & CLONE_SETTLS)
		ret = set_new_tls(p, tls);

	if (!ret && unlikely(current->thread.io_bitmap != NULL))
		io_bitmap_share(p);
	if (ret)
		shstk_free(p);
	return ret;
}

/* x86_64 only: the first C of a new task, called by ret_from_fork_asm. */
__visible void ret_from_fork(struct task_struct *prev, struct pt_regs *regs,
			     int (*fn)(void *), void *fn_arg)
{
	schedule_tail(prev);

	if (unlikely(fn)) {
		/* It comes back only when it has made itself a user program. */
		fn(fn_arg);
		regs->ax = 0;
	}
	syscall_exit_to_user_mode(regs);
}

/*
 * A load of a selector into gs loads the base that is the kernel's now, too. No
 * interrupt may come before that is put right.
 */
static void load_gs_index(unsigned int selector)
{
	unsigned long flags;

	local_irq_save(flags);
	loadsegment(gs, selector);
	wrmsrq(MSR_GS_BASE, (unsigned long)&pcpu_hot);
	local_irq_restore(flags);
}

/* The bases come last: a selector that is not null brings its own. */
static void load_fsgs(const struct thread_struct *prev,
		      const struct thread_struct *next)
{
	unsigned int fs = next->fsindex;

	if (prev->fsindex | next->fsindex)
		loadsegment(fs, fs);
	if (prev->gsindex | next->gsindex)
		load_gs_index(next->gsindex);
	wrmsrq(MSR_FS_BASE, next->fsbase);
	wrmsrq(MSR_KERNEL_GS_BASE, next->gsbase);
}

/*
 * The C half of __switch_to_asm: on next's stack already, loads what else of next
 * the CPU holds. Its return goes where next was parked.
 */
__visible struct task_struct *__switch_to(struct task_struct *prev_p,
					  struct task_struct *next_p)
{
	struct thread_struct *prev = &prev_p->thread, *next = &next_p->thread;
	unsigned int sel;

	/* A kernel thread has no such state: the registers stay whose they are. */
	if (prev_p->mm)
		fpu_save(prev);
	if (next_p->mm)
		fpu_restore(next);

	savesegment(fs, prev->fsindex);
	savesegment(gs, prev->gsindex);
	prev->fsbase = rdmsrq(MSR_FS_BASE);
	prev->gsbase = rdmsrq(MSR_KERNEL_GS_BASE);
	load_fsgs(prev, next);
	savesegment(es, prev->es);
	savesegment(ds, prev->ds);
	sel = next->es;
	if (unlikely(prev->es | next->es))
		loadsegment(es, sel);
	sel = next->ds;
	if (unlikely(prev->ds | next->ds))
		loadsegment(ds, sel);

	prev->pkru = read_pkru();
	if (prev->pkru != next->pkru)
		write_pkru(next->pkru);
	shstk_switch(prev_p, next_p);

	pcpu_hot.current_task = next_p;
	load_sp0(&init_tss, task_top_of_stack(next_p));

	if (unlikely(prev->io_bitmap || next->io_bitmap))
		load_io_bitmap(next);

	return prev_p;
}

/* x86 only: arm64 has no segments. */
void load_user_segments(unsigned long fs, unsigned long gs)
{
	loadsegment(fs, fs);
	load_gs_index(gs);
}

void flush_thread(void)
{
	struct thread_struct *t = &current->thread;
	unsigned int es = 0, ds = 0;

	loadsegment(es, es);
	loadsegment(ds, ds);
	load_user_segments(0, 0);
	wrmsrq(MSR_FS_BASE, 0);
	wrmsrq(MSR_KERNEL_GS_BASE, 0);
	fpu_flush();
	write_pkru(pkru_get_init_value());
	shstk_reset(t);
	t->features_locked = 0;
}

void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->orig_ax = -1;
	regs->ip = pc;
	regs->cs = __USER_CS;
	regs->flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	regs->sp = sp;
	regs->ss = __USER_DS;
}

void exit_thread(struct task_struct *tsk)
{
	io_bitmap_exit(tsk);
	shstk_free(tsk);		/* of one that failed to be made */
}

void arch_cpu_idle(void)
{
	arch_safe_halt();
	local_irq_disable();
}

/*
 * Port 0x501 is QEMU's isa-debug-exit; 0x46 in the high byte tells forkscope that the low
 * one is the exit status itself. 0x604 is PM1a_CNT of the PIIX4's power management as the
 * firmware places it: SLP_EN with type 0 is S5.
 */
void machine_power_off(int status)
{
	local_irq_disable();
	outw(0x4600 | (status & 0xff), 0x501);
	outw(0x2000, 0x604);
	for (;;)
		__asm__ __volatile__("hlt");
}

/* The keyboard controller's reset pulse, then a triple fault. */
void machine_restart(void)
{
	static const struct { u16 limit; u64 base; } __packed no_idt;

	local_irq_disable();
	outb(0xfe, 0x64);
	__asm__ __volatile__("lidt %0; int3" : : "m" (no_idt));
	for (;;)
		__asm__ __volatile__("hlt");
}

/* x86_64 only: where i386 has descriptors, a thread says the bases themselves. */
#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004
#define ARCH_GET_CPUID	0x1011
#define ARCH_SET_CPUID	0x1012

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg2)
{
	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (arg2 >= TASK_SIZE)
			return -EPERM;
		if (option == ARCH_SET_FS) {
			unsigned int fs = 0;

			loadsegment(fs, fs);
			wrmsrq(MSR_FS_BASE, arg2);
		} else {
			load_gs_index(0);
			wrmsrq(MSR_KERNEL_GS_BASE, arg2);
		}
		return 0;
	case ARCH_GET_FS:
		return put_user(rdmsrq(MSR_FS_BASE), (unsigned long __user *)arg2);
	case ARCH_GET_GS:
		return put_user(rdmsrq(MSR_KERNEL_GS_BASE), (unsigned long __user *)arg2);
	case ARCH_GET_CPUID:		/* may programs execute it? */
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;
	}
	return shstk_prctl(current, option, arg2);
}
