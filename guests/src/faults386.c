/*
 * faults386: every exception a user program can cause, as the signal, code and
 * trap number its handler sees; and contexts that sigreturn must not believe.
 * With an argument, also two that QEMU's CPU does not raise.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Indexes into gregs that musl has no names for. */
enum { EIP = 14, CS = 15, EFL = 16, SS = 18, TRAPNO = 12, GS = 0, DS = 3 };

static sigjmp_buf back;
static volatile int signo, code, trapno, addr_is_pc;

static void on_fault(int sig, siginfo_t *info, void *p)
{
	ucontext_t *uc = p;

	signo = sig;
	code = info->si_code;
	trapno = uc->uc_mcontext.gregs[TRAPNO];
	addr_is_pc = (long)info->si_addr == uc->uc_mcontext.gregs[EIP];
	siglongjmp(back, 1);
}

static void show(const char *what)
{
	printf("faults386: %s: signal %d, code %d, trap %d%s\n", what, signo, code,
	       trapno, addr_is_pc ? ", at the instruction" : "");
	signo = code = trapno = addr_is_pc = -1;
}

#define FAULT(what, ...)						\
	do {								\
		if (!sigsetjmp(back, 1)) {				\
			__asm__ volatile(__VA_ARGS__);			\
			printf("faults386: %s: nothing\n", what);	\
		} else {						\
			show(what);					\
		}							\
	} while (0)

static volatile int steps;

static void on_step(int sig, siginfo_t *info, void *p)
{
	ucontext_t *uc = p;

	(void)sig;
	code = info->si_code;
	if (++steps == 5)
		uc->uc_mcontext.gregs[EFL] &= ~0x100;
}

static int bad_register, bad_value;

static void on_usr1(int sig, siginfo_t *info, void *p)
{
	ucontext_t *uc = p;

	(void)sig, (void)info;
	uc->uc_mcontext.gregs[bad_register] = bad_value;
}

static void sigreturn_with(const char *what, int reg, int value)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct sigaction sa = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };

		bad_register = reg;
		bad_value = value;
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		sigaction(SIGUSR1, &sa, NULL);
		raise(SIGUSR1);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("faults386: sigreturn with %s: signal %d\n", what, WTERMSIG(status));
	else
		printf("faults386: sigreturn with %s: status %d\n", what, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	static const int sigs[] = { SIGFPE, SIGTRAP, SIGSEGV, SIGILL, SIGBUS };
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	int bounds[2] = { 1, 3 };
	unsigned int mxcsr = 0x1f80 & ~0x200, normal = 0x1f80;
	unsigned short cw = 0x37f & ~4;
	float zero = 0, one = 1;

	(void)argv;

	for (unsigned int i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		sigaction(sigs[i], &sa, NULL);

	FAULT("division by zero", "xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx"
	      : : : "eax", "ecx", "edx");
	FAULT("int3", "int3");
	FAULT("into", "movb $127, %%al; addb $1, %%al; into" : : : "eax", "cc");
	FAULT("bound", "movl $5, %%eax; boundl %%eax, %0" : : "m" (bounds) : "eax");
	FAULT("ud2", "ud2");
	FAULT("hlt", "hlt");
	FAULT("cli", "cli");
	FAULT("in", "inb $0x61, %%al" : : : "eax");
	FAULT("mov to cr3", "movl %%eax, %%cr3" : : );
	FAULT("int 0x21", "int $0x21");
	FAULT("a kernel selector", "movl $0x60, %%eax; movl %%eax, %%es" : : : "eax");
	FAULT("jump to 0", "xorl %%eax, %%eax; jmp *%%eax" : : : "eax");
	FAULT("the kernel's memory", "movl 0xc0101000, %%eax" : : : "eax");
	FAULT("x87 division by zero", "fldcw %0; fld1; fldz; fdivrp; fwait" : : "m" (cw));
	__asm__ volatile("fninit");
	if (argc > 1) {
		FAULT("a null selector", "movl $0, %%eax; movl %%eax, %%es; movl %%es:0, %%eax"
		      : : : "eax");
		__asm__ volatile("movl %%ds, %%eax; movl %%eax, %%es" : : : "eax");
		FAULT("SSE division by zero",
		      "ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0"
		      : : "m" (mxcsr), "m" (one), "m" (zero));
		__asm__ volatile("ldmxcsr %0" : : "m" (normal));
	}

	sa.sa_sigaction = on_step;
	sigaction(SIGTRAP, &sa, NULL);
	__asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop; nop; nop; nop; nop"
			 : : : "cc", "memory");
	printf("faults386: trap flag: %d steps, code %d\n", steps, code);

	sigreturn_with("a kernel code segment", CS, 0x60);
	sigreturn_with("a null code segment", CS, 0);
	sigreturn_with("a data segment as code", CS, 0x7b);
	sigreturn_with("a null stack segment", SS, 0);
	sigreturn_with("a bad gs", GS, 0x1234);
	sigreturn_with("IOPL 3 in eflags", EFL, 0x3202);
	sigreturn_with("eip in the kernel", EIP, 0xc0101000);
	printf("faults386: ok\n");
	return 0;
}
