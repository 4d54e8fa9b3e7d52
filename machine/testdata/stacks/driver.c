/* What is run on which stack; stacks.S runs it. */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

struct { u32 unused[3], esp, eip, ebp, ss, cs; } in;
struct { u32 eax, trap, ecx, esp, ebp, ebx, ss, cs, edx, esi, edi; } out;
extern u32 tss[26];
extern u16 idt[256][4];
extern const char traps[], done[], told[], back16[], back32[];
void run(void);
u32 memory[4];

#define PROGRAM 0x20000
#define STACKS 0x40000
#define INNER 0x80000

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
	put(name);
	hex(v);
}

/*
 * A snippet is assembled for a 16-bit and for a 32-bit code segment. CODE is its selector; the suffixes of the instructions say their operand
 * size. It ends at privilege 0 in `done`, at 3 by int $0x44.
 */
#define EACH(name, text) \
	__asm__(".text\n.code32\nCODE = 8\nCODE3 = 0x3b\ns32_" name ":\n" text "\n\tljmpl $8, $done\n" \
		".code16\nCODE = 0x10\nCODE3 = 0x43\ns16_" name ":\n" text "\n\tljmpl $8, $done\n.code32\n" \
		".section .snippets, \"a\"\n.long 9f, s32_" name ", s16_" name "\n.section .rodata\n9: .asciz \"" name "\"\n.text\n");
#define BOTH(name, text_w, text_l) EACH(name "w", text_w) EACH(name "l", text_l)

BOTH("push_reg", "pushw %ax", "pushl %ecx")
BOTH("push_sp", "pushw %sp", "pushl %esp")
BOTH("push_imm", "pushw $0x1234", "pushl $0x12345678")
BOTH("push_imm8", "pushw $-2", "pushl $-2")
BOTH("push_mem", "pushw memory", "pushl memory")
BOTH("push_stack", "pushw 4(%esp)", "pushl 4(%esp)")
BOTH("push_stack16", "pushw (%bp)", "pushl (%bp)")
BOTH("push_ds", "pushw %ds", "pushl %ds")
BOTH("push_fs", "pushw %fs", "pushl %fs")
BOTH("pop_reg", "popw %ax", "popl %ecx")
BOTH("pop_sp", "popw %sp", "popl %esp")
BOTH("pop_mem", "popw memory+4", "popl memory+4")
BOTH("pop_stack", "popw 4(%esp)", "popl 4(%esp)")
BOTH("pop_stack16", "popw (%bp)", "popl (%bp)")
BOTH("pop_fs", "pushw $0x18; popw %fs", "pushl $0xffff0018; popl %fs")
BOTH("pusha", "pushaw", "pushal")
BOTH("popa", "popaw", "popal")
BOTH("pushf", "pushfw", "pushfl")
BOTH("popf", "pushw $0x4fd7 & ~0x100; popfw; pushfw", "pushl $0x40fd7 & ~0x40100; popfl; pushfl")
BOTH("call", "callw 1f; nop; 1:", "calll 1f; nop; 1:")
BOTH("call_reg", "movl $1f, %eax; callw *%ax; nop; 1:", "movl $1f, %eax; calll *%eax; nop; 1:")
BOTH("call_mem", "movl $1f, memory+8; callw *memory+8; nop; 1:", "movl $1f, memory+8; calll *memory+8; nop; 1:")
BOTH("ret", "pushw $1f; retw; nop; 1:", "pushl $1f; retl; nop; 1:")
BOTH("ret_imm", "pushw $1f; retw $0x12; nop; 1:", "pushl $1f; retl $0x12; nop; 1:")
BOTH("ret_big", "pushw $1f; retw $0xfff2; nop; 1:", "pushl $1f; retl $0xfff2; nop; 1:")
BOTH("lcall", "lcallw $CODE, $1f; nop; 1:", "lcalll $CODE, $1f; nop; 1:")
BOTH("lcall_mem", "movw $1f, memory+8; movw $CODE, memory+10; lcallw *memory+8; nop; 1:",
	"movl $1f, memory+8; movw $CODE, memory+12; lcalll *memory+8; nop; 1:")
BOTH("lret", "pushw $CODE; pushw $1f; lretw; nop; 1:", "pushl $CODE; pushl $1f; lretl; nop; 1:")
BOTH("lret_imm", "pushw $CODE; pushw $1f; lretw $6; nop; 1:", "pushl $CODE; pushl $1f; lretl $6; nop; 1:")
BOTH("iret", "pushfw; pushw $CODE; pushw $1f; iretw; nop; 1:", "pushfl; pushl $CODE; pushl $1f; iretl; nop; 1:")
BOTH("int_and_back", "int $0x41", "int $0x43")
BOTH("int", "int $0x40", "int $0x42")
BOTH("enter_0_0", "enterw $0, $0", "enterl $0, $0")
BOTH("enter_20_0", "enterw $0x20, $0", "enterl $0x20, $0")
BOTH("enter_4_1", "enterw $4, $1", "enterl $4, $1")
BOTH("enter_0_2", "enterw $0, $2", "enterl $0, $2")
BOTH("enter_8_4", "enterw $8, $4", "enterl $8, $4")
BOTH("enter_6_7", "enterw $6, $7", "enterl $6, $7")
BOTH("enter_100_31", "enterw $0x100, $31", "enterl $0x100, $31")
BOTH("enter_2_33", "enterw $2, $33", "enterl $2, $33")
BOTH("enter_ffff_3", "enterw $0xffff, $3", "enterl $0xffff, $3")
BOTH("leave", "leavew", "leavel")
BOTH("enter_leave", "enterw $8, $4; leavew", "enterl $8, $4; leavel")
BOTH("mixed_ew", "enterw $8, $4; leavel", "enterl $8, $4; leavew")
/* To privilege 3, to a stack of each size whose pointer has a high half. */
BOTH("iret_outer16", "pushw $0x53; pushw $0x8004; pushfw; pushw $0x3b; pushw $outer; iretw",
	"pushl $0x53; pushl $0x76548004; pushfl; pushl $0x3b; pushl $outer; iretl")
BOTH("iret_outer32", "pushw $0x4b; pushw $0x8004; pushfw; pushw $0x3b; pushw $outer; iretw",
	"pushl $0x4b; pushl $0x18004; pushfl; pushl $0x3b; pushl $outer; iretl")
BOTH("lret_outer16", "pushw $0x53; pushw $0x8004; pushw $0x3b; pushw $outer; lretw",
	"pushl $0x53; pushl $0x76548004; pushl $0x3b; pushl $outer; lretl")
BOTH("lret_outer32", "pushw $0x4b; pushw $0x8004; pushw $0x3b; pushw $outer; lretw",
	"pushl $0x4b; pushl $0x18004; pushl $0x3b; pushl $outer; lretl")
BOTH("lret_outer16_imm", "pushw $9; pushw $0x53; pushw $0xfffe; pushl $0; pushw $0x3b; pushw $outer; lretw $4",
	"pushl $9; pushl $0x53; pushl $0x7654fffe; pushl $0; pushl $0x3b; pushl $outer; lretl $4")
/* From there through gates of each size, to an inner stack of the size that in.unused says; and back. */
#define DOWN "pushl $0x53; pushl $0x7654fff0; pushfl; pushl $CODE3; pushl $1f; iretl; 1:"
#define DOWN32 "pushl $0x4b; pushl $0x1fff0; pushfl; pushl $CODE3; pushl $1f; iretl; 1:"
BOTH("inner_int", DOWN "int $0x40", DOWN "int $0x42")
BOTH("inner_int_back", DOWN "int $0x41; int $0x44", DOWN "int $0x43; int $0x44")
BOTH("inner_gate", DOWN "pushl $1; pushl $2; pushl $3; lcalll $0x78, $0", DOWN "pushl $1; pushl $2; pushl $3; lcalll $0x80, $0")
BOTH("inner_gate_back", DOWN "pushl $1; pushl $2; pushl $3; lcalll $0x88, $0; int $0x44",
	DOWN "pushl $1; pushl $2; pushl $3; lcalll $0x90, $0; int $0x44")
BOTH("inner32_int_back", DOWN32 "int $0x41; int $0x44", DOWN32 "int $0x43; int $0x44")
BOTH("inner32_gate_back", DOWN32 "pushl $1; pushl $2; pushl $3; lcalll $0x88, $0; int $0x44",
	DOWN32 "pushl $1; pushl $2; pushl $3; lcalll $0x90, $0; int $0x44")

struct snippet { const char *name; u32 code32, code16; };
extern const struct snippet snippets_start[], snippets_end[];

static u32 *at(u32 linear) { return (u32 *)(linear - PROGRAM); }
static u32 pattern(u32 linear) { return linear * 0x9e3779b1 ^ 0x5a5a5a5a; }

/* The stacks' memory that a snippet can reach. */
static const u32 areas[][2] = {
	{ STACKS, 0x100 }, { STACKS + 0x7e00, 0x300 }, { STACKS + 0xfe00, 0x300 }, { STACKS + 0x1fe00, 0x300 }, { INNER + 0xff00, 0x200 },
};
#define AREAS (sizeof(areas) / sizeof(areas[0]))

static void fill(void)
{
	for (u32 a = 0; a < AREAS; a++)
		for (u32 l = areas[a][0]; l < areas[a][0] + areas[a][1]; l += 4)
			*at(l) = pattern(l);
}

/* Prints what is no longer as `fill` left it, byte by byte, and mends it. */
static void changes(void)
{
	for (u32 a = 0; a < AREAS; a++) {
		u32 last = 0;

		for (u32 l = areas[a][0]; l < areas[a][0] + areas[a][1]; l += 4) {
			u32 got = *at(l), want = pattern(l);

			if (got == want)
				continue;
			*at(l) = want;
			for (int i = 0; i < 4; i++, got >>= 8, want >>= 8) {
				if ((got & 255) == (want & 255))
					continue;
				if (l + i != last)
					field(" ", l + i - STACKS), put(":");
				outb(0xe9, "0123456789abcdef"[got >> 4 & 15]);
				outb(0xe9, "0123456789abcdef"[got & 15]);
				last = l + i + 1;
			}
		}
	}
}

static void gate(int vector, const void *handler, u32 type)
{
	idt[vector][0] = (u32)handler;
	idt[vector][1] = 8;
	idt[vector][2] = type;
	idt[vector][3] = 0;
}

static void try(const struct snippet *s, int code16, int stack16, int inner16, u32 esp, u32 ebp)
{
	memory[0] = 0x89abcdef;
	memory[1] = memory[2] = memory[3] = 0;
	in.esp = esp;
	in.ebp = ebp;
	in.ss = stack16 ? 0x30 : 0x28;
	in.cs = code16 ? 0x10 : 8;
	in.eip = code16 ? s->code16 : s->code32;
	tss[1] = inner16 ? 0x4321fffa : 0xfffa;
	tss[2] = inner16 ? 0x70 : 0x68;
	run();
	put(s->name);
	put(code16 ? " code16" : " code32");
	put(stack16 ? " stack16" : " stack32");
	put(inner16 ? " inner16" : " inner32");
	field(" ", esp);
	field(" ", ebp);
	field(": esp=", out.esp);
	field(" ebp=", out.ebp);
	field(" ss=", out.ss);
	field(" cs=", out.cs);
	field(" eax=", out.eax);
	field(" ecx=", out.ecx);
	field(" edx=", out.edx);
	field(" ebx=", out.ebx);
	field(" esi=", out.esi);
	field(" edi=", out.edi);
	field(" mem=", memory[1]);
	if (out.trap)
		field(" TRAP=", out.trap - 1);
	changes();
	put("\n");
}

void main(void)
{
	static const u32 sp16[][2] = {
		{ 0x10000, 0x10000 }, { 0x8000, 0x18010 }, { 0xbeef8002, 0xabcd0008 }, { 0x10002, 0x1fffe },
		{ 0xffff0008, 0x12340000 }, { 0xfffe, 0x7fff8006 }, { 0x1fffc, 0x10004 },
	};
	static const u32 sp32[][2] = { { 0x10000, 0x10000 }, { 0x10004, 0xfff8 }, { 0x8000, 0x10002 }, { 0x20000, 0x1fffc } };

	for (int v = 0; v < 32; v++)
		gate(v, traps + 8 * v, 0x8e00);
	fill();
	gate(0x40, done, 0xe600);	/* interrupt gates of 16 and 32 bits */
	gate(0x41, back16, 0xe600);
	gate(0x42, done, 0xee00);
	gate(0x43, back32, 0xee00);
	gate(0x44, told, 0xee00);
	for (const struct snippet *s = snippets_start; s < snippets_end; s++) {
		int inner = s->name[0] == 'i' && s->name[1] == 'n' && s->name[2] == 'n';

		for (int code16 = 0; code16 < 2; code16++) {
			for (int inner16 = 0; inner16 <= inner; inner16++) {
				for (u32 i = 0; i < sizeof(sp16) / sizeof(sp16[0]); i++)
					try(s, code16, 1, inner16, sp16[i][0], sp16[i][1]);
				for (u32 i = 0; i < sizeof(sp32) / sizeof(sp32[0]); i++)
					try(s, code16, 0, inner16, sp32[i][0], sp32[i][1]);
			}
		}
	}
}
