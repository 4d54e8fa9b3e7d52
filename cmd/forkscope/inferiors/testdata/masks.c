/* Signals that are blocked, ignored, waited for, and ignored by default. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile int handled;
static int waited;

static void handler(int sig)
{
	handled++;
}

static int mark(int n)
{
	return n;
}

int main(void)
{
	sigset_t set, old;
	int n;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);

	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR1);
	n = mark(1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	n = mark(2);
	raise(SIGUSR2);
	n = mark(3);
	raise(SIGWINCH);
	n = mark(4);
	sigprocmask(SIG_BLOCK, &set, &old);
	kill(getpid(), SIGUSR1);
	sigwait(&set, &waited);
	n = mark(5);
	raise(SIGTRAP);
	n = mark(6);
	raise(SIGURG);
	printf("handled %d waited %d last %d\n", handled, waited, n);
	return 0;
}
