/*
 * Privileged instructions and transfers, one test after the other, each with what it did printed to port 0xe9. The same image runs on QEMU
 * and on the CPU under test; what they print must be the same. Segment limits are not looked at here: QEMU does not check them.
 */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

struct regs {
	u32 gs, fs, es, ds, edi, esi, ebp, esp0, ebx, edx, ecx, eax, vector, error, eip, cs, eflags, esp, ss;
	u32 v86_es, v86_ds, v86_fs, v86_gs;
};

struct tss {
	u32 link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, iomap;
	u8 bitmap[128 + 1];
} __attribute__((aligned(256)));

extern char stack_top[], trap_stack_top[], user_stack_top[], ring1_stack_top[], vectors[];
int run(void (*test)(void));
void recover(void);
void load_tables(void);

u32 gdt[64], idt[512], ldt[16];
struct tss tss, tss2;
struct { u16 limit; u32 base; } __attribute__((packed)) gdtr, idtr;
u32 page_dir[1024] __attribute__((aligned(4096)));
u32 page_table[1024] __attribute__((aligned(4096)));
u32 page_table2[1024] __attribute__((aligned(4096)));
u32 pae_dir[4][1024] __attribute__((aligned(4096)));
u32 pdpt[8] __attribute__((aligned(32)));
u32 out[16], ignore_eax;
u32 result_count;

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0, %1" : : "a"(v), "d"(port)); }
static void put(const char *s) { while (*s) outb(0xe9, *s++); }
static void hex(u32 v)
{
	int i = 28;

	while (i > 0 && v >> i == 0)
		i -= 4;
	for (; i >= 0; i -= 4)
		outb(0xe9, "0123456789abcdef"[v >> i & 15]);
}
static void field(const char *name, u32 v)
{
	put(" ");
	put(name);
	put("=");
	hex(v);
}

void show(u32 v)
{
	put(" ");
	hex(v);
}

static u32 read_cr2(void) { u32 v; __asm__ volatile("movl %%cr2, %0" : "=r"(v)); return v; }
static u32 read_cr0(void) { u32 v; __asm__ volatile("movl %%cr0, %0" : "=r"(v)); return v; }
static u32 read_dr6(void) { u32 v; __asm__ volatile("movl %%dr6, %0" : "=r"(v)); return v; }
static u32 read_tr(void) { u32 v = 0; __asm__ volatile("str %%eax" : "=a"(v)); return v & 0xffff; }

void trap(struct regs *r)
{
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x400));
	put(" |");
	field("vec", r->vector);
	field("err", r->error);
	field("eip", r->eip);
	field("cs", r->cs & 0xffff);
	/* RF in the image: QEMU does not set it. */
	field("fl", r->eflags & ~0x10000);
	if (r->vector == 14)
		field("cr2", read_cr2());
	if (r->vector == 1)
		field("dr6", read_dr6() & 0xe00f);
	if ((r->cs & 3) || r->eflags & 0x20000) {
		field("esp", r->esp);
		field("ss", r->ss & 0xffff);
	} else {
		field("sp", (u32)&r->esp);
	}
	if (r->eflags & 0x20000) {
		field("ves", r->v86_es);
		field("vds", r->v86_ds);
		field("vfs", r->v86_fs);
		field("vgs", r->v86_gs);
	}
	field("eax", r->eax);
	field("ecx", r->ecx);
	field("edx", r->edx);
	field("ebx", r->ebx);
	field("ebp", r->ebp);
	field("esi", r->esi);
	field("edi", r->edi);
	field("ds", r->ds & 0xffff);
	field("es", r->es & 0xffff);
	field("fs", r->fs & 0xffff);
	field("gs", r->gs & 0xffff);
	field("cr0", read_cr0() & 0x8000000f);
	recover();
}

static void set(u32 *table, int sel, u32 base, u32 limit, u32 access, u32 flags)
{
	table[sel / 4] = base << 16 | (limit & 0xffff);
	table[sel / 4 + 1] = (base & 0xff000000) | (base >> 16 & 0xff) | (limit & 0xf0000) | access << 8 | flags << 20;
}

static void gate(u32 *table, int at, u32 sel, u32 offset, u32 access, u32 params)
{
	table[at / 4] = sel << 16 | (offset & 0xffff);
	table[at / 4 + 1] = (offset & 0xffff0000) | access << 8 | params;
}

void gate_target(void);
void task_target(void);

static void zero(void *p, u32 n)
{
	u8 *b = p;

	while (n--)
		*b++ = 0;
}

static void reset(void)
{
	u32 i;

	__asm__ volatile("movl %0, %%cr0" : : "r"(0x00000011));
	__asm__ volatile("movl %0, %%cr4" : : "r"(0));
	__asm__ volatile("movl %0, %%dr7" : : "r"(0x400));
	__asm__ volatile("movl %0, %%dr6" : : "r"(0));
	zero(gdt, sizeof gdt);
	zero(ldt, sizeof ldt);
	zero(&tss, sizeof tss);
	zero(&tss2, sizeof tss2);
	zero(out, sizeof out);
	set(gdt, 0x08, 0, 0xfffff, 0x9b, 0xc);
	set(gdt, 0x10, 0, 0xfffff, 0x93, 0xc);
	set(gdt, 0x18, 0, 0xfffff, 0xfb, 0xc);
	set(gdt, 0x20, 0, 0xfffff, 0xf3, 0xc);
	set(gdt, 0x28, (u32)&tss, sizeof tss - 1, 0x89, 0);
	set(gdt, 0x30, (u32)ldt, sizeof ldt - 1, 0x82, 0);
	set(gdt, 0x38, (u32)&tss2, sizeof tss2 - 1, 0x89, 0);
	set(gdt, 0x40, 0, 0xffff, 0x9b, 0);
	set(gdt, 0x48, 0, 0xffff, 0x93, 0);
	set(gdt, 0x50, 0, 0xfffff, 0x9f, 0xc);		/* conforming */
	gate(gdt, 0x58, 0x08, (u32)gate_target, 0xec, 2);
	gate(gdt, 0x60, 0x08, 0x7000, 0xe4, 3);
	gate(gdt, 0x68, 0x08, (u32)gate_target, 0x6c, 0);	/* not present */
	gate(gdt, 0x70, 0x38, 0, 0xe5, 0);		/* task gate */
	set(gdt, 0x78, 0, 0xfffff, 0x13, 0xc);		/* not present */
	set(gdt, 0x80, 0, 0xfffff, 0xf1, 0xc);		/* read-only */
	set(gdt, 0x88, 0, 0xfffff, 0xf9, 0xc);		/* execute-only */
	gate(gdt, 0x90, 0x50, (u32)gate_target, 0xec, 0);
	set(gdt, 0x98, 0, 0xfffff, 0x1b, 0xc);		/* not present */
	gate(gdt, 0xa8, 0x10, (u32)gate_target, 0xec, 0);	/* to data */
	set(gdt, 0xb0, 0, 0xfffff, 0xbb, 0xc);		/* ring 1 */
	set(gdt, 0xb8, 0, 0xfffff, 0xb3, 0xc);
	gate(gdt, 0xc0, 0xb0, (u32)gate_target, 0xec, 1);	/* to ring 1 */
	gate(gdt, 0xc8, 0x08, (u32)gate_target, 0x8c, 0);	/* DPL 0 */
	set(gdt, 0xd0, 0, 0xfffff, 0x92, 0xc);		/* not accessed yet */
	set(gdt, 0xd8, 0x1000, 0xfff, 0xf7, 0x4);	/* expand-down */
	set(ldt, 0x08, 0x200, 0x1ff, 0xf3, 0x4);
	set(ldt, 0x10, 0, 0xfffff, 0xfb, 0xc);
	tss.esp0 = (u32)trap_stack_top;
	tss.ss0 = 0x10;
	tss.esp1 = (u32)ring1_stack_top;
	tss.ss1 = 0xb9;
	tss.iomap = 0x68;
	for (i = 0; i < 128; i++)
		tss.bitmap[i] = 0xff;
	tss.bitmap[0x80 / 8] = 0xfe;	/* port 0x80 only */
	tss.bitmap[128] = 0xff;
	tss2.esp0 = (u32)trap_stack_top;
	tss2.ss0 = 0x10;
	tss2.eip = (u32)task_target;
	tss2.eflags = 0x2;
	tss2.esp = (u32)ring1_stack_top;
	tss2.cs = 0x08;
	tss2.ss = tss2.ds = tss2.es = 0x10;
	tss2.fs = 0x23;
	tss2.ldt = 0x30;
	tss2.eax = 0xaaaa0001;
	tss2.edi = 0xaaaa0002;
	tss2.iomap = 0x68;
	for (i = 0; i < 256; i++)
		gate(idt, i * 8, 0x08, (u32)vectors + i * 16, i == 0x81 || i == 3 || i == 4 ? 0xee : 0x8e, 0);
	gate(idt, 0x82 * 8, 0x38, 0, 0xe5, 0);
	gate(idt, 0x83 * 8, 0x50, (u32)vectors + 0x83 * 16, 0xef, 0);	/* trap gate to conforming code */
	gate(idt, 0x84 * 8, 0x08, (u32)vectors + 0x84 * 16, 0x6e, 0);	/* not present */
	gate(idt, 0x85 * 8, 0x10, (u32)vectors + 0x85 * 16, 0xee, 0);	/* to data */
	gate(idt, 0x86 * 8, 0xb0, (u32)vectors + 0x86 * 16, 0xee, 0);	/* to ring 1 */
	gate(idt, 0x87 * 8, 0x08, 0x7000, 0xe6, 0);	/* 16-bit gate */
	gdtr.limit = sizeof gdt - 1;
	gdtr.base = (u32)gdt;
	idtr.limit = sizeof idt - 1;
	idtr.base = (u32)idt;
	for (i = 0; i < 1024; i++) {
		page_table[i] = i << 12 | 7;
		page_table2[i] = 0;
	}
	zero(page_dir, sizeof page_dir);
	page_dir[0] = (u32)page_table | 7;
	page_dir[1] = (u32)page_table2 | 7;
	zero(pae_dir, sizeof pae_dir);
	zero(pdpt, sizeof pdpt);
	pdpt[0] = (u32)pae_dir[0] | 1;
	pae_dir[0][0] = 0x87;		/* 2 MB one to one */
	pae_dir[0][2] = (u32)pae_dir[1] | 7;
	load_tables();
}

#include "tests.h"

int main(void)
{
	u32 i, k;

	outb(0x21, 0xff);	/* no interrupts from devices */
	outb(0xa1, 0xff);
	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		reset();
		put(tests[i].name);
		put(":");
		if (run(tests[i].f) == 0)
			put(" done");
		for (k = 0; k < 16; k++)
			if (out[k])
				field("out", out[k]);
		field("tr", read_tr());
		put("\n");
	}
	put("end\n");
	return 0;
}
