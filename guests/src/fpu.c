/*
 * fpu: floating point and vector registers survive preemption, belong to one
 * task each, are copied by fork and kept across signal handlers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define TASKS	4
#define ROUNDS	20

struct regs {
	unsigned char v[8][16];		/* xmm0-7, xmm8-15 or v8-v15 */
	double st[4];			/* x87 */
	unsigned int control;		/* mxcsr, or fpcr */
};

static void make(struct regs *r, int seed)
{
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 16; j++)
			r->v[i][j] = seed * 31 + i * 16 + j;
	for (int i = 0; i < 4; i++)
		r->st[i] = seed + i / 4.0;
#ifdef __aarch64__
	r->control = (seed & 3) << 22;			/* rounding mode */
#else
	r->control = 0x1f80 | (seed & 3) << 13;
#endif
}

/*
 * Loads the registers, spins long enough to be preempted, optionally calls
 * fork in between (raw, so that no C code touches a register), and stores
 * them back. Returns what fork returned.
 */
static long round_trip(const struct regs *in, struct regs *out, long spin, long number)
{
	long ret = number;

#ifdef __i386__
	__asm__ volatile(
		"fninit\n"
		"fldl 128(%1)\n fldl 136(%1)\n fldl 144(%1)\n fldl 152(%1)\n"
		"ldmxcsr 160(%1)\n"
		"movups (%1), %%xmm0\n movups 16(%1), %%xmm1\n"
		"movups 32(%1), %%xmm2\n movups 48(%1), %%xmm3\n"
		"movups 64(%1), %%xmm4\n movups 80(%1), %%xmm5\n"
		"movups 96(%1), %%xmm6\n movups 112(%1), %%xmm7\n"
		"testl %0, %0\n jz 1f\n int $0x80\n"
		"1: decl %%ecx\n jnz 1b\n"
		"movups %%xmm0, (%2)\n movups %%xmm1, 16(%2)\n"
		"movups %%xmm2, 32(%2)\n movups %%xmm3, 48(%2)\n"
		"movups %%xmm4, 64(%2)\n movups %%xmm5, 80(%2)\n"
		"movups %%xmm6, 96(%2)\n movups %%xmm7, 112(%2)\n"
		"stmxcsr 160(%2)\n"
		"fstpl 152(%2)\n fstpl 144(%2)\n fstpl 136(%2)\n fstpl 128(%2)\n"
		"movl $0x1f80, %%ecx\n pushl %%ecx\n ldmxcsr (%%esp)\n popl %%ecx\n"
		: "+a" (ret) : "S" (in), "D" (out), "c" (spin)
		: "memory", "cc");	/* compiled without SSE: xmm is all ours */
#elif defined(__x86_64__)
	const unsigned int standard = 0x1f80;

	__asm__ volatile(
		"fninit\n"
		"fldl 128(%2)\n fldl 136(%2)\n fldl 144(%2)\n fldl 152(%2)\n"
		"ldmxcsr 160(%2)\n"
		"movups (%2), %%xmm8\n movups 16(%2), %%xmm9\n"
		"movups 32(%2), %%xmm10\n movups 48(%2), %%xmm11\n"
		"movups 64(%2), %%xmm12\n movups 80(%2), %%xmm13\n"
		"movups 96(%2), %%xmm14\n movups 112(%2), %%xmm15\n"
		"testq %0, %0\n jz 1f\n syscall\n"
		"1: decq %1\n jnz 1b\n"
		"movups %%xmm8, (%3)\n movups %%xmm9, 16(%3)\n"
		"movups %%xmm10, 32(%3)\n movups %%xmm11, 48(%3)\n"
		"movups %%xmm12, 64(%3)\n movups %%xmm13, 80(%3)\n"
		"movups %%xmm14, 96(%3)\n movups %%xmm15, 112(%3)\n"
		"stmxcsr 160(%3)\n"
		"fstpl 152(%3)\n fstpl 144(%3)\n fstpl 136(%3)\n fstpl 128(%3)\n"
		"ldmxcsr %4\n"
		: "+a" (ret), "+b" (spin) : "S" (in), "D" (out), "m" (standard)
		: "memory", "cc", "rcx", "r11", "xmm8", "xmm9", "xmm10", "xmm11",
		  "xmm12", "xmm13", "xmm14", "xmm15");
#else
	register long x0 __asm__("x0") = 17;		/* SIGCHLD */
	register long x1 __asm__("x1") = 0;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register long x8 __asm__("x8") = number;
	register const void *x9 __asm__("x9") = in;
	register void *x10 __asm__("x10") = out;
	register long x11 __asm__("x11") = spin;

	__asm__ volatile(
		"ldr w12, [x9, #160]\n msr fpcr, x12\n"
		"ldp q8, q9, [x9]\n ldp q10, q11, [x9, #32]\n"
		"ldp q12, q13, [x9, #64]\n ldp q14, q15, [x9, #96]\n"
		"ldp d0, d1, [x9, #128]\n ldp d2, d3, [x9, #144]\n"
		"cbz x8, 1f\n svc #0\n"
		"1: subs x11, x11, #1\n b.ne 1b\n"
		"stp q8, q9, [x10]\n stp q10, q11, [x10, #32]\n"
		"stp q12, q13, [x10, #64]\n stp q14, q15, [x10, #96]\n"
		"stp d0, d1, [x10, #128]\n stp d2, d3, [x10, #144]\n"
		"mrs x12, fpcr\n str w12, [x10, #160]\n msr fpcr, xzr\n"
		: "+r" (x0), "+r" (x11)
		: "r" (x1), "r" (x2), "r" (x3), "r" (x4), "r" (x8), "r" (x9), "r" (x10)
		: "memory", "cc", "x12", "v0", "v1", "v2", "v3", "v8", "v9", "v10",
		  "v11", "v12", "v13", "v14", "v15");
	ret = x0;
#endif
	return ret;
}

#ifdef __i386__
#define NR_FORK	2
#elif defined(__x86_64__)
#define NR_FORK	57
#else
#define NR_FORK	220		/* clone(SIGCHLD, 0, 0, 0, 0) */
#endif

static int same(const struct regs *a, const struct regs *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void on_timer(int sig)
{
	volatile double x = sig;
	struct regs mine, out;

	/* Use every register the interrupted code may hold. */
	make(&mine, 99);
	round_trip(&mine, &out, 1, 0);
	x = x / 3;
}

int main(void)
{
	struct itimerval tick = { { 0, 5000 }, { 0, 5000 } }, none = { { 0, 0 }, { 0, 0 } };
	struct regs in, out;
	int status, bad = 0;
	pid_t pid;

	memset(&out, 0, sizeof(out));
	fflush(stdout);
	for (int i = 0; i < TASKS; i++) {
		if (fork() == 0) {
			memset(&in, 0, sizeof(in));
			memset(&out, 0, sizeof(out));
			for (int n = 0; n < ROUNDS; n++) {
				make(&in, i * ROUNDS + n);
				round_trip(&in, &out, 200000, 0);
				if (!same(&in, &out))
					_exit(1);
			}
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad += status != 0;
	printf("fpu: %d tasks, each with its own registers: %s\n", TASKS,
	       bad ? "mixed up" : "kept");

	memset(&in, 0, sizeof(in));
	make(&in, 77);
	pid = round_trip(&in, &out, 300000, NR_FORK);
	if (pid == 0)
		_exit(same(&in, &out) ? 0 : 1);
	waitpid(pid, &status, 0);
	bad |= status != 0 || !same(&in, &out);
	printf("fpu: fork: parent's %s, child's %s\n", same(&in, &out) ? "kept" : "lost",
	       status ? "lost" : "kept");

	signal(SIGALRM, on_timer);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (int n = 0; n < ROUNDS && !bad; n++) {
		make(&in, n);
		round_trip(&in, &out, 500000, 0);
		bad |= !same(&in, &out);
	}
	setitimer(ITIMER_REAL, &none, NULL);
	printf("fpu: signal handlers: %s\n", bad ? "registers lost" : "kept");
	printf("fpu: 2.0 / 3.0 = %.15f\n", 2.0 / *(volatile double *)&(double){ 3.0 });
	printf(bad ? "fpu: failed\n" : "fpu: ok\n");
	return bad;
}
