/* Every thread of two processes sleeps, and what a debugger does to one of them has to be done all the same. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

static int copied = 1;		/* on a page that parent and child share until one writes */
static int untouched[4096];	/* on pages that nobody has written */
static int *shared;		/* on a page that both have */
static const char constant[] = "constant";

int answer(int n)
{
	return n + 41;
}

static volatile sig_atomic_t signalled;

static void woken(int sig)
{
	signalled = 1;
}

/* SIGUSR1 comes to the child only when it waits for it: one that came before would be waited for in vain. */
static void only_when_waiting(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

static void *sleeper(void *arg)
{
	sigset_t interrupt;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	pthread_sigmask(SIG_BLOCK, &interrupt, 0);
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_t thread;
	struct sigaction action = {.sa_handler = woken};
	int child, status, alive[2];
	sigset_t before;
	fd_set ends;

	sigaction(SIGUSR1, &action, 0);
	pipe(alive);
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = 7;
	only_when_waiting(&before);
	child = fork();
	if (!child) {
		signal(SIGINT, SIG_IGN); /* which gdbserver sends to both */
		close(alive[1]);
		FD_ZERO(&ends);
		FD_SET(alive[0], &ends);
		if (pselect(alive[0] + 1, &ends, 0, 0, 0, &before) >= 0)
			return 5; /* the parent is gone */
		printf("child: copied %d untouched %d shared %d %s\n", copied, untouched[2048], *shared, constant);
		return 4;
	}
	pthread_sigmask(SIG_SETMASK, &before, 0);
	pthread_create(&thread, 0, sleeper, 0);
	usleep(10000);
	printf("ready %d\n", answer(0));
	fflush(stdout);
	while (!signalled)
		poll(0, 0, 10000); /* so long if the signal comes between the two */
	kill(child, SIGUSR1);
	waitpid(child, &status, 0);
	printf("parent: copied %d untouched %d shared %d %s, child left %d\n", copied, untouched[2048], *shared, constant, WEXITSTATUS(status));
	return 3;
}
