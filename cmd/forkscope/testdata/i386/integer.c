/*
 * integer: each form of the integer instructions over many operands, as one sum of all results and of the flags that are defined.
 */
#include "traps.h"

struct state { unsigned int eax, ebx, ecx, edx, flags, cell[2]; };
struct state state;			/* before, then behind an instruction */
static unsigned int sum;

#define CF	0x001
#define PF	0x004
#define AF	0x010
#define ZF	0x040
#define SF	0x080
#define OF	0x800
#define ALL	(CF | PF | AF | ZF | SF | OF)
#define LOGIC	(ALL & ~AF)

/* The instruction between loads and stores of the state; esi points to the cell. */
#define STUB(name, text)						\
	CODE(name, "	mov $state, %edi\n	lea 20(%edi), %esi\n"	\
	     "	mov (%edi), %eax\n	mov 4(%edi), %ebx\n	mov 8(%edi), %ecx\n	mov 12(%edi), %edx\n"	\
	     "	push 16(%edi)\n	popf\n	" text "\n"			\
	     "	pushf\n	pop 16(%edi)\n	mov %eax, (%edi)\n	mov %ebx, 4(%edi)\n	mov %ecx, 8(%edi)\n	mov %edx, 12(%edi)")

static void add(unsigned int v)
{
	int i;

	for (i = 0; i < 4; i++, v >>= 8)
		sum = (sum ^ (v & 0xff)) * 16777619;
}

static int defined;			/* flags that the instruction leaves defined */

static void collect(void)
{
	add(state.eax);
	add(state.ebx);
	add(state.ecx);
	add(state.edx);
	add(state.flags & defined);
	add(state.cell[0]);
	add(state.cell[1]);
}

/* A quotient that does not fit: the registers are as they were. */
static void faulted(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	add(sig << 8 | info->si_code);
	add(u->uc_mcontext.gregs[REG_EIP] - (unsigned long)current_code);
	add(u->uc_mcontext.gregs[REG_EAX]);
	add(u->uc_mcontext.gregs[REG_EDX]);
	leave(u);
}

static const unsigned int values[] = {
	0, 1, 2, 7, 0x0f, 0x10, 0x7f, 0x80, 0x99, 0xff, 0x100, 0x1234, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x12345678, 0x7fffffff, 0x80000000,
	0x89abcdef, 0xfffffffe, 0xffffffff,
};
#define NVALUES	(sizeof(values) / sizeof(values[0]))

/* By pairs of operands, with CF and AF clear and set. */
static void pairs(const char *name, const void *code, int flags)
{
	unsigned int i, j, c;

	current_code = code;
	defined = flags;
	sum = 2166136261;
	for (i = 0; i < NVALUES; i++)
		for (j = 0; j < NVALUES; j++)
			for (c = 0; c < 4; c++) {
				struct state s = { values[i], values[j], values[j] + c, values[(i + j) % NVALUES], 0x202 | (c & 1) | (c & 2) << 3,
						   { values[i], values[j] } };

				state = s;
				attempt(code);
				collect();
			}
	printf("%s: %#x\n", name, sum);
}

/* By counts of shifts. OF is defined for a count of 1 only. */
static void counts(const char *name, const void *code, int flags, unsigned int width, int rotate)
{
	unsigned int i, n, c;

	current_code = code;
	sum = 2166136261;
	for (i = 0; i < NVALUES; i++)
		for (n = 0; n < 40; n++)
			for (c = 0; c < 2; c++) {
				struct state s = { values[i], values[(i + n) % NVALUES], n, ~values[i], 0x202 | c | ZF | AF, { values[i], 0 } };
				unsigned int count = n & 31;

				if (!rotate && count > width)	/* CF, and for shld and shrd the result too, are undefined */
					continue;
				state = s;
				defined = count == 0 ? ALL : count == 1 ? flags : flags & ~OF;
				if (!rotate && count >= width)
					defined &= ~CF;
				attempt(code);
				collect();
			}
	printf("%s: %#x\n", name, sum);
}

#define PAIRS3(op, flags)						\
	STUB(op##b_code, #op "b %bl, %al"); STUB(op##w_code, #op "w %bx, %ax"); STUB(op##l_code, #op "l %ebx, %eax");	\
	STUB(op##bm_code, #op "b %bl, (%esi)"); STUB(op##lm_code, #op "l %ebx, (%esi)");	\
	static void op##_all(void)					\
	{								\
		pairs(#op "b", op##b_code, flags); pairs(#op "w", op##w_code, flags); pairs(#op "l", op##l_code, flags);	\
		pairs(#op "b to memory", op##bm_code, flags); pairs(#op "l to memory", op##lm_code, flags);	\
	}
#define SINGLES(op, flags)						\
	STUB(op##b_code, #op "b %al"); STUB(op##w_code, #op "w %ax"); STUB(op##l_code, #op "l %eax"); STUB(op##m_code, #op "w (%esi)");	\
	static void op##_all(void)					\
	{								\
		pairs(#op "b", op##b_code, flags); pairs(#op "w", op##w_code, flags); pairs(#op "l", op##l_code, flags);	\
		pairs(#op "w memory", op##m_code, flags);		\
	}
/* The divisor or factor is ecx. */
#define BYECX(op, flags)						\
	STUB(op##b_code, #op "b %cl"); STUB(op##w_code, #op "w %cx"); STUB(op##l_code, #op "l %ecx"); STUB(op##m_code, #op "l 4(%esi)");	\
	static void op##_all(void)					\
	{								\
		pairs(#op "b", op##b_code, flags); pairs(#op "w", op##w_code, flags); pairs(#op "l", op##l_code, flags);	\
		pairs(#op "l memory", op##m_code, flags);		\
	}
#define SHIFTS(op, flags, rotate)					\
	STUB(op##b_code, #op "b %cl, %al"); STUB(op##w_code, #op "w %cl, %ax"); STUB(op##l_code, #op "l %cl, %eax");	\
	STUB(op##m_code, #op "l %cl, (%esi)"); STUB(op##1_code, #op "b $1, %ah"); STUB(op##31_code, #op "l $31, %eax");	\
	static void op##_all(void)					\
	{								\
		counts(#op "b", op##b_code, flags, 8, rotate); counts(#op "w", op##w_code, flags, 16, rotate);	\
		counts(#op "l", op##l_code, flags, 32, rotate); counts(#op "l memory", op##m_code, flags, 32, rotate);	\
		pairs(#op "b by 1", op##1_code, flags); pairs(#op "l by 31", op##31_code, flags & ~OF);	\
	}

#define ROTATED	(ALL)			/* rotates leave the other flags as they are */
#define SHIFTED	(ALL & ~AF)

PAIRS3(add, ALL) PAIRS3(adc, ALL) PAIRS3(sub, ALL) PAIRS3(sbb, ALL) PAIRS3(cmp, ALL)
PAIRS3(and, LOGIC) PAIRS3(or, LOGIC) PAIRS3(xor, LOGIC) PAIRS3(test, LOGIC)
PAIRS3(xadd, ALL) PAIRS3(cmpxchg, ALL) PAIRS3(xchg, ALL)
SINGLES(inc, ALL) SINGLES(dec, ALL) SINGLES(neg, ALL) SINGLES(not, ALL)
BYECX(mul, CF | OF) BYECX(imul, CF | OF) BYECX(div, 0) BYECX(idiv, 0)
SHIFTS(rol, ROTATED, 1) SHIFTS(ror, ROTATED, 1) SHIFTS(rcl, ROTATED, 1) SHIFTS(rcr, ROTATED, 1)
SHIFTS(shl, SHIFTED, 0) SHIFTS(shr, SHIFTED, 0) SHIFTS(sar, SHIFTED, 1)

#define MORE(M)								\
	M(aaa, "aaa", CF | AF) M(aas, "aas", CF | AF) M(daa, "daa", ALL & ~OF) M(das, "das", ALL & ~OF)	\
	M(aam, "aam", PF | ZF | SF) M(aad, "aad", PF | ZF | SF) M(aam7, ".byte 0xd4, 7", PF | ZF | SF)	\
	M(aad16, ".byte 0xd5, 16", PF | ZF | SF)			\
	M(imul_two, "imul %ebx, %eax", CF | OF) M(imul_word, "imul %bx, %ax", CF | OF) M(imul_three, "imul $-77, %ebx, %eax", CF | OF)	\
	M(imul_large, "imulw $0x1234, %bx, %ax", CF | OF)		\
	M(bsf, "mov $5, %eax\n	bsf %ebx, %eax\n	setz %cl", ZF) M(bsr, "mov $5, %eax\n	bsr %ebx, %eax", ZF)	\
	M(bsfw, "bsf %bx, %ax", ZF) M(bsrw, "bsr %bx, %ax", ZF)		\
	M(bt, "bt %ebx, %eax", CF) M(bts, "bts %ebx, %eax", CF) M(btr, "btr %ebx, %eax", CF) M(btc, "btc %ebx, %eax", CF)	\
	M(btw, "bt %bx, %ax", CF) M(btcw, "btc %bx, %ax", CF) M(btsi, "bts $37, %eax", CF) M(btrw, "btrw $17, %ax", CF)	\
	M(bt_memory, "and $63, %ebx\n	bt %ebx, (%esi)", CF) M(btc_memory, "and $63, %ebx\n	lock btcl %ebx, (%esi)", CF)	\
	M(bts_below, "or $-32, %ebx\n	bts %ebx, 4(%esi)", CF) M(btr_word, "and $31, %bx\n	btr %bx, (%esi)", CF)	\
	M(bswap, "bswap %eax\n	bswap %ebx", ALL) M(cwd, "cwd", ALL) M(cdq, "cdq", ALL) M(cbw, "cbw", ALL) M(cwde, "cwde", ALL)	\
	M(movsx, "movsx %bl, %eax\n	movsx %bx, %edx\n	movsx %bh, %cx", ALL) M(movzx, "movzx %bh, %eax\n	movzx %bx, %edx\n	movzx %bl, %cx", ALL)	\
	M(cmpxchg8b, "lock cmpxchg8b (%esi)", ALL) M(cmpxchg8b_equal, "mov (%esi), %eax\n	mov 4(%esi), %edx\n	cmpxchg8b (%esi)", ALL)	\
	M(lahf, "lahf", ALL) M(sahf, "sahf", ALL) M(salc, ".byte 0xd6", ALL) M(cmc, "cmc", ALL) M(stc, "stc", ALL) M(clc, "clc", ALL)	\
	M(xlat, "mov $state, %ebx\n	and $15, %al\n	xlat\n	xor %ebx, %ebx", ALL)	\
	M(lea, "lea 0x1234(%eax,%ebx,4), %ecx\n	lea -3(%eax,%edx,8), %dx\n	.byte 0x67, 0x8d, 0x40, 0x10", ALL)	\
	M(push_pop, "push %eax\n	pushw %bx\n	popw %ax\n	pop %ebx\n	pushl (%esi)\n	pop 4(%esi)", ALL)	\
	M(push_esp, "mov %esp, %ecx\n	push %esp\n	pop %edx\n	sub %esp, %ecx\n	sub %esp, %edx", 0)	\
	M(pop_esp, "mov %esp, %ecx\n	push $77\n	popl (%esp)\n	push %ecx\n	pop %esp\n	mov %esp, %edx\n	sub %edx, %ecx\n	xor %edx, %edx", 0)	\
	M(pusha, "pusha\n	mov 16(%esp), %ecx\n	mov 28(%esp), %edx\n	xor %eax, %eax\n	popa", ALL)	\
	M(pushaw, "pushaw\n	mov $0x55555555, %eax\n	mov %eax, %ebx\n	mov %eax, %edx\n	popaw", ALL)	\
	M(enter0, "mov %esp, %ebp\n	enter $24, $0\n	mov %esp, %edx\n	sub %ebp, %edx\n	leave\n	mov $0, %ecx", 0)	\
	M(enter3, "mov %esp, %ecx\n	sub $64, %esp\n	lea 40(%esp), %ebp\n	movl $7, -4(%ebp)\n	movl $8, -8(%ebp)\n	enter $24, $3\n"	\
	  "	mov -4(%ebp), %eax\n	mov -8(%ebp), %ebx\n	mov %ebp, %edx\n	sub %esp, %edx\n	leave\n	mov %ecx, %esp\n	mov $0, %ecx", 0)	\
	M(enterw, "mov %esp, %ecx\n	mov %ecx, %ebp\n	enterw $6, $1\n	mov %ebp, %edx\n	sub %esp, %edx\n	leavew\n	sub %ebp, %ecx\n	mov %ecx, %eax\n	xor %ecx, %ecx", 0)	\
	M(popf_flags, "push %eax\n	andl $0x600cd5, (%esp)\n	orl $2, (%esp)\n	andl $~0x600000, (%esp)\n	popf\n	pushf\n	pop %edx\n	cld\n	and $0xfd5, %edx", ALL)	\
	M(popfw_flags, "pushw %ax\n	andw $0xcd5, (%esp)\n	popfw\n	pushfw\n	popw %dx\n	cld\n	and $0xfd5, %edx", ALL)	\
	M(popf_iopl, "pushf\n	orl $0x3000, (%esp)\n	andl $~0x200, (%esp)\n	popf\n	pushf\n	pop %edx\n	and $0x3200, %edx", 0)	\
	M(popf_id, "pushf\n	xorl $0x200000, (%esp)\n	popf\n	pushf\n	pop %edx\n	xorl $0x200000, %edx\n	push %edx\n	popf\n	and $0x40000, %edx", 0)	\
	M(popf_nt, "pushf\n	orl $0x4000, (%esp)\n	popf\n	pushf\n	pop %edx\n	push %edx\n	andl $~0x4000, (%esp)\n	popf\n	and $0x4000, %edx", 0)	\
	M(loops, "and $7, %ecx\n	inc %ecx\n	xor %edx, %edx\n1:	inc %edx\n	dec %eax\n	loopne 1b\n	mov %edx, %ebx\n	.byte 0x67\n	jecxz 2f\n	inc %edx\n2:", ALL)
#define DEFINE(name, text, flags) STUB(name##_code, text);
#define CALL(name, text, flags) pairs(#name, name##_code, flags);
MORE(DEFINE)

#define CONDITIONS(C) C(o) C(no) C(b) C(ae) C(e) C(ne) C(be) C(a) C(s) C(ns) C(p) C(np) C(l) C(ge) C(le) C(g)
#define CONDITION(cc) STUB(cc##_code, "mov $9, %eax\n	cmov" #cc " %ebx, %edx\n	cmov" #cc " 4(%esi), %cx\n	set" #cc " (%esi)\n"	\
	"	j" #cc " 1f\n	mov $8, %eax\n1:	set" #cc " %bh\n	j" #cc " 3f\n	.skip 300, 0x90\n	dec %eax\n3:");
#define CHECK(cc) condition(#cc, cc##_code);
CONDITIONS(CONDITION)

static void condition(const char *name, const void *code)
{
	unsigned int i;

	current_code = code;
	defined = 0;
	sum = 2166136261;
	for (i = 0; i < 32; i++) {
		struct state s = { 0, 0x12345678, 0xaaaa5555, 0x55aa55aa, 0x202 | (i & 1) | (i & 2) << 1 | (i & 4) << 4 | (i & 8) << 4 | (i & 16) << 7, { 0, 7 } };

		state = s;
		attempt(code);
		collect();
	}
	printf("condition %s: %#x\n", name, sum);
}

#define DOUBLE(op)							\
	STUB(op##_code, #op " %cl, %ebx, %eax"); STUB(op##w_code, #op " %cl, %bx, %ax"); STUB(op##m_code, #op " $5, %ebx, (%esi)");	\
	static void op##_all(void)					\
	{								\
		counts(#op, op##_code, SHIFTED, 32, 0); counts(#op "w", op##w_code, SHIFTED, 16, 0); pairs(#op " memory", op##m_code, SHIFTED & ~OF);	\
	}
DOUBLE(shld) DOUBLE(shrd)

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	on_signals(faulted);
	add_all(), adc_all(), sub_all(), sbb_all(), cmp_all(), and_all(), or_all(), xor_all(), test_all(), xadd_all(), cmpxchg_all(), xchg_all();
	inc_all(), dec_all(), neg_all(), not_all(), mul_all(), imul_all(), div_all(), idiv_all();
	rol_all(), ror_all(), rcl_all(), rcr_all(), shl_all(), shr_all(), sar_all(), shld_all(), shrd_all();
	MORE(CALL)
	CONDITIONS(CHECK)
	return 0;
}
