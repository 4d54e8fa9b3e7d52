/*
 * A piece of assembly that may fault or trap is run, and what the signal told of it is printed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>

/* attempt(code) calls code; attempt_out is where it returns to. */
extern void attempt(const void *code);
extern const char attempt_out[];
extern unsigned long attempt_esp;
__asm__(".pushsection .text\n"
	"attempt:	mov 4(%esp), %eax\n"
	"	pusha\n"
	"	mov %esp, attempt_esp\n"
	"	call *%eax\n"
	"attempt_out:	popa\n"
	"	cld\n"
	"	mov user_ds, %es\n"
	"	mov user_gs, %gs\n"
	"	mov user_fs, %fs\n"
	"	ret\n"
	".popsection\n"
	".comm attempt_esp, 4, 4\n");

/* A piece of code by its name. */
#define CODE(name, text)						\
	extern const char name[];					\
	__asm__(".pushsection .text\n" #name ":\n" text "\n	ret\n"	\
		".popsection\n")

#define AC	0x40000L
#define DF	0x400L
#define TF	0x100L

/* The selectors that Linux gives a program depend on its kernel's width: they are read once. */
unsigned int user_cs, user_ds, user_gs, user_fs;

static const char *current_name, *current_code;
char *area;			/* addresses are told by their distance from it */
static volatile int caught_signals;

static void tell_address(const char *what, unsigned long a)
{
	if (area && a - (unsigned long)area < 0x10000)
		printf(" %s area+%#lx", what, a - (unsigned long)area);
	else if (a - (unsigned long)current_code < 0x1000)
		printf(" %s code+%#lx", what, a - (unsigned long)current_code);
	else
		printf(" %s %#lx", what, a);
}

/* Sets everything to go on behind attempt's call. */
static void leave(ucontext_t *u)
{
	greg_t *r = u->uc_mcontext.gregs;

	r[REG_EIP] = (unsigned long)attempt_out;
	r[REG_ESP] = attempt_esp;
	r[REG_CS] = user_cs;
	r[REG_DS] = r[REG_ES] = r[REG_SS] = user_ds;
	r[REG_GS] = user_gs;
	r[REG_FS] = user_fs;
	r[REG_EFL] &= ~(AC | DF | TF);
}

static inline void report(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	greg_t *r = u->uc_mcontext.gregs;

	__asm__ volatile("pushf\n	andl $~0x40000, (%%esp)\n	popf\n	mov %0, %%gs\n	mov %1, %%fs" : : "r" (user_gs), "r" (user_fs) : "cc");	/* AC stays set on the way here */
	caught_signals++;
	printf("%s: signal %d code %#x", current_name, sig, info->si_code);
	tell_address("address", info->si_code == SI_KERNEL ? 0 : (unsigned long)info->si_addr);
	/* The bit of an instruction fetch is there only where pages can forbid it. */
	printf(" trap %d error %#x", (int)r[REG_TRAPNO], (unsigned int)r[REG_ERR] & (r[REG_TRAPNO] == 14 ? ~0x10U : ~0U));
	if ((r[REG_CS] & 0xffff) == user_cs)
		tell_address("eip", r[REG_EIP]);
	else
		printf(" eip %#x:%#x", r[REG_CS] & 0xffff, (unsigned int)r[REG_EIP]);
	printf(" flags %#x\n", (unsigned int)r[REG_EFL] & 0x10d00);	/* RF, OF, DF, TF stay defined */
	leave(u);
}

static inline void try(const char *name, const void *code)
{
	current_name = name;
	current_code = code;
	caught_signals = 0;
	attempt(code);
	if (!caught_signals)
		printf("%s: no signal\n", name);
}

static void on_signals(void (*handler)(int, siginfo_t *, void *))
{
	static const int all[] = { SIGFPE, SIGSEGV, SIGBUS, SIGILL, SIGTRAP };
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK };
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	unsigned int i;

	sigaltstack(&alternate, NULL);
	__asm__("mov %%cs, %0\n	mov %%ds, %1\n	mov %%gs, %2\n	mov %%fs, %3"
		: "=r" (user_cs), "=r" (user_ds), "=r" (user_gs), "=r" (user_fs));
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaction(all[i], &act, NULL);
}
