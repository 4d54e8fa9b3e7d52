/*
 * Privileged instructions, transfers and paging in long mode, one test after the other, each with what it did printed to port 0xe9. The same
 * image runs on QEMU and on the CPU under test; what they print must be the same.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

struct frame {
	u64 r11, rdi, rsi, rdx, rcx, rax, vector, error, rip, cs, rflags, rsp, ss;
};

struct tss {
	u32 reserved;
	u64 rsp[3], reserved2, ist[7], reserved3;
	u16 reserved4, iomap;
} __attribute__((packed));

extern char trap_stack_top[], ist_stack_top[], user_stack_top[], vectors[], syscall_entry[], user_page[];
extern u64 pml4[], pdpt[], pages_2m[];
int run(void (*test)(void));
void load_tables(void);

u64 gdt[32], idt[512];
struct tss tss;
struct { u16 limit; u64 base; } __attribute__((packed)) gdtr, idtr;
/* Pages of 4 KB for 0x40000000 and on, and of 1 GB for 0x80000000. */
u64 page_dir[512] __attribute__((aligned(4096)));
u64 page_table[512] __attribute__((aligned(4096)));
u8 data[8][4096] __attribute__((aligned(4096)));
u8 area[1024] __attribute__((aligned(64)));
u64 out[16];

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "d"(port)); }
static void put(const char *s) { while (*s) outb(0xe9, *s++); }

static void field(const char *name, u64 v)
{
	int i = 60;

	put(" ");
	put(name);
	put("=");
	while (i > 0 && v >> i == 0)
		i -= 4;
	for (; i >= 0; i -= 4)
		outb(0xe9, "0123456789abcdef"[v >> i & 15]);
}

void trap(struct frame *f)
{
	u64 cr2;

	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	field("vec", f->vector);
	field("err", f->error);
	if (f->vector == 14)
		field("cr2", cr2);
	field("cs", f->cs);
	field("ss", f->ss);
	field("rflags", f->rflags & ~0x108d5);	/* RF is not compared */
	if (f->vector == 0x81) {
		field("rax", f->rax);
		field("rcx", f->rcx);
		field("rdx", f->rdx);
		field("rsp", f->rsp);
	}
	field("at", (u64)f & 0xfff);
	field("aligned", (u64)(&f->ss + 1) & 15);
}

static void gate(int v, u32 type, int ist)
{
	u64 at = (u64)vectors + 16 * v;

	idt[2 * v] = (at & 0xffff) | 8 << 16 | (u64)ist << 32 | (u64)type << 40 | (at >> 16 & 0xffff) << 48;
	idt[2 * v + 1] = at >> 32;
}

static void set_up(void)
{
	int i;

	for (i = 0; i < 256; i++)
		gate(i, 0x8e, 0);
	gate(3, 0xef, 0);
	gate(8, 0x8e, 1);
	gate(12, 0x8e, 1);	/* the stack pointer may be of no use */
	gate(0x81, 0xee, 0);
	gate(0x82, 0xee, 3);
	gate(0x83, 0x0e, 0);	/* absent */
	gate(0x84, 0x86, 0);	/* of 16 bits */
	gate(0x85, 0x85, 0);	/* a task gate */
	gate(0x86, 0xee, 0);
	idt[2 * 0x86] = (idt[2 * 0x86] & ~(0xffffUL << 16)) | 0x50 << 16;	/* to 32-bit code */
	gdt[1] = 0x00af9b000000ffff;	/* 8: kernel code */
	gdt[2] = 0x00cf93000000ffff;	/* 10: kernel data */
	gdt[3] = 0x00ef9b000000ffff;	/* 18: L and D */
	gdt[4] = 0x00cffb000000ffff;	/* 23: user code of 32 bits */
	gdt[5] = 0x00cff3000000ffff;	/* 2b: user data */
	gdt[6] = 0x00affb000000ffff;	/* 33: user code */
	gdt[7] = 0x00cff3000000ffff;	/* 3b: user data */
	gdt[8] = 0x00af1b000000ffff;	/* 40: absent code */
	gdt[9] = 0x00cf13000000ffff;	/* 48: absent data */
	gdt[10] = 0x00cf9b000000ffff;	/* 50: kernel code of 32 bits */
	gdt[11] = 0xaacff3bbccddffff;	/* 58: data with a base */
	gdt[12] = (sizeof tss - 1) | ((u64)&tss & 0xffffff) << 16 | 0x89UL << 40 | (u64)&tss >> 24 << 56;
	gdt[13] = 0;
	gdt[14] = (sizeof tss - 1) | ((u64)&tss & 0xffffff) << 16 | 0x89UL << 40 | (u64)&tss >> 24 << 56;	/* 70: TSS beyond what is canonical */
	gdt[15] = 0x12345678;
	gdt[16] = 0x0000820000100fff;	/* 80: LDT */
	gdt[17] = 0xffff8000;
	gdt[18] = 0x0000810000000067;	/* 90: TSS of 16 bits */
	gdtr.limit = sizeof gdt - 1;
	gdtr.base = (u64)gdt;
	idtr.limit = 0x90 * 16 - 1;
	idtr.base = (u64)idt;
	tss.rsp[0] = (u64)trap_stack_top;
	tss.ist[0] = (u64)ist_stack_top - 4096;
	tss.ist[2] = (u64)ist_stack_top - 8;
	tss.iomap = sizeof tss;
	load_tables();
}

/* Entries for the pages at 0x40000000: data[i], with these bits. */
enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, G = 0x100 };
#define NX (1UL << 63)

static void map(void)
{
	static const u64 bits[8] = { P | W, P, P | W | U, P | U, P | W | U | NX, 0, P | W | U | 1UL << 45, P | W | U | 1UL << 59 };
	int i;

	for (i = 0; i < 8; i++)
		page_table[i] = (u64)data[i] | bits[i];
	for (i = 8; i < 512; i++)
		page_table[i] = 0;
	page_dir[0] = (u64)page_table | P | W | U;
	page_dir[1] = 0x200000 | P | W | 0x80 | 1 << 14;	/* a reserved bit of a page of 2 MB */
	page_dir[2] = (u64)page_table | P | U;			/* no right to write here */
	page_dir[3] = (u64)page_table | P | W | U | NX;
	pdpt[1] = (u64)page_dir | P | W | U;
	pdpt[2] = P | W | 0x80;					/* 1 GB */
	pdpt[3] = P | W | 0x80 | 1 << 20;			/* with a reserved bit */
	page_dir[4] = P | W | U | 0x80;				/* what user mode sees of code and its stack */
	pml4[1] = (u64)pdpt | P | W | 0x80;			/* a reserved bit */
	for (i = 0; i < 8; i++)
		data[i][0] = 0xc3;
	__asm__ volatile("movq %0, %%cr3" : : "r"(pml4) : "memory");
}

#include "tests.h"

int main(void)
{
	int i, k;

	for (i = 0; tests[i].name; i++) {
		set_up();
		map();
		for (k = 0; k < 16; k++)
			out[k] = 0;
		put(tests[i].name);
		put(":");
		if (run(tests[i].test) == 0)
			put(" ok");
		put(" out=");
		for (k = 0; k < 16; k++)
			if (out[k])
				field("", out[k]);
		__asm__ volatile("wrmsr" : : "c"(0xc0000080), "a"(0x901), "d"(0));
		__asm__ volatile("movq %0, %%cr4; movq %0, %%rax; movq %1, %%cr0" : : "r"(0x620UL), "r"(0x80010033UL) : "rax");
		put("\n");
	}
	return 0;
}
