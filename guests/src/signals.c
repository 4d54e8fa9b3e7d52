/*
 * signals: delivery, masks, restart of interrupted calls, faults caught on
 * an alternate stack, SIGCHLD, and death by signal.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught, caught_code, depth, max_depth;
static volatile unsigned long fault_addr;
static sigjmp_buf back;
static char altstack[16384];

static void on_signal(int sig)
{
	caught = sig;
}

static void on_info(int sig, siginfo_t *info, void *uc)
{
	(void)uc;
	caught = sig;
	caught_code = info->si_code;
}

static void on_fault(int sig, siginfo_t *info, void *uc)
{
	char here;

	(void)uc;
	caught = sig;
	caught_code = info->si_code;
	fault_addr = (unsigned long)info->si_addr;
	if (&here < altstack || &here >= altstack + sizeof(altstack))
		caught = -1;
	siglongjmp(back, 1);
}

static void on_nested(int sig)
{
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (sig == SIGUSR1)
		raise(SIGUSR2);		/* not blocked: comes at once */
	if (sig == SIGUSR2)
		raise(SIGUSR2);		/* blocked until this returns */
	depth--;
	if (sig == SIGUSR2 && ++caught >= 3)
		signal(SIGUSR2, SIG_IGN);
}

static void install(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void install_info(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void faults(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };
	char *ro = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile int zero = 0;

	sigaltstack(&ss, NULL);
	install_info(SIGSEGV, on_fault, SA_ONSTACK);
	install_info(SIGILL, on_fault, SA_ONSTACK);

	if (!sigsetjmp(back, 1))
		*(volatile int *)16 = 1;
	printf("signals: write to 16: signal %d, code %d, address %lu\n",
	       caught, caught_code, fault_addr);
	if (!sigsetjmp(back, 1))
		*(volatile char *)(ro + 5) = 1;
	printf("signals: write to a read-only page: signal %d, code %d, address %s\n",
	       caught, caught_code, fault_addr == (unsigned long)ro + 5 ? "right" : "wrong");
	if (!sigsetjmp(back, 1)) {
#ifdef __aarch64__
		__asm__ volatile(".inst 0");
#else
		__asm__ volatile("ud2");
#endif
	}
	printf("signals: illegal instruction: signal %d, address %s\n", caught,
	       fault_addr ? "set" : "missing");
	(void)zero;
	signal(SIGSEGV, SIG_DFL);
	signal(SIGILL, SIG_DFL);
}

/* A read that a handler interrupts: does it start over, or fail? */
static void interrupted_read(int flags, const char *what)
{
	int fd[2], n, ready[2];
	pid_t pid, parent = getpid();
	char c = '?';

	if (pipe(fd) || pipe(ready))
		exit(1);
	install(SIGUSR1, on_signal, flags);
	caught = 0;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct timespec delay = { 0, 20 * 1000 * 1000 };

		nanosleep(&delay, NULL);	/* the parent is in read by now */
		kill(parent, SIGUSR1);
		nanosleep(&delay, NULL);
		if (write(fd[1], "y", 1) != 1)
			_exit(1);
		_exit(0);
	}
	n = read(fd[0], &c, 1);
	if (n < 0)
		printf("signals: %s: read fails: %s, signal %d\n", what,
		       strerror(errno), caught);
	else
		printf("signals: %s: read gives %d byte, signal %d\n", what, n, caught);
	waitpid(pid, NULL, 0);
	close(fd[0]);
	close(fd[1]);
}

static void children(void)
{
	static const int sigs[] = { SIGINT, SIGKILL, SIGSEGV, SIGTERM };
	int status;
	pid_t pid;

	install_info(SIGCHLD, on_info, SA_RESTART);
	caught = 0;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(9);
	waitpid(pid, &status, 0);
	printf("signals: child ended: signal %d, code %d, status %d\n", caught,
	       caught_code, WEXITSTATUS(status));
	signal(SIGCHLD, SIG_DFL);

	for (unsigned int i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			if (sigs[i] == SIGSEGV)
				*(volatile int *)0 = 0;
			for (;;)
				pause();
		}
		if (sigs[i] != SIGSEGV)
			kill(pid, sigs[i]);
		waitpid(pid, &status, 0);
		printf("signals: child killed by signal %d\n",
		       WIFSIGNALED(status) ? WTERMSIG(status) : -1);
	}

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	printf("signals: child stopped by signal %d\n",
	       WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	printf("signals: child %s\n", WIFCONTINUED(status) ? "continued" : "?");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	printf("signals: child killed by signal %d\n",
	       WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

int main(void)
{
	struct timespec none = { 0, 0 };
	sigset_t set, old, pending;
	siginfo_t info;

	install_info(SIGUSR1, on_info, 0);
	raise(SIGUSR1);
	printf("signals: raise: signal %d, code %d\n", caught, caught_code);

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	caught = 0;
	kill(getpid(), SIGUSR1);
	sigpending(&pending);
	printf("signals: blocked: signal %d, pending %d\n", caught,
	       sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_SETMASK, &old, NULL);
	printf("signals: unblocked: signal %d, code %d\n", caught, caught_code);

	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	printf("signals: waited for: signal %d\n", sigtimedwait(&set, &info, &none));
	printf("signals: none left: %s\n",
	       sigtimedwait(&set, &info, &none) < 0 ? strerror(errno) : "?");
	sigprocmask(SIG_SETMASK, &old, NULL);

	caught = 0;
	install(SIGUSR1, on_nested, 0);
	install(SIGUSR2, on_nested, 0);
	raise(SIGUSR1);
	printf("signals: nested %d deep, %d times\n", max_depth, caught);

	faults();
	interrupted_read(SA_RESTART, "SA_RESTART");
	interrupted_read(0, "no SA_RESTART");

	install(SIGALRM, on_signal, 0);
	alarm(1);
	pause();
	printf("signals: alarm: signal %d\n", caught);
	children();
	printf("signals: ok\n");
	return 0;
}
