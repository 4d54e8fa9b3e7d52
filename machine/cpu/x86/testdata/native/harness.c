/*
 * Runs pieces of 32-bit code on the host's own processor. Reads cases from standard input, writes results to standard
 * output, both little-endian and back to back. A case that names a code segment ends in int3, others in a jump. Code is at CODE, data at DATA (one page, with unmapped pages on both sides;
 * a case sets and gets back its last WINDOW bytes, the rest is zero before each case). The layout of struct test_case and
 * struct result is that of the reader and writer in native_test.go.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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
	uint32_t segs[6];	/* es cs ss ds fs gs; cs 0 is the process's own */
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
	uint32_t segs[6];
	uint8_t fx[512];
	uint8_t window[WINDOW];
};

/* The assembly below reaches these by name. */
uint32_t in_regs[8], in_eflags, in_segs[6], out_regs[8], out_eflags, out_segs[6];
uint32_t host_esp, host_segs[6], stack_entry[2], code_entry[2];
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
"	movw %es, host_segs+0\n"
"	movw %cs, host_segs+4\n"
"	movw %ss, host_segs+8\n"
"	movw %ds, host_segs+12\n"
"	movw %fs, host_segs+16\n"
"	movw %gs, host_segs+20\n"
"	movw in_segs+0, %es\n"
"	movw in_segs+16, %fs\n"
"	movw in_segs+20, %gs\n"
"	movl in_regs+0, %eax\n"
"	movl in_regs+4, %ecx\n"
"	movl in_regs+8, %edx\n"
"	movl in_regs+12, %ebx\n"
"	movl in_regs+20, %ebp\n"
"	movl in_regs+24, %esi\n"
"	movl in_regs+28, %edi\n"
"	lss stack_entry, %esp\n"
"	movw in_segs+12, %ds\n"
"	ljmp *%cs:code_entry\n"
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
"	movw host_segs+16, %fs\n"
"	movw host_segs+20, %gs\n"
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
static volatile uint32_t got_trap, got_error, got_cr2, got_eip;

static void handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;
	static const int order[] = { REG_ES, REG_CS, REG_SS, REG_DS, REG_FS, REG_GS };
	unsigned i;

	/* The kernel has reset the other segment registers. Libc needs %gs, and no alignment checks. */
	__asm__ volatile("movw host_segs+16, %fs; movw host_segs+20, %gs; pushfl; andl $~0x40000, (%esp); popfl");
	for (i = 0; i < 6; i++)
		out_segs[i] = g[order[i]] & 0xffff;
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
	/* The fxsave image follows the 112 bytes of the old layout. */
	if (uc->uc_mcontext.fpregs)
		memcpy(out_fx, (uint8_t *)uc->uc_mcontext.fpregs + 112, 512);
	siglongjmp(back, 1);
}

static int read_all(void *p, size_t n)
{
	return fread(p, 1, n, stdin) == n;
}

/* The local descriptor table that cases may use; ldtDescriptors in native_test.go is the same. */
static const struct user_desc ldt[] = {
	{ .entry_number = 0, .base_addr = DATA, .limit = 0xfff, .seg_32bit = 1, .contents = 0, .useable = 1 },
	{ .entry_number = 1, .base_addr = DATA + 0xc00, .limit = 0x1ff, .seg_32bit = 1, .contents = 0, .useable = 1 },
	{ .entry_number = 2, .base_addr = DATA, .limit = 0xbff, .seg_32bit = 1, .contents = 1, .useable = 1 },
	{ .entry_number = 3, .base_addr = DATA, .limit = 0xbff, .seg_32bit = 0, .contents = 1, .useable = 1 },
	{ .entry_number = 4, .base_addr = DATA + 0xc00, .limit = 0x3ff, .seg_32bit = 1, .read_exec_only = 1, .useable = 1 },
	{ .entry_number = 5, .base_addr = CODE, .limit = 0xfff, .seg_32bit = 1, .contents = 2, .useable = 1 },
	{ .entry_number = 6, .base_addr = CODE, .limit = 0xfff, .seg_32bit = 1, .contents = 2, .read_exec_only = 1, .useable = 1 },
	{ .entry_number = 7, .base_addr = CODE, .limit = 0xfff, .seg_32bit = 0, .contents = 2, .useable = 1 },
	{ .entry_number = 8, .base_addr = DATA, .limit = 0xffff, .seg_32bit = 0, .contents = 0, .useable = 1 },
	{ .entry_number = 9, .base_addr = DATA, .limit = 0xfff, .seg_32bit = 1, .contents = 0, .seg_not_present = 1, .useable = 1 },
	{ .entry_number = 10, .base_addr = CODE, .limit = 0x3f, .seg_32bit = 1, .contents = 2, .useable = 1 },
	{ .entry_number = 11, .base_addr = DATA, .limit = 0x2, .seg_32bit = 1, .contents = 0, .limit_in_pages = 1, .useable = 1 },
};

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
	for (i = 0; i < sizeof ldt / sizeof *ldt; i++)
		if (syscall(SYS_modify_ldt, 1, &ldt[i], sizeof *ldt) != 0) {
			fprintf(stderr, "modify_ldt: %s\n", strerror(errno));
			return 1;
		}
	sigaltstack(&ss, NULL);
	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = handler;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &sa, NULL);

	while (read_all(&t, sizeof t)) {
		struct itimerval limit = { 0 };
		int attempts = 0;
		int32_t rel;

		if (t.code_len > CODE_MAX)
			return 1;
again:
		limit.it_value.tv_usec = 200000;
		memset(data, 0, 4096);
		memcpy(data + 4096 - WINDOW, t.window, WINDOW);
		memset(code, 0xcc, 4096);
		memcpy(code, t.code, t.code_len);
		if (!t.segs[1]) {
			code[t.code_len] = 0xe9;
			rel = (int32_t)((uint32_t)finish_case - (CODE + t.code_len + 5));
			memcpy(code + t.code_len + 1, &rel, 4);
		}
		memcpy(in_regs, t.regs, sizeof in_regs);
		memcpy(in_fx, t.fx, sizeof in_fx);
		in_eflags = t.eflags;
		memcpy(in_segs, t.segs, sizeof in_segs);
		stack_entry[0] = t.regs[4];
		stack_entry[1] = t.segs[2];
		code_entry[0] = t.segs[1] & 4 ? 0 : CODE;
		code_entry[1] = t.segs[1];
		if (!t.segs[1]) {
			uint16_t cs, other;

			__asm__("movw %%cs, %0; movw %%ds, %1" : "=r"(cs), "=r"(other));
			code_entry[1] = cs;
			in_segs[0] = in_segs[3] = stack_entry[1] = other;
			in_segs[4] = in_segs[5] = 0;
		}
		got_trap = 0;
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		if (sigsetjmp(back, 1) == 0) {
			run_case();
			got_error = got_cr2 = 0;
			memset(out_segs, 0, sizeof out_segs);
			got_eip = CODE + t.code_len;
		}
		memset(&limit, 0, sizeof limit);
		setitimer(ITIMER_VIRTUAL, &limit, NULL);
		/* A host that was held up can charge its whole delay to one case; code that does not end fails each time. */
		if (got_trap == 256 && ++attempts < 3)
			goto again;
		memset(&r, 0, sizeof r);
		memcpy(r.regs, out_regs, sizeof r.regs);
		r.eflags = out_eflags;
		r.eip = out_segs[1] & 4 ? got_eip : got_eip - CODE;
		r.trap = got_trap;
		r.error = got_error;
		r.cr2 = got_cr2;
		memcpy(r.segs, out_segs, sizeof r.segs);
		memcpy(r.fx, out_fx, sizeof r.fx);
		memcpy(r.window, data + 4096 - WINDOW, WINDOW);
		if (fwrite(&r, 1, sizeof r, stdout) != sizeof r)
			return 1;
	}
	return 0;
}
