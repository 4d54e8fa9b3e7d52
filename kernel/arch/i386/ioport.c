// SPDX-License-Identifier: MIT
/*
 * i386 only: arm64 has no ports.
 * I/O port access for user programs: the TSS's permission bitmap, and IOPL.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/desc.h>

SYSCALL_DEFINE3(ioperm, unsigned long, from, unsigned long, num, int, turn_on)
{
	struct thread_struct *t = &current->thread;
	unsigned long max, port;
	u8 *bitmap;

	if (from + num <= from || from + num > IO_BITMAP_BITS)
		return -EINVAL;
	if (turn_on && current->euid)
		return -EPERM;

	if (!t->io_bitmap_ptr) {
		t->io_bitmap_ptr = kmalloc(IO_BITMAP_BYTES, GFP_KERNEL);
		if (!t->io_bitmap_ptr)
			return -ENOMEM;
		memset(t->io_bitmap_ptr, 0xff, IO_BITMAP_BYTES);
	}

	bitmap = (u8 *)t->io_bitmap_ptr;
	for (port = from; port < from + num; port++) {
		if (turn_on)
			bitmap[port / 8] &= ~(1 << (port % 8));
		else
			bitmap[port / 8] |= 1 << (port % 8);
	}

	max = 0;
	for (unsigned long i = 0; i < IO_BITMAP_BYTES; i++)
		if (bitmap[i] != 0xff)
			max = i + 1;
	t->io_bitmap_max = max;
	load_io_bitmap(t);
	return 0;
}

SYSCALL_DEFINE1(iopl, unsigned int, level)
{
	struct pt_regs *regs = current_pt_regs();
	unsigned int old = (regs->eflags >> 12) & 3;

	if (level > 3)
		return -EINVAL;
	if (level > old && current->euid)
		return -EPERM;
	regs->eflags = (regs->eflags & ~X86_EFLAGS_IOPL) | (level << 12);
	return 0;
}
