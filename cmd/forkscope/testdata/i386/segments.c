/*
 * segments: what a program does with selectors: checks of limits, rights and presence, and transfers between code segments.
 */
#include "traps.h"

struct user_desc {
	unsigned int entry_number, base_addr, limit, flags;
};

/* flags of user_desc */
#define SEG_32BIT	0x01
#define EXPAND_DOWN	(1 << 1)
#define CODE_SEGMENT	(2 << 1)
#define CONFORMING	(3 << 1)
#define READ_EXEC_ONLY	0x08
#define LIMIT_IN_PAGES	0x10
#define NOT_PRESENT	0x20

/* Entries of the table; the selector of entry n is n * 8 + 7. */
enum { DATA, SMALL, READ_ONLY, DOWN, DOWN16, ABSENT, CODE32, EXEC_ONLY, CODE16, CONFORM, STACK, STACK16, EDGE, EMPTY, ENTRIES };

static const struct { unsigned int base, limit, flags; } table[ENTRIES] = {
	[DATA] = { 0, 0xfffff, SEG_32BIT | LIMIT_IN_PAGES },
	[SMALL] = { 0, 0xff, SEG_32BIT },
	[READ_ONLY] = { 0, 0xff, SEG_32BIT | READ_EXEC_ONLY },
	[DOWN] = { 0, 0xff, SEG_32BIT | EXPAND_DOWN },
	[DOWN16] = { 0, 0xff, EXPAND_DOWN },
	[ABSENT] = { 0, 0xff, SEG_32BIT | NOT_PRESENT },
	[CODE32] = { 0x400, 0x3ff, SEG_32BIT | CODE_SEGMENT },
	[EXEC_ONLY] = { 0x400, 0x3ff, SEG_32BIT | CODE_SEGMENT | READ_EXEC_ONLY },
	[CODE16] = { 0x400, 0x3ff, CODE_SEGMENT },
	[CONFORM] = { 0x400, 0x3ff, SEG_32BIT | CONFORMING | NOT_PRESENT },
	[STACK] = { 0x800, 0x7ff, SEG_32BIT },
	[STACK16] = { 0x800, 0x7ff, 0 },
	[EDGE] = { 0x6000, 0xfff, SEG_32BIT | CODE_SEGMENT },	/* ends with its page, and the next is not there */
};

static void build_table(void)
{
	unsigned int i;

	for (i = 0; i < EMPTY; i++) {
		struct user_desc d = { i, (unsigned int)area + table[i].base, table[i].limit, table[i].flags };

		if (table[i].flags & LIMIT_IN_PAGES)
			d.base_addr = 0;
		if (syscall(SYS_modify_ldt, 0x11, &d, sizeof(d)))
			printf("entry %u was refused\n", i);
	}
}

/* What the four instructions that look at a descriptor say. */
static void describe(const char *what, unsigned int selector)
{
	unsigned int rights = 0x55555555, limit = 0x55555555, small = 0x55555555, lar, lsl, r, w;

	__asm__("lar %3, %0\n	setz %b1\n	movzbl %b1, %1\n	larw %w3, %w2" : "+&r"(rights), "=&q"(lar), "+&r"(small) : "r"(selector) : "cc");
	__asm__("lsl %2, %0\n	setz %b1\n	movzbl %b1, %1" : "+&r"(limit), "=&q"(lsl) : "r"(selector) : "cc");
	__asm__("verr %w1\n	setz %b0\n	movzbl %b0, %0" : "=&q"(r) : "r"(selector) : "cc");
	__asm__("verw %w1\n	setz %b0\n	movzbl %b0, %0" : "=&q"(w) : "r"(selector) : "cc");
	printf("%s: lar %u %#x %#x lsl %u %#x verr %u verw %u\n", what, lar, lar ? rights & 0xf0fe00 : rights, lar ? small & 0xfffffe00 : small,
	       lsl, limit, r, w);
}

int answer;

/* Loads a selector into fs and reads or writes there. */
#define READ(name, entry, insn) CODE(name, "	mov $" #entry " * 8 + 7, %eax\n	mov %eax, %fs\n	" insn)
READ(small_in, 1, "mov %fs:0xfc, %eax");
READ(small_last, 1, "mov %fs:0xff, %al");
READ(small_byte, 1, "mov %fs:0x100, %al");
READ(small_across, 1, "mov %fs:0xfd, %eax");
READ(small_write, 1, "movw $1, %fs:0xff");
READ(small_far, 1, "mov %fs:0xfffffffe, %eax");
READ(small_string, 1, "mov $0xfe, %esi\n	mov $4, %ecx\n	rep lodsb %fs:(%esi), %al");
READ(small_xlat, 1, "mov $0xf0, %ebx\n	mov $0x10, %al\n	xlat %fs:(%ebx)");
READ(read_only_in, 2, "mov %fs:0, %eax");
READ(read_only_write, 2, "mov %eax, %fs:0");
READ(read_only_modify, 2, "incb %fs:0");
READ(read_only_bts, 2, "btsl $1, %fs:0");
READ(down_below, 3, "mov %fs:0xff, %al");
READ(down_in, 3, "mov %fs:0x100, %al");
READ(down_across, 3, "mov %fs:0xfe, %eax");
READ(down16_in, 4, "mov %fs:0x7ffc, %eax");
READ(down16_above, 4, "mov %fs:0x10000, %al");
READ(absent_load, 5, "nop");
READ(code_read, 6, "mov %fs:0, %eax");
READ(code_write, 6, "mov %eax, %fs:0");
READ(exec_only_load, 7, "nop");
READ(empty_load, 13, "nop");
CODE(beyond_table, "	mov $0xfff7, %eax\n	mov %eax, %fs");
CODE(absent_ds, "	mov $5*8+7, %eax\n	mov %eax, %ds");
CODE(absent_es, "	push $5*8+7\n	pop %es");
CODE(absent_ss, "	mov $5*8+7, %eax\n	mov %eax, %ss");
CODE(absent_lss, "	push $5*8+7\n	push $0\n	lss (%esp), %eax");
CODE(absent_lgs, "	push $5*8+7\n	push $0\n	lgs (%esp), %eax");
CODE(read_only_ss, "	mov $2*8+7, %eax\n	mov %eax, %ss");
CODE(code_ss, "	mov $6*8+7, %eax\n	mov %eax, %ss");
CODE(rpl_ss, "	mov $10*8+4, %eax\n	mov %eax, %ss");
CODE(rpl_ds, "	mov $10*8+4, %eax\n	mov %eax, %fs\n	mov %fs, %eax\n	mov %eax, answer");
CODE(stack_over, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x801, %esp\n	pop %eax");
CODE(stack_push, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x2, %esp\n	push %eax");
CODE(stack_ebp, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x7fd, %ebp\n	mov (%ebp), %eax");
CODE(stack_esp, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x1000, %esp\n	mov 4(%esp), %eax");
CODE(stack_pusha, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x10, %esp\n	pusha");
CODE(stack_enter, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x10, %esp\n	enter $0x20, $0\n	push %eax");
CODE(stack_ret, "	mov $10*8+7, %eax\n	mov %eax, %ss\n	mov $0x7fe, %esp\n	ret");
/* 16-bit stack: sp wraps, the upper half of esp stays. */
CODE(stack16, "	mov %esp, %ebx\n	mov %ss, %ecx\n	mov $11*8+7, %eax\n	mov $0x12340100, %edx\n	mov %eax, %ss\n	mov %edx, %esp\n"
     "	push %edx\n	pop %eax\n	push %edx\n	mov %esp, %edx\n	mov %ecx, %ss\n	mov %ebx, %esp\n	mov %edx, answer");
CODE(stack16_wraps, "	mov $11*8+7, %eax\n	mov %eax, %ss\n	mov $0x12340002, %esp\n	push %eax");
/* The code segments begin at area + 0x400, where main puts code for each. */
CODE(call32, "	lcall $6*8+7, $0\n	mov %eax, answer");
CODE(call32_pointer, "	lcall *(pointer32)\n	mov %eax, answer");
CODE(call_exec_only, "	lcall $7*8+7, $0\n	mov %eax, answer");
CODE(call_beyond, "	lcall $6*8+7, $0x400");
CODE(call_run_off, "	lcall $6*8+7, $0x3fe");
CODE(call_straddle, "	lcall $6*8+7, $0x3fc");
CODE(call_last, "	lcall $6*8+7, $0x3fa\n	mov %eax, answer");
CODE(edge_run_off, "	lcall $12*8+7, $0xfe0");
CODE(edge_straddle, "	lcall $12*8+7, $0xffd");
CODE(edge_beyond, "	lcall $12*8+7, $0x1000");
CODE(call16, "	lcall $8*8+7, $0x80\n	mov %eax, answer");
CODE(jump16, "	push %cs\n	push $1f\n	ljmp $8*8+7, $0x80\n1:	mov %eax, answer");
CODE(retf_imm, "	push $5\n	push $6\n	lcall $6*8+7, $0x40\n	mov %eax, answer");
CODE(call_absent, "	lcall $9*8+7, $0");
CODE(call_data, "	lcall $0*8+7, $0");
CODE(call_empty, "	lcall $13*8+7, $0");
CODE(call_rpl0, "	lcall $6*8+4, $0\n	mov %eax, answer");
CODE(retf_rpl0, "	push $6*8+4\n	push $0\n	lret");
CODE(iret_code, "	pushf\n	push $6*8+7\n	push $0x20\n	iret");
CODE(iret_beyond, "	pushf\n	push $6*8+7\n	push $0x500\n	iret");
CODE(near_beyond, "	lcall $6*8+7, $0x60");
CODE(loads, "	mov $pointer_data, %ebx\n	lfs (%ebx), %eax\n	mov %eax, answer\n	lgs (%ebx), %ecx\n	les (%ebx), %edx\n	add %ecx, answer\n"
     "	mov %es, %ecx\n	mov %fs, %esi\n	add %esi, %ecx\n	mov %gs, %esi\n	add %esi, %ecx\n	add %ecx, answer");
CODE(les16, "	mov $pointer_data16, %ebx\n	mov $-1, %eax\n	.byte 0x66\n	lfs (%ebx), %eax\n	mov %eax, answer");
CODE(push_seg, "	mov $-1, %eax\n	push %eax\n	pop %ecx\n	mov $0*8+7, %eax\n	mov %eax, %fs\n	mov $-1, %eax\n	mov %fs, %ax\n	mov %eax, answer\n"
     "	pushw %fs\n	pushw $0\n	pop %eax\n	add %eax, answer\n	mov $-1, %eax\n	mov %fs, %eax\n	add %eax, answer");

struct far { unsigned int offset; unsigned short selector; } __attribute__((packed));
struct far pointer32 __attribute__((used)) = { 0, CODE32 * 8 + 7 };
struct far pointer_data __attribute__((used)) = { 0x12345678, DATA * 8 + 7 };
unsigned short pointer_data16[] __attribute__((used)) = { 0x9abc, DATA * 8 + 7 };

extern const char code_text[], code_text_end[];
__asm__(".pushsection .text\ncode_text:\n"
	"	mov $0x1111, %eax\n	mov %cs, %ecx\n	add %ecx, %eax\n	lret\n"
	"	.org code_text + 0x20\n	mov $0x2222, %eax\n	hlt\n"
	"	.org code_text + 0x40\n	mov 8(%esp), %eax\n	lret $8\n"
	"	.org code_text + 0x60\n	jmp .+0x500\n"
	"	.org code_text + 0x80\n	.code16\n	mov $0xffff, %ax\n	add $2, %ax\n	pushf\n	pop %bx\n	mov $0x7777, %eax\n	call 1f\n	lretl\n"
	"1:	inc %ax\n	jmp 2f\n	nop\n2:	ret\n	.code32\n"
	"code_text_end:\n.popsection\n");

static void run(const char *name, const void *code)
{
	answer = 0;
	try(name, code);
	if (answer)
		printf("%s: answer %#x\n", name, answer);
}

#define RUN(name) run(#name, name)
#define DESCRIBE(entry) describe(#entry, (entry) * 8 + 7)

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	on_signals(report);
	area = mmap(NULL, 0x8000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(area + 0x400, 0x90, 0x800);
	memcpy(area + 0x400, code_text, code_text_end - code_text);
	build_table();
	describe("null", 0);
	describe("beyond the table", 0xfff7);
	DESCRIBE(DATA);
	DESCRIBE(SMALL);
	DESCRIBE(READ_ONLY);
	DESCRIBE(DOWN);
	DESCRIBE(DOWN16);
	DESCRIBE(ABSENT);
	DESCRIBE(CODE32);
	DESCRIBE(EXEC_ONLY);
	DESCRIBE(CODE16);
	DESCRIBE(CONFORM);
	DESCRIBE(STACK);
	DESCRIBE(STACK16);
	DESCRIBE(EDGE);
	DESCRIBE(EMPTY);
	DESCRIBE(ENTRIES);
	RUN(small_in);
	RUN(small_last);
	RUN(small_byte);
	RUN(small_across);
	RUN(small_write);
	RUN(small_far);
	RUN(small_string);
	RUN(small_xlat);
	RUN(read_only_in);
	RUN(read_only_write);
	RUN(read_only_modify);
	RUN(read_only_bts);
	RUN(down_below);
	RUN(down_in);
	RUN(down_across);
	RUN(down16_in);
	RUN(down16_above);
	RUN(absent_load);
	RUN(code_read);
	RUN(code_write);
	RUN(exec_only_load);
	RUN(empty_load);
	RUN(beyond_table);
	RUN(absent_ds);
	RUN(absent_es);
	RUN(absent_ss);
	RUN(absent_lss);
	RUN(absent_lgs);
	RUN(read_only_ss);
	RUN(code_ss);
	RUN(rpl_ss);
	RUN(rpl_ds);
	RUN(stack_over);
	RUN(stack_push);
	RUN(stack_ebp);
	RUN(stack_esp);
	RUN(stack_pusha);
	RUN(stack_enter);
	RUN(stack_ret);
	RUN(stack16);
	RUN(stack16_wraps);
	RUN(call32);
	RUN(call32_pointer);
	RUN(call_exec_only);
	RUN(call_beyond);
	RUN(call_run_off);
	area[0x7fc] = 0xb8;
	RUN(call_straddle);
	area[0x7fa] = 0xb8, area[0x7ff] = 0xcb;
	RUN(call_last);
	memset(area + 0x6000, 0x90, 0x1000);
	munmap(area + 0x7000, 0x1000);
	RUN(edge_run_off);
	area[0x6ffd] = 0xb8;
	RUN(edge_straddle);
	RUN(edge_beyond);
	RUN(call16);
	RUN(jump16);
	RUN(retf_imm);
	RUN(call_absent);
	RUN(call_data);
	RUN(call_empty);
	RUN(call_rpl0);
	RUN(retf_rpl0);
	RUN(iret_code);
	RUN(iret_beyond);
	RUN(near_beyond);
	RUN(loads);
	RUN(les16);
	RUN(push_seg);
	return 0;
}
