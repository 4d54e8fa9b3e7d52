// SPDX-License-Identifier: MIT
/*
 * i386 only: arm64 has no segments.
 * Their descriptors: the GDT, the TSS, and the thread-local segments that
 * programs set with set_thread_area.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/desc.h>

/* Flat 4 GiB segments, already marked accessed. */
#define FLAT_CODE(dpl)	{ 0x0000ffff, 0x00cf9b00 | ((dpl) << 13) }
#define FLAT_DATA(dpl)	{ 0x0000ffff, 0x00cf9300 | ((dpl) << 13) }

struct desc_struct gdt_table[GDT_ENTRIES] __aligned(8) = {
	[GDT_ENTRY_KERNEL_CS] = FLAT_CODE(0),
	[GDT_ENTRY_KERNEL_DS] = FLAT_DATA(0),
	[GDT_ENTRY_USER_CS] = FLAT_CODE(3),
	[GDT_ENTRY_USER_DS] = FLAT_DATA(3),
};

struct tss_struct init_tss __aligned(128);

/* What lgdt loads: limit and address, the latter not on a multiple of 4. */
struct gdt_pointer {
	u16 limit;
	unsigned long base;
} __packed;

const struct gdt_pointer gdt_descr = {
	.limit = sizeof(gdt_table) - 1,
	.base = (unsigned long)gdt_table,
};

void set_system_desc(unsigned int entry, unsigned int type, const void *addr,
		     unsigned long size)
{
	unsigned long base = (unsigned long)addr, limit = size - 1;

	gdt_table[entry].a = (base << 16) | (limit & 0xffff);
	gdt_table[entry].b = (base & 0xff000000) | (limit & 0xf0000) |
			     0x8000 | (type << 8) | ((base >> 16) & 0xff);
}

void desc_init(void)
{
	struct tss_struct *tss = &init_tss;

	tss->ss0 = __KERNEL_DS;
	tss->esp0 = init_task.thread.esp0;
	tss->io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
	memset(tss->io_bitmap, 0xff, sizeof(tss->io_bitmap));

	/* 9: an available 32-bit TSS. */
	set_system_desc(GDT_ENTRY_TSS, 9, tss, sizeof(*tss));
	__asm__ __volatile__("ltr %w0" : : "r" (GDT_ENTRY_TSS * 8));
}

/* i386 only: on x86_64 a thread has bases. The descriptors of the task that is about to run. */
void load_TLS(const struct thread_struct *thread)
{
	for (int i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		gdt_table[GDT_ENTRY_TLS_MIN + i] = thread->tls_array[i];
}

void load_io_bitmap(const struct thread_struct *thread)
{
	if (!thread->io_bitmap_ptr) {
		init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
		return;
	}
	memcpy(init_tss.io_bitmap, thread->io_bitmap_ptr, IO_BITMAP_BYTES);
	init_tss.io_bitmap_base = IO_BITMAP_OFFSET;
}

static bool desc_empty(const struct desc_struct *desc)
{
	return !(desc->a | desc->b);
}

static int get_free_idx(const struct thread_struct *thread)
{
	for (int i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
		if (desc_empty(&thread->tls_array[i]))
			return i + GDT_ENTRY_TLS_MIN;
	return -ESRCH;
}

/* i386 only: so here. */
SYSCALL_DEFINE1(set_thread_area, struct user_desc __user *, u_info)
{
	struct thread_struct *t = &current->thread;
	struct desc_struct *desc;
	struct user_desc info;
	int idx;

	if (copy_from_user(&info, u_info, sizeof(info)))
		return -EFAULT;
	idx = info.entry_number;

	/* -1: the kernel picks a free entry and says which. */
	if (idx == -1) {
		idx = get_free_idx(t);
		if (idx < 0)
			return idx;
		if (put_user(idx, &u_info->entry_number))
			return -EFAULT;
	}
	if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
		return -EINVAL;

	desc = t->tls_array + idx - GDT_ENTRY_TLS_MIN;
	if (LDT_empty(&info)) {
		desc->a = 0;
		desc->b = 0;
	} else {
		desc->a = LDT_entry_a(&info);
		desc->b = LDT_entry_b(&info);
	}
	load_TLS(t);
	return 0;
}

SYSCALL_DEFINE1(get_thread_area, struct user_desc __user *, u_info)
{
	const struct desc_struct *desc;
	struct user_desc info;
	unsigned long b;
	int idx;

	if (get_user(idx, &u_info->entry_number))
		return -EFAULT;
	if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
		return -EINVAL;

	desc = current->thread.tls_array + idx - GDT_ENTRY_TLS_MIN;
	b = desc->b;
	memset(&info, 0, sizeof(info));
	info.entry_number = idx;
	info.base_addr = (desc->a >> 16) | ((b & 0xff) << 16) | (b & 0xff000000);
	info.limit = (desc->a & 0xffff) | (b & 0xf0000);
	if (b & 0x400000)
		info.flags |= USER_DESC_SEG_32BIT;
	info.flags |= ((b >> 10) & 3) << USER_DESC_CONTENTS_SHIFT;
	if (!(b & 0x200))
		info.flags |= USER_DESC_READ_EXEC_ONLY;
	if (b & 0x800000)
		info.flags |= USER_DESC_LIMIT_IN_PAGES;
	if (!(b & 0x8000))
		info.flags |= USER_DESC_SEG_NOT_PRESENT;
	if (b & 0x100000)
		info.flags |= USER_DESC_USEABLE;
	if (copy_to_user(u_info, &info, sizeof(info)))
		return -EFAULT;
	return 0;
}
