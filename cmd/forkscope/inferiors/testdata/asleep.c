/* Every thread of two processes sleeps, and what a debugger does to one of them has to be done all the same. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
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

static void woken(int sig)
{
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
	char c;

	sigaction(SIGUSR1, &action, 0);
	pipe(alive);
	shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*shared = 7;
	child = fork();
	if (!child) {
		signal(SIGINT, SIG_IGN); /* which gdbserver sends to both */
		close(alive[1]);
		if (!read(alive[0], &c, 1))
			return 5; /* the parent is gone */
		printf("child: copied %d untouched %d shared %d %s\n", copied, untouched[2048], *shared, constant);
		return 4;
	}
	pthread_create(&thread, 0, sleeper, 0);
	usleep(10000);
	printf("ready %d\n", answer(0));
	fflush(stdout);
	pause();
	kill(child, SIGUSR1);
	waitpid(child, &status, 0);
	printf("parent: copied %d untouched %d shared %d %s, child left %d\n", copied, untouched[2048], *shared, constant, WEXITSTATUS(status));
	return 3;
}
