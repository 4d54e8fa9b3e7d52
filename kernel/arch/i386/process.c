// SPDX-License-Identifier: MIT
/*
 * What is i386 about a task: its birth, its switch, its first user registers.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/arch.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/desc.h>
#include <asm/io.h>
#include <asm/switch_to.h>

asmlinkage void kernel_thread_helper(void);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next)
	__attribute__((regparm(2)));

__visible int arch_dup_task_struct(struct task_struct *dst,
				   struct task_struct *src)
{
	*dst = *src;
	/* The parent's; copy_thread makes the child one of its own. */
	dst->thread.io_bitmap_ptr = NULL;
	return 0;
}

/*
 * Registers of a kernel thread: its iret stays in the kernel and lands in
 * kernel_thread_helper, which calls fn(arg).
 */
static void kthread_frame_init(struct pt_regs *regs, unsigned long fn,
			       unsigned long arg)
{
	memset(regs, 0, sizeof(*regs));
	regs->ebx = fn;
	regs->edx = arg;
	regs->xds = __KERNEL_DS;
	regs->xes = __KERNEL_DS;
	regs->orig_eax = -1;
	regs->eip = (unsigned long)kernel_thread_helper;
	regs->xcs = __KERNEL_CS;
	regs->eflags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

/*
 * For a kernel thread esp is the function and arg its argument; else esp
 * is the new user stack pointer, 0 to go on with the parent's.
 */
__visible int copy_thread(unsigned long clone_flags, unsigned long esp,
			  unsigned long arg, struct task_struct *p,
			  unsigned long tls)
{
	struct pt_regs kthread_regs, *regs = current_pt_regs();
	struct pt_regs *childregs;
	struct task_struct *tsk;
	int err;

	if (p->flags & PF_KTHREAD) {
		kthread_frame_init(&kthread_regs, esp, arg);
		regs = &kthread_regs;
		esp = 0;
	} else if (!esp) {
		esp = regs->esp;
	}

	childregs = (struct pt_regs *)(THREAD_SIZE + (unsigned long)p->stack) - 1;
	childregs = (struct pt_regs *)((unsigned long)childregs - 8);
	*childregs = *regs;
	childregs->eax = 0;
	childregs->esp = esp;

	p->thread.esp = (unsigned long)childregs;
	p->thread.esp0 = (unsigned long)(childregs + 1);
	p->thread.eip = (unsigned long)ret_from_fork;

	savesegment(fs, p->thread.fs);
	savesegment(gs, p->thread.gs);
	fpu_clone(p);

	tsk = current;
	if (unlikely(tsk->thread.io_bitmap_ptr != NULL)) {
		p->thread.io_bitmap_ptr = kmalloc(IO_BITMAP_BYTES, GFP_KERNEL);
		if (!p->thread.io_bitmap_ptr) {
			p->thread.io_bitmap_max = 0;
			return -ENOMEM;
		}
		memcpy(p->thread.io_bitmap_ptr, tsk->thread.io_bitmap_ptr,
		       IO_BITMAP_BYTES);
	}

	/*
	 * A TLS segment of its own for the child? clone has the address of its
	 * user_desc in esi, and so does childregs->esi; clone3 has it in memory.
	 */
	err = 0;
	if (clone_flags & CLONE_SETTLS) {
		struct desc_struct *desc;
		struct user_desc info;
		int idx;

		err = -EFAULT;
		if (copy_from_user(&info, (void __user *)tls, sizeof(info)))
			goto out;
		err = -EINVAL;
		if (LDT_empty(&info))
			goto out;
		idx = info.entry_number;
		if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
			goto out;

		desc = p->thread.tls_array + idx - GDT_ENTRY_TLS_MIN;
		desc->a = LDT_entry_a(&info);
		desc->b = LDT_entry_b(&info);
		err = 0;
	}
out:
	if (err && p->thread.io_bitmap_ptr) {
		kfree(p->thread.io_bitmap_ptr);
		p->thread.io_bitmap_ptr = NULL;
		p->thread.io_bitmap_max = 0;
	}
	return err;
}

/*
 * The C half of cpu_switch_to: on next's stack already, loads what else of next
 * the CPU holds. Its return goes to next->thread.eip.
 */
__visible __attribute__((regparm(2)))
struct task_struct *__switch_to(struct task_struct *prev_p,
				struct task_struct *next_p)
{
	struct thread_struct *prev = &prev_p->thread, *next = &next_p->thread;

	/* A kernel thread has no such state: the registers stay whose they are. */
	if (prev_p->mm)
		fpu_save(prev);
	if (next_p->mm)
		fpu_restore(next);

	load_esp0(&init_tss, next->esp0);

	/* The selectors index the descriptors: those first. */
	savesegment(fs, prev->fs);
	savesegment(gs, prev->gs);
	load_TLS(next);
	if (prev->fs | next->fs)
		loadsegment(fs, next->fs);
	if (prev->gs | next->gs)
		loadsegment(gs, next->gs);

	if (unlikely(prev->io_bitmap_ptr || next->io_bitmap_ptr))
		load_io_bitmap(next);

	return prev_p;
}

/* i386 only: arm64 has no segments. */
void load_user_segments(unsigned long fs, unsigned long gs)
{
	loadsegment(fs, fs);
	loadsegment(gs, gs);
}

void flush_thread(void)
{
	struct thread_struct *t = &current->thread;

	memset(t->tls_array, 0, sizeof(t->tls_array));
	load_user_segments(0, 0);
	load_TLS(t);
	fpu_flush();
}

void start_thread(struct pt_regs *regs, unsigned long pc, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->xds = __USER_DS;
	regs->xes = __USER_DS;
	regs->orig_eax = -1;
	regs->eip = pc;
	regs->xcs = __USER_CS;
	regs->eflags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
	regs->esp = sp;
	regs->xss = __USER_DS;
}

void exit_thread(struct task_struct *tsk)
{
	struct thread_struct *t = &tsk->thread;

	if (!t->io_bitmap_ptr)
		return;
	kfree(t->io_bitmap_ptr);
	t->io_bitmap_ptr = NULL;
	t->io_bitmap_max = 0;
	if (tsk == current)
		load_io_bitmap(t);
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
	static const struct { u16 limit; u32 base; } __packed no_idt;

	local_irq_disable();
	outb(0xfe, 0x64);
	__asm__ __volatile__("lidt %0; int3" : : "m" (no_idt));
	for (;;)
		__asm__ __volatile__("hlt");
}
