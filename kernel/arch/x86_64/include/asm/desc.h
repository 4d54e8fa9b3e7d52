/* SPDX-License-Identifier: MIT */
#ifndef _ASM_DESC_H
#define _ASM_DESC_H

/*
 * x86 only: arm64 has no segments.
 * Their descriptors, the GDT and the one TSS. Layouts: Intel manual,
 * volume 3, "Segment Descriptors" and "Task Management in 64-bit Mode".
 */
#include <linux/types.h>
#include <asm/processor.h>
#include <asm/segment.h>

/* What modify_ldt passes; Linux's struct user_desc. */
struct user_desc {
	unsigned int entry_number;
	unsigned int base_addr;
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

/* Exceptions that come where the stack may be anybody's have stacks of their own. */
#define IST_DF		1
#define IST_NMI		2
#define IST_DB		3
#define IST_MCE		4
#define NR_IST		4

struct tss_struct {
	u32 reserved1;
	u64 sp0;
	u64 sp1;
	u64 sp2;
	u64 reserved2;
	u64 ist[7];			/* IST_* - 1 */
	u32 reserved3;
	u32 reserved4;
	u16 reserved5;
	u16 io_bitmap_base;
	/* One bit a port, 1 refuses; the CPU wants one more byte of ones. */
	u8 io_bitmap[IO_BITMAP_BYTES + 4];
} __packed;

/* The ports of a task, or of several that got it by fork. */
struct io_bitmap {
	atomic_t refcnt;
	unsigned int max;		/* bytes of it that hold a 0 bit */
	u8 bitmap[IO_BITMAP_BYTES];
};

extern struct desc_struct gdt_table[GDT_ENTRIES];
extern struct tss_struct init_tss;

void desc_init(void);
/* Present, byte granular, of a type of the manual's table of system segments. */
void set_system_desc(unsigned int entry, unsigned int type, const void *addr,
		     unsigned long size);
void load_io_bitmap(const struct thread_struct *thread);
/* fork: the child's ports are the parent's, until one of them changes its own. */
void io_bitmap_share(struct task_struct *tsk);
void io_bitmap_exit(struct task_struct *tsk);

/* Where the next entry from user mode begins: that of an interrupt, and that of syscall. */
static inline void load_sp0(struct tss_struct *tss, unsigned long sp0)
{
	tss->sp0 = sp0;
	pcpu_hot.top_of_stack = sp0;
}

#endif
