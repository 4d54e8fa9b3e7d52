/*
 * strings: string instructions in both directions, with each repeat prefix and with 16-bit addresses, and code that writes the code ahead of it.
 */
#include "traps.h"

#define SIZE	0x20000
static unsigned char *text;		/* a page that may be written and executed */
unsigned int low;		/* a selector whose base is area */

struct state { unsigned int eax, ecx, esi, edi, flags; };
struct state state;

/* ds and es are the selector in ebx, so that 16-bit addresses reach the area. */
#define STUB(name, text)						\
	CODE(name, "	mov $state, %ebp\n	mov %ss:(%ebp), %eax\n	mov %ss:4(%ebp), %ecx\n	mov %ss:8(%ebp), %esi\n	mov %ss:12(%ebp), %edi\n"	\
	     "	push %ds\n	push %es\n	mov low, %ebx\n	mov %ebx, %ds\n	mov %ebx, %es\n	push %ss:16(%ebp)\n	popf\n	" text "\n"	\
	     "	pushf\n	pop %ss:16(%ebp)\n	cld\n	pop %es\n	pop %ds\n	mov %eax, (%ebp)\n	mov %ecx, 4(%ebp)\n"	\
	     "	mov %esi, 8(%ebp)\n	mov %edi, 12(%ebp)\n")

#define FORMS(F)							\
	F(movsb) F(movsw) F(movsl) F(stosb) F(stosw) F(stosl) F(lodsb) F(lodsw) F(lodsl) F(scasb) F(scasw) F(scasl) F(cmpsb) F(cmpsw) F(cmpsl)
#define CODES(insn)							\
	STUB(insn##_one, #insn); STUB(insn##_rep, ".byte 0xf3\n	" #insn); STUB(insn##_repne, ".byte 0xf2\n	" #insn);	\
	STUB(insn##_one16, ".byte 0x67\n	" #insn); STUB(insn##_rep16, ".byte 0x67, 0xf3\n	" #insn);	\
	STUB(insn##_repne16, ".byte 0xf2, 0x67\n	" #insn);
FORMS(CODES)

static void fill(void)
{
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		area[i] = i % 61 < 40 ? 0x55 : i * 7 + (i >> 8);
}

static unsigned int area_sum(void)
{
	unsigned int i, sum = 2166136261;

	for (i = 0; i < SIZE; i++)
		sum = (sum ^ (unsigned char)area[i]) * 16777619;
	return sum;
}

static void string(const char *name, const void *code, int wraps)
{
	static const struct state before[] = {
		{ 0x55555555, 5, 0x100, 0x200, 0x202 }, { 0x55555555, 0x10005, 0x103, 0x201, 0x202 }, { 0x01020304, 0x20, 0x150, 0x154, 0x602 },
		{ 0x55555555, 0x40, 0x10100, 0x10102, 0x602 }, { 0x55555555, 0, 0x10100, 0x10102, 0x246 }, { 0x5555, 0x10000, 0xfffe, 0xfff0, 0x202 },
		{ 0xaa55, 9, 0x1fff0, 0x1fffc, 0x202 }, { 0xaa55, 9, 0xfffe, 0x3, 0x202 }, { 0xaa55, 9, 0x10002, 0x10001, 0x602 },
		{ 0x55555555, 7, 61 * 20, 61 * 40, 0xad7 },
	};
	unsigned int i;

	current_name = name;
	current_code = code;
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		state = before[i];
		if (!wraps && state.ecx > 0x1000)
			state.ecx &= 0xfff;
		fill();
		attempt(code);
		printf("%s %u: eax %#x ecx %#x esi %#x edi %#x flags %#x area %#x\n", name, i, state.eax, state.ecx, state.esi, state.edi,
		       state.flags & 0xcd5, area_sum());
	}
}

#define RUN(insn)							\
	string(#insn, insn##_one, 0); string("rep " #insn, insn##_rep, 0); string("repne " #insn, insn##_repne, 0);	\
	string("addr16 " #insn, insn##_one16, 1); string("addr16 rep " #insn, insn##_rep16, 1); string("addr16 repne " #insn, insn##_repne16, 1);

/* Code that writes: eax is what it returns. */
static void written(const char *name, const unsigned char *code, unsigned int size, unsigned int at)
{
	unsigned int times, eax;

	memcpy(text + at, code, size);
	for (times = 0; times < 3; times++) {
		__asm__ volatile("call *%1" : "=a"(eax) : "r"(text + at), "0"(times) : "ecx", "edx", "memory", "cc");
		printf("%s at %#x, call %u: %#x\n", name, at, times, eax);
	}
}

static void self_modifying(void)
{
	/* call 1f; 1: pop %ecx; add $0x40, %al; mov %al, 7(%ecx): the immediate of the next instruction */
	static const unsigned char next[] = { 0xe8, 0, 0, 0, 0, 0x59, 0x04, 0x40, 0x88, 0x41, 0x07, 0xb0, 0x00, 0xc3 };
	static const unsigned char immediate[] = { 0xe8, 0, 0, 0, 0, 0x59, 0x04, 0x40, 0x88, 0x41, 0x08, 0xb8, 0x11, 0x22, 0x33, 0x44, 0xc3 };
	/* A loop whose body is written by the body: inc %edx becomes dec %edx and back. */
	static const unsigned char loop[] = { 0xe8, 0, 0, 0, 0, 0x59, 0x31, 0xd2, 0xb8, 5, 0, 0, 0, 0x42, 0x80, 0x71, 0x08, 0x08, 0x48, 0x75, 0xf8,
					      0x89, 0xd0, 0xc3 };
	/* rep stosb writes nops over an instruction behind itself: mov $-1, %eax. */
	static const unsigned char over[] = { 0x57, 0xe8, 0, 0, 0, 0, 0x5f, 0x83, 0xc7, 0x10, 0xb9, 5, 0, 0, 0, 0xb8, 0x90, 0, 0, 0, 0xf3, 0xaa,
					      0xb8, 0xff, 0xff, 0xff, 0xff, 0x5f, 0xc3 };
	static const unsigned int places[] = { 0, 0x40, 0xff4, 0xff6, 0xff8, 0xffa, 0xffc, 0xffe };
	unsigned int i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		written("next", next, sizeof(next), places[i]);
		written("immediate", immediate, sizeof(immediate), places[i]);
		written("loop", loop, sizeof(loop), places[i]);
		written("over", over, sizeof(over), places[i]);
	}
	for (i = 0; i < 4; i++) {
		text[0x200] = 0xb8, text[0x201] = i, text[0x202] = text[0x203] = text[0x204] = 0, text[0x205] = 0xc3;
		printf("rewritten: %u\n", ((unsigned int (*)(void))(text + 0x200))());
	}
}

int main(void)
{
	struct { unsigned int entry, base, limit, flags; } d = { 0, 0, 0xfffff, 0x11 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	on_signals(report);
	area = mmap(NULL, SIZE + 0x2000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	text = mmap(NULL, 0x2000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	d.base = (unsigned int)area;
	if (syscall(SYS_modify_ldt, 0x11, &d, sizeof(d)))
		printf("no segment\n");
	low = 7;
	FORMS(RUN)
	self_modifying();
	return 0;
}
