/*
 * shstk64: user shadow stacks, without a libc that knows of them: main does not
 * return from where it switches its own on. What comes out is what Linux's
 * Documentation/arch/x86/shstk.rst and the Intel manual (volume 1, chapter 17) say.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define ENABLE	0x5001
#define DISABLE	0x5002
#define LOCK	0x5003
#define STATUS	0x5005
#define SHSTK	1UL
#define WRSS	2UL

#define NR_MAP_SHADOW_STACK	453

static inline __attribute__((always_inline)) long arch_prctl(long option, unsigned long arg)
{
	long ret;

	__asm__ volatile("syscall" : "=a" (ret) : "a" (SYS_arch_prctl), "D" (option), "S" (arg) : "rcx", "r11", "memory");
	return ret;
}

static unsigned long status(void)
{
	unsigned long features = 99;

	arch_prctl(STATUS, (unsigned long)&features);
	return features;
}

static inline unsigned long rdssp(void)
{
	unsigned long ssp = 0;

	__asm__ volatile("rdsspq %0" : "+r" (ssp));
	return ssp;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	printf("signal %d, code %d, trap %lld, error %llx\n", sig, info->si_code,
	       (long long)uc->uc_mcontext.gregs[REG_TRAPNO], (long long)uc->uc_mcontext.gregs[REG_ERR]);
	_exit(0);
}

static void on_signal(int sig)
{
	unsigned long *ssp = (unsigned long *)rdssp();

	/* The kernel did not call this function: there are its restorer and the place to go on. */
	printf("handler of %d: restorer %s, bit 63 %d\n", sig, ssp[0] ? "set" : "missing", (int)(ssp[1] >> 63));
}

/* What a child comes to. */
#define CHILD(what, ...)					\
	do {							\
		printf("%s: ", what);				\
		if (fork() == 0) {				\
			__VA_ARGS__;				\
			printf("fine\n");			\
			_exit(0);				\
		}						\
		wait(NULL);					\
	} while (0)

static __attribute__((noinline)) void go_elsewhere(void)
{
	__asm__ volatile("leaq 1f(%%rip), %%rax; pushq %%rax; ret; 1:" : : : "rax", "memory");
}

static __attribute__((noinline)) int deep(int n)
{
	return n ? deep(n - 1) + 1 : 0;
}

static unsigned long parents;

static int thread(void *arg)
{
	unsigned long ssp = rdssp();

	(void)arg;
	printf("thread: a shadow stack %d, of its own %d, %d calls\n", ssp != 0, ssp > parents + 4096 || ssp < parents - 4096,
	       deep(1000));
	fflush(stdout);
	_exit(0);
}

/* As a vfork's child: its parent waits, and both are on one shadow stack. */
static int borrower(void *arg)
{
	unsigned long parent = *(unsigned long *)arg, ssp = rdssp();

	printf("borrower: the parent's %d, %d calls\n", ssp <= parent && ssp > parent - 4096, deep(100));
	_exit(5);
}

/* Switches to a shadow stack that has a restore token, and back. */
static void other_stack(void)
{
	unsigned long stack = syscall(NR_MAP_SHADOW_STACK, 0, 4096, 1), before = rdssp(), there, after;

	__asm__ volatile("rstorssp (%3)\n"		/* to its token, leaving one of the old stack there */
			 "saveprevssp\n"
			 "rdsspq %0\n"
			 "subq $8, %2\n"		/* the token that saveprevssp pushed on the old one */
			 "rstorssp (%2)\n"
			 "saveprevssp\n"
			 "rdsspq %1\n"
			 : "=&r" (there), "=&r" (after), "+r" (before)
			 : "r" (stack + 4096 - 8) : "memory");
	printf("other stack: there %d, back %d\n", there == stack + 4096, after == before + 8);
}

static void wrss(unsigned long *at, unsigned long value)
{
	__asm__ volatile("wrssq %1, (%0)" : : "r" (at), "r" (value) : "memory");
}

int main(int argc, char **argv)
{
	static char stack[65536] __attribute__((aligned(16)));
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	unsigned long *ssp;
	int state;
	long ret;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("%s: status %lx, ssp %lx\n", argc > 1 ? "after exec" : "begin", status(), rdssp());
	if (argc > 1)
		_exit(arch_prctl(ENABLE, SHSTK) ? 1 : 0);
	printf("bad: %ld %ld %ld\n", arch_prctl(ENABLE, 3), arch_prctl(ENABLE, 4), arch_prctl(ENABLE, WRSS));
	ret = syscall(NR_MAP_SHADOW_STACK, 0, 4, 1) == -1 ? errno : 0;
	printf("map_shadow_stack: %ld\n", ret);
	ret = arch_prctl(ENABLE, SHSTK);
	if (ret) {
		printf("no shadow stacks: %ld\n", ret);
		_exit(0);
	}
	ssp = (unsigned long *)rdssp();
	parents = (unsigned long)ssp;
	printf("on: status %lx, ssp %d, calls %d\n", status(), ssp != NULL, deep(100));
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	printf("after the handler: %d\n", rdssp() == (unsigned long)ssp);
	CHILD("child", printf("%d calls, ssp %d, ", deep(100), rdssp() == (unsigned long)ssp));
	CHILD("return to elsewhere", go_elsewhere());
	CHILD("write", ssp[-1] = 1);
	CHILD("the kernel's write", ret = read(open("/dev/zero", O_RDONLY), ssp - 1, 8), printf("%s, ", ret < 0 ? strerror(errno) : "done"));
	CHILD("wrss, not allowed", wrss(ssp, 1));
	CHILD("wrss, allowed for a while", printf("%ld ", arch_prctl(ENABLE, WRSS)), wrss(ssp - 8, 0x1234),
	      printf("%lx %ld ", ssp[-8], arch_prctl(DISABLE, WRSS)), wrss(ssp - 8, 1));
	fflush(stdout);
	clone(thread, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	wait(&state);
	printf("thread's end: %x\n", state);
	clone(borrower, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &parents);
	wait(&state);
	printf("borrower's end: %x, %d calls\n", state, deep(100));
	other_stack();
	CHILD("exec", execv(argv[0], (char *[]) { argv[0], "again", NULL }));
	CHILD("off", printf("%ld ", arch_prctl(DISABLE, SHSTK)), printf("status %lx, ssp %lx, ", status(), rdssp()));
	printf("lock: %ld, ", arch_prctl(LOCK, SHSTK));
	printf("off: %ld\n", arch_prctl(DISABLE, SHSTK));
	_exit(0);
}
