// SPDX-License-Identifier: MIT
/*
 * x86 only: arm64 has no ports.
 * I/O port access for user programs: the TSS's permission bitmap, and IOPL.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/desc.h>

/* x86_64 only: on i386 each task has a copy of its own from the start. */
void io_bitmap_share(struct task_struct *tsk)
{
	tsk->thread.io_bitmap = current->thread.io_bitmap;
	atomic_inc(&tsk->thread.io_bitmap->refcnt);
}

void io_bitmap_exit(struct task_struct *tsk)
{
	struct io_bitmap *iobm = tsk->thread.io_bitmap;

	if (!iobm)
		return;
	tsk->thread.io_bitmap = NULL;
	if (tsk == current)
		load_io_bitmap(&tsk->thread);
	if (atomic_dec_and_test(&iobm->refcnt))
		kfree(iobm);
}

/* One that nobody else has: current's, a copy of it, or one without ports. */
static struct io_bitmap *io_bitmap_own(void)
{
	struct io_bitmap *old = current->thread.io_bitmap, *iobm;

	if (old && atomic_read(&old->refcnt) == 1)
		return old;
	iobm = kmalloc(sizeof(*iobm), GFP_KERNEL);
	if (!iobm)
		return NULL;
	if (old) {
		memcpy(iobm, old, sizeof(*iobm));
		io_bitmap_exit(current);
	} else {
		memset(iobm->bitmap, 0xff, IO_BITMAP_BYTES);
	}
	atomic_set(&iobm->refcnt, 1);
	current->thread.io_bitmap = iobm;
	return iobm;
}

SYSCALL_DEFINE3(ioperm, unsigned long, from, unsigned long, num, int, turn_on)
{
	struct io_bitmap *iobm;
	u8 *bitmap;

	if (from + num <= from || from + num > IO_BITMAP_BITS)
		return -EINVAL;
	if (turn_on && current->euid)
		return -EPERM;
	iobm = io_bitmap_own();
	if (!iobm)
		return -ENOMEM;

	bitmap = iobm->bitmap;
	for (unsigned long port = from; port < from + num; port++) {
		if (turn_on)
			bitmap[port / 8] &= ~(1 << (port % 8));
		else
			bitmap[port / 8] |= 1 << (port % 8);
	}

	iobm->max = 0;
	for (unsigned int i = 0; i < IO_BITMAP_BYTES; i++)
		if (bitmap[i] != 0xff)
			iobm->max = i + 1;
	load_io_bitmap(&current->thread);
	return 0;
}

SYSCALL_DEFINE1(iopl, unsigned int, level)
{
	struct pt_regs *regs = current_pt_regs();
	unsigned int old = (regs->flags >> 12) & 3;

	if (level > 3)
		return -EINVAL;
	if (level > old && current->euid)
		return -EPERM;
	regs->flags = (regs->flags & ~X86_EFLAGS_IOPL) | (level << 12);
	return 0;
}
