/* Signals: a handler on its own stack, one that interrupts a call, one that ends the program. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile sig_atomic_t seen;

static void on_segv(int sig, siginfo_t *info, void *context)
{
	(void)context;
	printf("signal %d at address %p\n", sig, info->si_addr);
	siglongjmp(back, 1);
}

static void on_usr1(int sig) { seen = sig; }

int main(void)
{
	stack_t alt = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction sa = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	int pipefd[2], status;
	char c;

	sigaltstack(&alt, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(back, 1))
		*(volatile int *)0x10 = 1;
	printf("back from SIGSEGV\n");

	struct sigaction usr = { .sa_handler = on_usr1 };
	sigaction(SIGUSR1, &usr, NULL);
	if (pipe(pipefd))
		return 1;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		usleep(20000);
		kill(getppid(), SIGUSR1);
		pause();
		_exit(1);
	}
	ssize_t n = read(pipefd[0], &c, 1);
	printf("read gave %zd, %s, signal %s\n", n, strerror(errno), seen == SIGUSR1 ? "seen" : "not seen");
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	printf("child ended by signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	fflush(stdout);
	signal(SIGABRT, SIG_DFL);
	abort();
}
