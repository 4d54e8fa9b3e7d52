/*
 * Runs instruction sequences with given registers and tells the registers afterwards. It is built for aarch64 Linux and
 * run under a user-mode emulator or on real hardware; the Go tests compare its answers with the interpreter's.
 *
 * usage: harness CASES > RESULTS. Both files are arrays of the structures below.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x10000000UL /* one slot of 64 words per case */
#define DATA 0x13000000UL /* two pages; the window lies across their border */
#define WINDOW (DATA + 0x1000 - 256)
#define END 0xd4000001u /* stands where the sequence ends; the harness puts a branch there */

struct state {
	uint64_t x[31], sp, nzcv, fpcr, fpsr, signal, pc, pad;
	uint64_t v[32][2];
	uint8_t window[512];
};

struct test {
	uint32_t slot[64]; /* mrs x30, tpidr_el0; instructions; a word END; constants */
	struct state before;
};

/* At offsets known to the assembly: the running state, then what the trampoline saves. */
struct {
	struct state s;
	uint64_t saved_sp, saved_tp, target;
} area __attribute__((aligned(64)));

void trampoline(void);
void back(void);

__asm__(
"	.text\n"
"	.global trampoline, back\n"
"trampoline:\n"
"	stp x29, x30, [sp, #-160]!\n"
"	stp x19, x20, [sp, #16]\n"
"	stp x21, x22, [sp, #32]\n"
"	stp x23, x24, [sp, #48]\n"
"	stp x25, x26, [sp, #64]\n"
"	stp x27, x28, [sp, #80]\n"
"	stp d8, d9, [sp, #96]\n"
"	stp d10, d11, [sp, #112]\n"
"	stp d12, d13, [sp, #128]\n"
"	stp d14, d15, [sp, #144]\n"
"	adrp x30, area\n"
"	add x30, x30, :lo12:area\n"
"	mov x0, sp\n"
"	str x0, [x30, #1328]\n"
"	mrs x0, tpidr_el0\n"
"	str x0, [x30, #1336]\n"
"	add x1, x30, #304\n"
"	ldp q0, q1, [x1, #0]\n"
"	ldp q2, q3, [x1, #32]\n"
"	ldp q4, q5, [x1, #64]\n"
"	ldp q6, q7, [x1, #96]\n"
"	ldp q8, q9, [x1, #128]\n"
"	ldp q10, q11, [x1, #160]\n"
"	ldp q12, q13, [x1, #192]\n"
"	ldp q14, q15, [x1, #224]\n"
"	ldp q16, q17, [x1, #256]\n"
"	ldp q18, q19, [x1, #288]\n"
"	ldp q20, q21, [x1, #320]\n"
"	ldp q22, q23, [x1, #352]\n"
"	ldp q24, q25, [x1, #384]\n"
"	ldp q26, q27, [x1, #416]\n"
"	ldp q28, q29, [x1, #448]\n"
"	ldp q30, q31, [x1, #480]\n"
"	ldp x0, x1, [x30, #256]\n"
"	msr nzcv, x0\n"
"	msr fpcr, x1\n"
"	ldr x0, [x30, #272]\n"
"	msr fpsr, x0\n"
"	ldr x0, [x30, #248]\n"
"	mov sp, x0\n"
"	ldr x0, [x30, #240]\n"
"	msr tpidr_el0, x0\n"
"	ldp x0, x1, [x30, #0]\n"
"	ldp x2, x3, [x30, #16]\n"
"	ldp x4, x5, [x30, #32]\n"
"	ldp x6, x7, [x30, #48]\n"
"	ldp x8, x9, [x30, #64]\n"
"	ldp x10, x11, [x30, #80]\n"
"	ldp x12, x13, [x30, #96]\n"
"	ldp x14, x15, [x30, #112]\n"
"	ldp x16, x17, [x30, #128]\n"
"	ldp x18, x19, [x30, #144]\n"
"	ldp x20, x21, [x30, #160]\n"
"	ldp x22, x23, [x30, #176]\n"
"	ldp x24, x25, [x30, #192]\n"
"	ldp x26, x27, [x30, #208]\n"
"	ldp x28, x29, [x30, #224]\n"
"	ldr x30, [x30, #1344]\n"
"	br x30\n" /* the slot begins with mrs x30, tpidr_el0 */
"back:\n"
"	msr tpidr_el0, x30\n"
"	adrp x30, area\n"
"	add x30, x30, :lo12:area\n"
"	stp x0, x1, [x30, #0]\n"
"	stp x2, x3, [x30, #16]\n"
"	stp x4, x5, [x30, #32]\n"
"	stp x6, x7, [x30, #48]\n"
"	stp x8, x9, [x30, #64]\n"
"	stp x10, x11, [x30, #80]\n"
"	stp x12, x13, [x30, #96]\n"
"	stp x14, x15, [x30, #112]\n"
"	stp x16, x17, [x30, #128]\n"
"	stp x18, x19, [x30, #144]\n"
"	stp x20, x21, [x30, #160]\n"
"	stp x22, x23, [x30, #176]\n"
"	stp x24, x25, [x30, #192]\n"
"	stp x26, x27, [x30, #208]\n"
"	stp x28, x29, [x30, #224]\n"
"	mrs x0, tpidr_el0\n"
"	str x0, [x30, #240]\n"
"	mov x0, sp\n"
"	str x0, [x30, #248]\n"
"	mrs x0, nzcv\n"
"	mrs x1, fpcr\n"
"	stp x0, x1, [x30, #256]\n"
"	mrs x0, fpsr\n"
"	str x0, [x30, #272]\n"
"	msr fpcr, xzr\n"
"	add x1, x30, #304\n"
"	stp q0, q1, [x1, #0]\n"
"	stp q2, q3, [x1, #32]\n"
"	stp q4, q5, [x1, #64]\n"
"	stp q6, q7, [x1, #96]\n"
"	stp q8, q9, [x1, #128]\n"
"	stp q10, q11, [x1, #160]\n"
"	stp q12, q13, [x1, #192]\n"
"	stp q14, q15, [x1, #224]\n"
"	stp q16, q17, [x1, #256]\n"
"	stp q18, q19, [x1, #288]\n"
"	stp q20, q21, [x1, #320]\n"
"	stp q22, q23, [x1, #352]\n"
"	stp q24, q25, [x1, #384]\n"
"	stp q26, q27, [x1, #416]\n"
"	stp q28, q29, [x1, #448]\n"
"	stp q30, q31, [x1, #480]\n"
"	ldr x0, [x30, #1336]\n"
"	msr tpidr_el0, x0\n"
"	ldr x0, [x30, #1328]\n"
"	mov sp, x0\n"
"	ldp x19, x20, [sp, #16]\n"
"	ldp x21, x22, [sp, #32]\n"
"	ldp x23, x24, [sp, #48]\n"
"	ldp x25, x26, [sp, #64]\n"
"	ldp x27, x28, [sp, #80]\n"
"	ldp d8, d9, [sp, #96]\n"
"	ldp d10, d11, [sp, #112]\n"
"	ldp d12, d13, [sp, #128]\n"
"	ldp d14, d15, [sp, #144]\n"
"	ldp x29, x30, [sp], #160\n"
"	ret\n"
);

static void on_signal(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	area.s.signal = signal;
	area.s.pc = uc->uc_mcontext.pc;
	uc->uc_mcontext.pc = (uint64_t)back;
}

static void *at(uint64_t address, size_t size)
{
	void *p = mmap((void *)address, size, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

int main(int argc, char **argv)
{
	static uint8_t stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	struct stat st;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || fstat(fd, &st) != 0) {
		fprintf(stderr, "usage: harness CASES\n");
		return 1;
	}
	sigaltstack(&alternate, NULL);
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);

	struct test *tests = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	size_t n = st.st_size / sizeof(*tests);
	uint32_t *code = at(CODE, n * 256 + 4096);

	at(DATA, 0x2000);
	for (size_t i = 0; i < n; i++) {
		uint32_t *slot = code + i * 64;
		int ended = 0;

		memcpy(slot, tests[i].slot, 256);
		for (int k = 0; k < 64 && !ended; k++) {
			if (slot[k] == END) {
				slot[k] = 0x14000000 | (((uint64_t)back - (uint64_t)&slot[k]) >> 2 & 0x3ffffff);
				ended = 1;
			}
		}
	}
	__builtin___clear_cache((char *)code, (char *)(code + n * 64));
	for (size_t i = 0; i < n; i++) {
		area.s = tests[i].before;
		memcpy((void *)WINDOW, area.s.window, sizeof(area.s.window));
		area.target = (uint64_t)(code + i * 64);
		trampoline();
		memcpy(area.s.window, (void *)WINDOW, sizeof(area.s.window));
		fwrite(&area.s, sizeof(area.s), 1, stdout);
	}
	return 0;
}
