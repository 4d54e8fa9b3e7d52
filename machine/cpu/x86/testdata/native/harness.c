/*
 * Runs pieces of 32-bit code on the host's own processor. Reads cases from standard input, writes results to standard
 * output, both little-endian and back to back. Code is at CODE, data at DATA (one page, with unmapped pages on both sides;
 * a case sets and gets back its last WINDOW bytes, the rest is zero before each case). The layout of struct test_case and
 * struct result is that of the reader and writer in native_test.go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE 0x10000000u
#define DATA 0x20000000u
#define WINDOW 1024
#define CODE_MAX 512

struct test_case {
	uint32_t regs[8];	/* eax ecx edx ebx esp ebp esi edi */
	uint32_t eflags;
	uint32_t code_len;
	uint8_t fx[512];	/* image for fxrstor */
	uint8_t code[CODE_MAX];
	uint8_t window[WINDOW];
};

struct result {
	uint32_t regs[8];
	uint32_t eflags;
	uint32_t eip;		/* offset in the code */
	uint32_t trap;		/* exception vector + 1, or 0 when the code ran to its end */
	uint32_t error;
	uint32_t cr2;
	uint32_t cs, ss;
	uint8_t fx[512];
	uint8_t window[WINDOW];
};

/* The assembly below reaches these by name. */
uint32_t in_regs[8], in_eflags, out_regs[8], out_eflags, host_esp, code_entry;
uint8_t in_fx[512] __attribute__((aligned(16))), out_fx[512] __attribute__((aligned(16)));
uint32_t small_stack[64];
void run_case(void);
void finish_case(void);

__asm__(
"	.text\n"
"	.globl run_case\n"
"run_case:\n"
"	pushal\n"
"	movl %esp, host_esp\n"
"	fxrstor in_fx\n"
"	pushl in_eflags\n"
"	popfl\n"
"	movl in_regs+0, %eax\n"
"	movl in_regs+4, %ecx\n"
"	movl in_regs+8, %edx\n"
"	movl in_regs+12, %ebx\n"
"	movl in_regs+16, %esp\n"
"	movl in_regs+20, %ebp\n"
"	movl in_regs+24, %esi\n"
"	movl in_regs+28, %edi\n"
"	jmp *code_entry\n"
"	.globl finish_case\n"
"finish_case:\n"
"	movl %eax, out_regs+0\n"
"	movl %ecx, out_regs+4\n"
"	movl %edx, out_regs+8\n"
"	movl %ebx, out_regs+12\n"
"	movl %esp, out_regs+16\n"
"	movl %ebp, out_regs+20\n"
"	movl %esi, out_regs+24\n"
"	movl %edi, out_regs+28\n"
"	movl $small_stack+128, %esp\n"
"	pushfl\n"
"	popl out_eflags\n"
"	fxsave out_fx\n"
"	movl host_esp, %esp\n"
"	cld\n"
"	fninit\n"
"	pushl $0x1f80\n"
"	ldmxcsr (%esp)\n"
"	addl $4, %esp\n"
"	pushl $0x202\n"
"	popfl\n"
"	popal\n"
"	ret\n"
);

static sigjmp_buf back;
static volatile uint32_t got_trap, got_error, got_cr2, got_eip, got_cs, got_ss;

static void handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;

	out_regs[0] = g[REG_EAX];
	out_regs[1] = g[REG_ECX];
	out_regs[2] = g[REG_EDX];
	out_regs[3] = g[REG_EBX];
	out_regs[4] = g[REG_ESP];
	out_regs[5] = g[REG_EBP];
	out_regs[6] = g[REG_ESI];
	out_regs[7] = g[REG_EDI];
	out_eflags = g[REG_EFL];
	got_trap = g[REG_TRAPNO] + 1;
	if (sig == SIGVTALRM)
		got_trap = 256;
	got_error = g[REG_ERR];
	got_cr2 = uc->uc_mcontext.cr2;
	got_eip = g[REG_EIP];
	got_cs = g[REG_CS] & 0xffff;
	got_ss = g[REG_SS] & 0xffff;
	/* The fxsave image follows the 112 bytes of the old layout. */
	if (uc->uc_mcontext.fpregs)
		memcpy(out_fx, (uint8_t *)uc->uc_mcontext.fpregs + 112, 512);
	siglongjmp(back, 1);
}

static int read_all(void *p, size_t n)
{
	return fread(p, 1, n, stdin) == n;
}

int main(void)
{
	static uint8_t alt_stack[65536];
	static struct test_case t;
	static struct result r;
	stack_t ss = { .ss_sp = alt_stack, .ss_size = sizeof alt_stack };
	struct sigaction sa;
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM };
	uint8_t *code, *data;
	unsigned i;

	code = mmap((void *)CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	data = mmap((void *)DATA, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (code == MAP_FAILED || data == MAP_FAILED) {
		fprintf(stderr, "mmap: %s\n", strerror(errno));
		return 1;
	}
	sigaltstack(&ss, NULL);
	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &sa, NULL);

	while (read_all(&t, sizeof t)) {
		struct itimerval limit = { .it_value = { .tv_sec = 2 } };
		int32_t rel;

		if (t.code_len > CODE_MAX)
			return 1;
		memset(data, 0, 4096);
		memcpy(data + 4096 - WINDOW, t.window, WINDOW);
		memcpy(code, t.code, t.code_len);
		code[t.code_len] = 0xe9;
		rel = (int32_t)((uint32_t)finish_case - (CODE + t.code_len + 5));
		memcpy(code + t.code_len + 1, &rel, 4);
		memcpy(in_regs, t.regs, sizeof in_regs);
		memcpy(in_fx, t.fx, sizeof in_fx);
		in_eflags = t.eflags;
		code_entry = CODE;
		got_trap = 0;
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		if (sigsetjmp(back, 1) == 0) {
			run_case();
			got_error = got_cr2 = got_cs = got_ss = 0;
			got_eip = CODE + t.code_len;
		}
		memset(&limit, 0, sizeof limit);
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		memset(&r, 0, sizeof r);
		memcpy(r.regs, out_regs, sizeof r.regs);
		r.eflags = out_eflags;
		r.eip = got_eip - CODE;
		r.trap = got_trap;
		r.error = got_error;
		r.cr2 = got_cr2;
		r.cs = got_cs;
		r.ss = got_ss;
		memcpy(r.fx, out_fx, sizeof r.fx);
		memcpy(r.window, data + 4096 - WINDOW, WINDOW);
		if (fwrite(&r, 1, sizeof r, stdout) != sizeof r)
			return 1;
	}
	return 0;
}
