/*
 * The i386's debug registers: each snippet runs with some of them set, and the debug exceptions that it meets are printed to port 0xe9, where
 * and what DR6 says. A Multiboot kernel, for this machine and for QEMU's.
 */
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

__asm__(
"	.section .text.start, \"ax\"\n"
"	.balign	4\n"
"header: .long	0x1badb002, 0, -0x1badb002\n"
"	.globl	_start\n"
"_start: movl	$stack_top, %esp\n"
"	lgdt	gdtr\n"
"	ljmp	$8, $1f\n"
"1:	movw	$0x10, %ax\n"
"	movw	%ax, %ds\n"
"	movw	%ax, %es\n"
"	movw	%ax, %ss\n"
"	call	main\n"
"	movb	$0, %al\n"
"	outb	%al, $0xf4\n"
"2:	hlt\n"
"	jmp	2b\n"
/* Vector 1: note(&frame), then on, past the breakpoint. */
"	.globl	debug\n"
"debug:	pushal\n"
"	leal	32(%esp), %eax\n"
"	pushl	%eax\n"
"	call	note\n"
"	addl	$4, %esp\n"
"	popal\n"
"	orl	$0x10000, 8(%esp)\n"		/* RF */
"	iret\n"
/* Another exception: tell its place, and leave the snippet. */
"	.globl	other\n"
"other:	popl	%eax\n"
"	call	fault\n"
"	jmp	leave_snippet\n"
/* void run(void *snippet) */
"	.globl	run\n"
"run:	pushal\n"
"	movl	%esp, saved\n"
"	movl	36(%esp), %eax\n"
"	movl	$data, %ebx\n"
"	xorl	%ecx, %ecx\n"
"	movl	$data, %esi\n"
"	movl	$data+64, %edi\n"
"	call	*%eax\n"
"leave_snippet: movl saved, %esp\n"
"	movl	$0x400, %eax\n"
"	movl	%eax, %dr7\n"
"	pushl	$2\n"
"	popfl\n"
"	movl	%cr4, %eax\n"
"	andl	$~8, %eax\n"
"	movl	%eax, %cr4\n"
"	popal\n"
"	ret\n"
"	.data\n"
"	.balign	8\n"
"gdt:	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff\n"
"gdtr:	.word	23\n"
"	.long	gdt\n"
"saved:	.long	0\n"
"	.bss\n"
"	.balign	64\n"
"	.globl	data\n"
"data:	.skip	256\n"
"	.skip	4096\n"
"stack_top:\n"
"	.text\n");

struct frame { u32 eip, cs, eflags; };
extern u8 data[256];
extern const char debug[], other[];
void run(const void *snippet);

static const char *start;
static u32 idt[64];
static struct { u16 limit; u32 base; } __attribute__((packed)) idtr = { sizeof(idt) - 1, (u32)idt };

static void put(char c) { __asm__ volatile("outb %0, %1" : : "a"(c), "d"((u16)0xe9)); }
static void puts_(const char *s) { while (*s) put(*s++); }
static void hex(u32 v)
{
	for (int i = 28; i >= 0; i -= 4)
		if (v >> i || i == 0)
			put("0123456789abcdef"[v >> i & 15]);
}

#define WRITE_DR(n, v) __asm__ volatile("movl %0, %%dr" #n : : "r"(v))

void note(const struct frame *f)
{
	u32 dr6, dr7;

	__asm__ volatile("movl %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("movl %%dr7, %0" : "=r"(dr7));
	WRITE_DR(6, 0);
	put(' ');
	hex(f->eip - (u32)start);
	put('/');
	hex(dr6 & 0xe00f);
	if (f->eflags & 0x100)
		put('t');
	if (dr7 & 0x2000)
		put('g');
}

void fault(void) { puts_(" fault"); }

/* A snippet and the values of DR0 (L0 is its label, else data + n), DR7 without its enabling bit's fixed part, and CR4.DE. */
#define SNIPPET(name, text) __asm__(".text\n.globl s_" #name "\ns_" #name ":\n" text "\n\tret\n");
#define TRY(name, dr0, dr1, dr7) do { extern const char s_##name[]; try(#name, s_##name, (u32)(dr0), (u32)(dr1), dr7); } while (0)
#define AT(name, n) ({ extern const char s_##name[]; s_##name + (n); })

static void try(const char *name, const char *snippet, u32 dr0, u32 dr1, u32 dr7)
{
	start = snippet;
	for (u32 i = 0; i < sizeof(data); i++)
		data[i] = i;
	puts_(name);
	put(' ');
	hex(dr7);
	put(':');
	/* Those that are off are elsewhere: processors may tell of them in DR6, or not. */
	WRITE_DR(0, dr7 & 3 ? dr0 : 1);
	WRITE_DR(1, dr7 & 0xc ? dr1 : 1);
	WRITE_DR(2, dr7 & 0x30 ? dr0 : 1);
	WRITE_DR(3, dr7 & 0xc0 ? dr1 : 1);
	WRITE_DR(6, 0);
	WRITE_DR(7, dr7 | 0x400);
	run(snippet);
	put('\n');
}

SNIPPET(incs, "incl %ecx; incl %ecx; incl %ecx; incl %ecx")
SNIPPET(loop, "movl $3, %ecx; 1: nop; loop 1b")
SNIPPET(stores, "movb $1, (%ebx); movb $1, 1(%ebx); movb $1, 2(%ebx); movb $1, 3(%ebx); movb $1, 4(%ebx); movb $1, 7(%ebx); movb $1, 8(%ebx); nop")
/* Accesses are aligned: of a misaligned one, QEMU looks at the whole words that it lies in. */
SNIPPET(words, "movw $1, (%ebx); movw $1, 2(%ebx); movw $1, 4(%ebx); movl $1, (%ebx); movl $1, 4(%ebx); nop")
SNIPPET(loads, "movb (%ebx), %al; movb 1(%ebx), %al; movw 2(%ebx), %ax; movl 4(%ebx), %eax; movl 8(%ebx), %eax; nop")
SNIPPET(updates, "incl (%ebx); addl %eax, (%ebx); xchgl %eax, (%ebx); cmpl %eax, (%ebx); lock incl (%ebx); cmpxchgl %eax, (%ebx); nop")
SNIPPET(strings, "cld; movl $12, %ecx; rep movsb; nop; movl $data, %esi; lodsl; stosl; nop")
SNIPPET(float, "movl %cr0, %eax; andl $~0xe, %eax; movl %eax, %cr0; fninit; fld1; fstpl (%ebx); flds (%ebx); nop")
SNIPPET(trap, "pushfl; orl $0x100, (%esp); popfl; incl %ecx; movb $1, (%ebx); incl %ecx; pushfl; andl $~0x100, (%esp); popfl; nop")
SNIPPET(stack_segment, "movw %ss, %ax; movw %ax, %ss; incl %ecx; incl %ecx; movw (%ebx), %ss; incl %ecx; nop")
SNIPPET(resume, "pushfl; orl $0x10000, (%esp); pushl %cs; pushl $1f; iret; 1: incl %ecx; incl %ecx")
SNIPPET(general, "movl %dr7, %eax; orl $0x2000, %eax; movl %eax, %dr7; nop; movl %dr0, %eax; movl %dr0, %eax; nop")
SNIPPET(aliases, "movl %dr4, %eax; movl %dr5, %eax; movl %cr4, %eax; orl $8, %eax; movl %eax, %cr4; movl %dr4, %eax; nop")
SNIPPET(ports, "movl %cr4, %eax; orl $8, %eax; movl %eax, %cr4; movl %dr7, %eax; movl %eax, %dr7; inb $0x61, %al; nop; outb %al, $0x80; nop")
SNIPPET(int1, ".byte 0xf1; nop; incl %ecx")

void main(void)
{
	for (int v = 0; v < 32; v++) {
		const char *h = v == 1 ? debug : other;

		idt[2 * v] = 8 << 16 | ((u32)h & 0xffff);
		idt[2 * v + 1] = ((u32)h & 0xffff0000) | 0x8e00;
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));

	/* Instructions: each pair, local and global, with other lengths, both at once. */
	for (u32 i = 0; i < 8; i++)
		TRY(incs, AT(incs, 2), AT(incs, 3), 1 << i);
	TRY(incs, AT(incs, 2), AT(incs, 2), 0xff);
	TRY(incs, AT(incs, 2), AT(incs, 0), 0x300 | 5);
	TRY(loop, AT(loop, 5), AT(loop, 6), 1);
	TRY(loop, AT(loop, 5), AT(loop, 6), 5);
	/* Data: every length and kind, aligned and not. */
	for (u32 kind = 1; kind < 4; kind += 2) {
		for (u32 length = 0; length < 4; length++) {
			if (length == 2)
				continue;	/* 8 bytes: not of this mode */
			for (u32 at = 0; at < 8; at += length + 1) {	/* a processor takes no notice of the bits below */
				u32 dr7 = 1 | kind << 16 | length << 18;

				puts_("at ");
				hex(at);
				put(' ');
				TRY(stores, data + at, 0, dr7);
				TRY(words, data + at, 0, dr7);
				TRY(loads, data + at, 0, dr7);
				TRY(updates, data + at, 0, dr7);
				TRY(strings, data + at, 0, dr7);
				TRY(strings, data + 64 + at, 0, dr7);
				TRY(float, data + at, 0, dr7);
			}
		}
	}
	/* Several at once, and with an instruction's. */
	TRY(stores, data, data + 1, 0x11 << 16 | 5);
	TRY(stores, data, data, 0x3131u << 16 | 0x55);
	TRY(stores, data, AT(stores, 3), 1 << 16 | 5);
	TRY(trap, data, 0, 0);
	TRY(trap, data, 0, 1 | 1 << 16);
	TRY(trap, data, AT(trap, 9), 5 | 1 << 16);
	TRY(stack_segment, AT(stack_segment, 4), 0, 1);
	TRY(stack_segment, AT(stack_segment, 5), 0, 1);
	TRY(resume, AT(resume, 15), AT(resume, 16), 1);
	TRY(resume, AT(resume, 15), AT(resume, 16), 5);
	TRY(general, 0, 0, 0);
	TRY(aliases, 0, 0, 0);
	TRY(ports, 0x61, 0x80, 5 | 2 << 16 | 2 << 20);
	TRY(int1, 0, 0, 0);
}
