/*
 * Runs pieces of code on the host's own processor, in 64-bit mode: code for this mode, and instructions that it encodes and defines as 32-bit
 * mode does, or that encode64_test.go has written for it. Reads cases from standard input, writes results to standard output, both little-endian and back
 * to back. Code is at CODE, data at DATA (one page, with unmapped pages on both sides; a case sets and gets back its last WINDOW bytes, the
 * rest is zero before each case). Nothing else is mapped below 4 GiB, since the harness is linked as every program is, position-independent.
 * The layout of struct test_case and struct result is that of hostInput and hostOutput in host_test.go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

#define CODE 0x10000000u
#define DATA 0x20000000u
#define WINDOW 1024
#define CODE_MAX 512

struct test_case {
	uint64_t regs[16];	/* rax rcx rdx rbx rsp rbp rsi rdi r8 ... */
	uint64_t rflags;
	uint64_t code_len;
	uint8_t fx[512];	/* image for fxrstor */
	uint8_t code[CODE_MAX];
	uint8_t window[WINDOW];
};

struct result {
	uint64_t regs[16];
	uint64_t rflags;
	uint64_t rip;		/* offset in the code */
	uint64_t trap;		/* exception vector + 1, 0 when the code ran to its end, 256 when it did not end */
	uint64_t error;
	uint64_t cr2;
	uint8_t fx[512];
	uint8_t window[WINDOW];
};

/* The assembly below reaches these by name. */
uint64_t in_regs[16];
uint64_t in_eflags, out_regs[16], out_eflags, host_rsp, code_entry = CODE;
uint8_t in_fx[512] __attribute__((aligned(16))), out_fx[512] __attribute__((aligned(16)));
void run_case(void);
void finish_case(void);

__asm__(
"	.text\n"
"	.globl run_case\n"
"run_case:\n"
"	pushq %rbx\n"
"	pushq %rbp\n"
"	pushq %r12\n"
"	pushq %r13\n"
"	pushq %r14\n"
"	pushq %r15\n"
"	movq %rsp, host_rsp(%rip)\n"
"	fxrstor in_fx(%rip)\n"
"	pushq in_eflags(%rip)\n"
"	popfq\n"
"	movq in_regs+0(%rip), %rax\n"
"	movq in_regs+8(%rip), %rcx\n"
"	movq in_regs+16(%rip), %rdx\n"
"	movq in_regs+24(%rip), %rbx\n"
"	movq in_regs+32(%rip), %rsp\n"
"	movq in_regs+40(%rip), %rbp\n"
"	movq in_regs+48(%rip), %rsi\n"
"	movq in_regs+56(%rip), %rdi\n"
"	movq in_regs+64(%rip), %r8\n"
"	movq in_regs+72(%rip), %r9\n"
"	movq in_regs+80(%rip), %r10\n"
"	movq in_regs+88(%rip), %r11\n"
"	movq in_regs+96(%rip), %r12\n"
"	movq in_regs+104(%rip), %r13\n"
"	movq in_regs+112(%rip), %r14\n"
"	movq in_regs+120(%rip), %r15\n"
"	jmp *code_entry(%rip)\n"
"	.globl finish_case\n"
"finish_case:\n"
"	movq %rax, out_regs+0(%rip)\n"
"	movq %rcx, out_regs+8(%rip)\n"
"	movq %rdx, out_regs+16(%rip)\n"
"	movq %rbx, out_regs+24(%rip)\n"
"	movq %rsp, out_regs+32(%rip)\n"
"	movq %rbp, out_regs+40(%rip)\n"
"	movq %rsi, out_regs+48(%rip)\n"
"	movq %rdi, out_regs+56(%rip)\n"
"	movq %r8, out_regs+64(%rip)\n"
"	movq %r9, out_regs+72(%rip)\n"
"	movq %r10, out_regs+80(%rip)\n"
"	movq %r11, out_regs+88(%rip)\n"
"	movq %r12, out_regs+96(%rip)\n"
"	movq %r13, out_regs+104(%rip)\n"
"	movq %r14, out_regs+112(%rip)\n"
"	movq %r15, out_regs+120(%rip)\n"
"	movq host_rsp(%rip), %rsp\n"
"	pushfq\n"
"	popq out_eflags(%rip)\n"
"	fxsave out_fx(%rip)\n"
"	fninit\n"
"	pushq $0x1f80\n"
"	ldmxcsr (%rsp)\n"
"	movq $0x202, (%rsp)\n"
"	popfq\n"
"	popq %r15\n"
"	popq %r14\n"
"	popq %r13\n"
"	popq %r12\n"
"	popq %rbp\n"
"	popq %rbx\n"
"	ret\n"
);

static sigjmp_buf back;
static volatile uint32_t got_trap, got_error;
static volatile uint64_t got_cr2, got_rip;

static void handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;
	static const int order[] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};
	unsigned i;

	/* Libc needs no alignment checks. */
	__asm__ volatile("pushfq; andl $~0x40000, (%rsp); popfq");
	(void)info;
	for (i = 0; i < 16; i++)
		out_regs[i] = g[order[i]];
	out_eflags = g[REG_EFL];
	got_trap = sig == SIGVTALRM ? 256 : g[REG_TRAPNO] + 1;
	got_error = g[REG_ERR];
	got_cr2 = g[REG_CR2];
	got_rip = g[REG_RIP];
	if (uc->uc_mcontext.fpregs)
		memcpy(out_fx, uc->uc_mcontext.fpregs, sizeof out_fx);
	siglongjmp(back, 1);
}

static struct test_case t;
static struct result r;
static uint8_t *code, *data;

static void prepare(void)
{
	uint64_t target = (uint64_t)finish_case;
	int32_t rel;
	unsigned i;

	memset(data, 0, 4096);
	memcpy(data + 4096 - WINDOW, t.window, WINDOW);
	memset(code, 0xcc, 4096);
	memcpy(code, t.code, t.code_len);
	/* jmp *(%rip), to the last word of the page, which is aligned: AC may be set. */
	rel = 4096 - 8 - (t.code_len + 6);
	memcpy(code + t.code_len, "\xff\x25", 2);
	memcpy(code + t.code_len + 2, &rel, 4);
	memcpy(code + 4096 - 8, &target, 8);
	for (i = 0; i < 16; i++)
		in_regs[i] = t.regs[i];
	memcpy(in_fx, t.fx, sizeof in_fx);
	in_eflags = t.rflags;
}

static int report(void)
{
	unsigned i;

	memset(&r, 0, sizeof r);
	for (i = 0; i < 16; i++)
		r.regs[i] = out_regs[i];
	r.rflags = out_eflags;
	r.rip = got_rip - CODE;
	r.trap = got_trap;
	r.error = got_error;
	r.cr2 = got_cr2;
	memcpy(r.fx, out_fx, sizeof r.fx);
	memcpy(r.window, data + 4096 - WINDOW, WINDOW);
	return fwrite(&r, 1, sizeof r, stdout) == sizeof r;
}

int main(void)
{
	static uint8_t alt_stack[65536];
	stack_t ss = { .ss_sp = alt_stack, .ss_size = sizeof alt_stack };
	struct sigaction sa;
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM };
	unsigned i;

	code = mmap((void *)(uintptr_t)CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	data = mmap((void *)(uintptr_t)DATA, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (code == MAP_FAILED || data == MAP_FAILED) {
		fprintf(stderr, "mmap: %s\n", strerror(errno));
		return 1;
	}
	if ((uintptr_t)&t >> 32 == 0) {
		fprintf(stderr, "the harness is below 4 GiB itself: build it with -fPIE -pie\n");
		return 1;
	}
	sigaltstack(&ss, NULL);
	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &sa, NULL);

	while (fread(&t, 1, sizeof t, stdin) == sizeof t) {
		/* In the process's own time: a busy host does not shorten it. Only code that should end is sent here. */
		struct itimerval limit = { .it_value.tv_sec = 2 }, never = { 0 };

		if (t.code_len > CODE_MAX)
			return 1;
		prepare();
		got_trap = 0;
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		if (sigsetjmp(back, 1) == 0) {
			run_case();
			got_error = got_cr2 = 0;
			got_rip = CODE + t.code_len;
		}
		setitimer(ITIMER_VIRTUAL, &never, NULL);
		if (!report())
			return 1;
	}
	return 0;
}
