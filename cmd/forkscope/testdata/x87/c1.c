/*
 * What each x87 instruction does to the status word, condition code C1 above all, when C1 was clear and when it was set. The same source runs
 * as a 64-bit program on the host's processor and as a 32-bit one in the guest; both print the same.
 */
#include <stdio.h>
#include <string.h>

static struct { unsigned short control, r0, status, r1, tag, r2; unsigned int rest[4]; } env;
static float single = 1.5f;
static double wide = 1.0 / 3;
static unsigned char extended[16];
static short word = 7;
static int dword = -9;
static long long quad = 11;
static unsigned char bcd[16] = { 0x12 }, out[128];
static unsigned short control, status;

/* Prepares a stack of depth values, gives C1 a value, runs one instruction. */
#define RUN(depth, c1, text) do { \
	__asm__ volatile("fninit"); \
	for (int i_ = 0; i_ < (depth); i_++) \
		__asm__ volatile("fldl %0" : : "m"(wide)); \
	__asm__ volatile("fnstenv %0" : "=m"(env)); \
	env.status = (env.status & 0x3800) | (c1) << 9; \
	__asm__ volatile("fldenv %0" : : "m"(env)); \
	__asm__ volatile(text : : "m"(single), "m"(wide), "m"(extended), "m"(word), "m"(dword), "m"(quad), "m"(bcd), "m"(out), "m"(control) : "memory", "eax"); \
	__asm__ volatile("fnstsw %0" : "=m"(status)); \
	printf(" %04x", status & ~mask); \
} while (0)

/* C0, C2 and C3 are undefined after most. */
#define TRY(text, undefined) do { \
	unsigned short mask = (undefined); \
	printf("%s:", text); \
	for (int depth = 0; depth < 9; depth += depth < 3 ? 1 : 5) \
		for (int c1 = 0; c1 < 2; c1++) \
			RUN(depth, c1, text); \
	printf("\n"); \
} while (0)

#define OTHERS 0x4500

int main(void)
{
	static const unsigned char third[10] = { 0xab, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xfd, 0x3f };

	memcpy(extended, third, sizeof(third));
	__asm__ volatile("fnstcw %0" : "=m"(control));
	TRY("flds %0", OTHERS);
	TRY("fldl %1", OTHERS);
	TRY("fldt %2", OTHERS);
	TRY("filds %3", OTHERS);
	TRY("fildl %4", OTHERS);
	TRY("fildll %5", OTHERS);
	TRY("fbld %6", OTHERS);
	TRY("fld %%st(0)", OTHERS);
	TRY("fld %%st(1)", OTHERS);
	TRY("fld1", OTHERS);
	TRY("fldz", OTHERS);
	TRY("fldpi", OTHERS);
	TRY("fldl2e", OTHERS);
	TRY("fldl2t", OTHERS);
	TRY("fldlg2", OTHERS);
	TRY("fldln2", OTHERS);
	TRY("fsts %7", OTHERS);
	TRY("fstps %7", OTHERS);
	TRY("fstl %7", OTHERS);
	TRY("fstpl %7", OTHERS);
	TRY("fstpt %7", OTHERS);
	TRY("fst %%st(1)", OTHERS);
	TRY("fstp %%st(0)", OTHERS);
	TRY("fstp %%st(1)", OTHERS);
	TRY("fists %7", OTHERS);
	TRY("fistps %7", OTHERS);
	TRY("fistl %7", OTHERS);
	TRY("fistpl %7", OTHERS);
	TRY("fistpll %7", OTHERS);
	TRY("fbstp %7", OTHERS);
	TRY("fxch %%st(1)", OTHERS);
	TRY("fchs", OTHERS);
	TRY("fabs", OTHERS);
	TRY("fadd %%st(1), %%st", OTHERS);
	TRY("faddp", OTHERS);
	TRY("fadds %0", OTHERS);
	TRY("fsub %%st(1), %%st", OTHERS);
	TRY("fsubr %%st(1), %%st", OTHERS);
	TRY("fmul %%st(1), %%st", OTHERS);
	TRY("fmull %1", OTHERS);
	TRY("fdiv %%st(1), %%st", OTHERS);
	TRY("fdivrl %1", OTHERS);
	TRY("fiaddl %4", OTHERS);
	TRY("fimuls %3", OTHERS);
	TRY("fidivl %4", OTHERS);
	TRY("fsqrt", OTHERS);
	TRY("frndint", OTHERS);
	TRY("fscale", OTHERS);
	TRY("fxtract", OTHERS);
	TRY("f2xm1", OTHERS);
	TRY("fprem", 0);
	TRY("fprem1", 0);
	TRY("fcom %%st(1)", 0);
	TRY("fcomp %%st(1)", 0);
	TRY("fcompp", 0);
	TRY("fcoms %0", 0);
	TRY("fucom %%st(1)", 0);
	TRY("fucompp", 0);
	TRY("fcomi %%st(1), %%st", OTHERS);
	TRY("fucomip %%st(1), %%st", OTHERS);
	TRY("ficoml %4", 0);
	TRY("ftst", 0);
	TRY("fxam", 0);
	TRY("fcmove %%st(1), %%st", OTHERS);
	TRY("fcmovne %%st(1), %%st", OTHERS);
	TRY("fincstp", OTHERS);
	TRY("fdecstp", OTHERS);
	TRY("ffree %%st(0)", OTHERS);
	TRY("fnop", OTHERS);
	TRY("fnclex", OTHERS);
	TRY("fldcw %8", OTHERS);
	TRY("fnstcw %7", OTHERS);
	TRY("fnstenv %7", OTHERS);
	TRY("fnsave %7", 0);
	return 0;
}
