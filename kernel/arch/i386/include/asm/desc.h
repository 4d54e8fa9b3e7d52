/* SPDX-License-Identifier: MIT */
#ifndef _ASM_DESC_H
#define _ASM_DESC_H

/*
 * i386 only: arm64 has no segments.
 * Their descriptors, the GDT and the one TSS. Layouts: IA-32 manual,
 * volume 3, "Segment Descriptors" and "Task Management".
 */
#include <linux/types.h>
#include <asm/processor.h>
#include <asm/segment.h>

/* What set_thread_area and CLONE_SETTLS pass; Linux's struct user_desc. */
struct user_desc {
	unsigned int entry_number;
	unsigned long base_addr;
	unsigned int limit;
	unsigned int flags;		/* USER_DESC_* */
};

/* Linux has these as bit-fields, in this order from bit 0. */
#define USER_DESC_SEG_32BIT		0x01
#define USER_DESC_CONTENTS_SHIFT	1
#define USER_DESC_CONTENTS		0x06
#define USER_DESC_READ_EXEC_ONLY	0x08
#define USER_DESC_LIMIT_IN_PAGES	0x10
#define USER_DESC_SEG_NOT_PRESENT	0x20
#define USER_DESC_USEABLE		0x40

/* The user_desc that asks for an empty descriptor. */
#define LDT_empty(info) \
	((info)->base_addr == 0 && (info)->limit == 0 && \
	 ((info)->flags & ~USER_DESC_USEABLE) == \
	 (USER_DESC_READ_EXEC_ONLY | USER_DESC_SEG_NOT_PRESENT))

/* The two words of a descriptor: always ring 3, never a system segment. */
#define LDT_entry_a(info) \
	((((info)->base_addr & 0x0000ffff) << 16) | ((info)->limit & 0x0ffff))

#define LDT_entry_b(info) \
	(((info)->base_addr & 0xff000000) | \
	 (((info)->base_addr & 0x00ff0000) >> 16) | \
	 ((info)->limit & 0xf0000) | \
	 (((info)->flags & USER_DESC_READ_EXEC_ONLY) ? 0 : 0x200) | \
	 (((info)->flags & USER_DESC_CONTENTS) << (10 - USER_DESC_CONTENTS_SHIFT)) | \
	 (((info)->flags & USER_DESC_SEG_NOT_PRESENT) ? 0 : 0x8000) | \
	 (((info)->flags & USER_DESC_SEG_32BIT) ? 0x400000 : 0) | \
	 (((info)->flags & USER_DESC_LIMIT_IN_PAGES) ? 0x800000 : 0) | \
	 (((info)->flags & USER_DESC_USEABLE) ? 0x100000 : 0) | \
	 0x7000)

#define IO_BITMAP_BITS		65536
#define IO_BITMAP_BYTES		(IO_BITMAP_BITS / 8)
#define IO_BITMAP_OFFSET	offsetof(struct tss_struct, io_bitmap)
/* Beyond the TSS's limit: every port is refused. */
#define INVALID_IO_BITMAP_OFFSET 0x8000

struct tss_struct {
	u16 back_link, __blh;
	unsigned long esp0;
	u16 ss0, __ss0h;
	unsigned long esp1;
	u16 ss1, __ss1h;
	unsigned long esp2;
	u16 ss2, __ss2h;
	unsigned long cr3;
	unsigned long eip;
	unsigned long eflags;
	unsigned long eax, ecx, edx, ebx;
	unsigned long esp, ebp, esi, edi;
	u16 es, __esh;
	u16 cs, __csh;
	u16 ss, __ssh;
	u16 ds, __dsh;
	u16 fs, __fsh;
	u16 gs, __gsh;
	u16 ldt, __ldth;
	u16 trace, io_bitmap_base;
	/* One bit a port, 1 refuses; the CPU wants one more byte of ones. */
	u8 io_bitmap[IO_BITMAP_BYTES + 4];
};

extern struct desc_struct gdt_table[GDT_ENTRIES];
extern struct tss_struct init_tss;

void desc_init(void);
/* Present, byte granular, of a type of the manual's table of system segments. */
void set_system_desc(unsigned int entry, unsigned int type, const void *addr,
		     unsigned long size);
void load_TLS(const struct thread_struct *thread);
void load_io_bitmap(const struct thread_struct *thread);

static inline void load_esp0(struct tss_struct *tss, unsigned long esp0)
{
	tss->esp0 = esp0;
}

#endif
