// SPDX-License-Identifier: MIT
/*
 * x86 only: arm64 has no segments.
 * Their descriptors: the GDT and the TSS. A thread's own data is found by the
 * base of FS, which needs no descriptor.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <asm/desc.h>

/* Flat segments, already marked accessed; for code L says 64 bits, else D 32. */
#define FLAT_CODE64(dpl) { 0x0000ffff, 0x00af9b00 | ((dpl) << 13) }
#define FLAT_CODE32(dpl) { 0x0000ffff, 0x00cf9b00 | ((dpl) << 13) }
#define FLAT_DATA(dpl)	{ 0x0000ffff, 0x00cf9300 | ((dpl) << 13) }

struct desc_struct gdt_table[GDT_ENTRIES] __aligned(8) = {
	[GDT_ENTRY_KERNEL_CS] = FLAT_CODE64(0),
	[GDT_ENTRY_KERNEL_DS] = FLAT_DATA(0),
	[GDT_ENTRY_USER32_CS] = FLAT_CODE32(3),
	[GDT_ENTRY_USER_DS] = FLAT_DATA(3),
	[GDT_ENTRY_USER_CS] = FLAT_CODE64(3),
};

/* As thread stacks are, so that current is found on them, too. */
static union thread_union ist_stacks[NR_IST] __aligned(THREAD_SIZE);

struct tss_struct init_tss __aligned(128);

/* What lgdt loads: limit and address, the latter not on a multiple of 8. */
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
	gdt_table[entry + 1].a = base >> 32;
	gdt_table[entry + 1].b = 0;
}

void desc_init(void)
{
	struct tss_struct *tss = &init_tss;

	load_sp0(tss, task_top_of_stack(&init_task));
	for (int i = 0; i < NR_IST; i++)
		tss->ist[i] = (unsigned long)(ist_stacks + i + 1);
	tss->io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
	memset(tss->io_bitmap, 0xff, sizeof(tss->io_bitmap));

	/* 9: an available 64-bit TSS. */
	set_system_desc(GDT_ENTRY_TSS, 9, tss, sizeof(*tss));
	__asm__ __volatile__("ltr %w0" : : "r" (GDT_ENTRY_TSS * 8));
}

void load_io_bitmap(const struct thread_struct *thread)
{
	if (!thread->io_bitmap) {
		init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET;
		return;
	}
	memcpy(init_tss.io_bitmap, thread->io_bitmap->bitmap, IO_BITMAP_BYTES);
	init_tss.io_bitmap_base = IO_BITMAP_OFFSET;
}
