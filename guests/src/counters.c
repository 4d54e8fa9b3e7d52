/*
 * counters [BEATS [ROLE...]]: processes that count, for whoever wants to see
 * which of them make progress. Each ROLE is one process:
 *
 *	spin		counts as fast as it can
 *	nap		counts, sleeps 3 ms, and so on
 *	pipe		counts what it reads from a pipe: one byte each beat
 *	signals		counts the SIGUSR1 it gets: one each beat
 *	threads		two threads, each of which counts
 *	wait		counts the children it has waited for, one at a time
 *	victim		as nap, and is killed at beat 5
 *	job		as nap, is stopped at beat 5 and continued at beat 10
 *	fault		at beat 5 writes to an address where nothing is
 *
 * The first process beats every 10 ms, calling getppid each time. After BEATS
 * beats (default 12; 0 is never) it kills the others, and says whether each has
 * counted. All numbers are in one shared page at SHARED; each process has a
 * counter of its own besides.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHARED	((void *)0x50000000)
#define MOST	24
#define MS	1000000L

struct shared {
	volatile unsigned int beats, go, reserved[30];
	volatile unsigned int count[32];	/* by process */
	volatile unsigned int second[32];	/* of a second thread */
	volatile unsigned int signals[32];	/* SIGUSR1 handled */
};

static struct shared *shared;
static int self;			/* index of this process */
volatile unsigned int own;		/* as count, in memory of its own */
unsigned int untouched[8192];		/* nobody looks at these pages */
static int pipe_fds[2];

static void nap(long ms)
{
	struct timespec t = { 0, ms * MS };

	nanosleep(&t, NULL);
}

static void count(void)
{
	own++;
	shared->count[self]++;
}

static void on_usr1(int sig)
{
	(void)sig;
	shared->signals[self]++;
}

static void spin(void)
{
	for (;;)
		count();
}

static void naps(void)
{
	for (;;) {
		count();
		nap(3);
	}
}

static void reads(void)
{
	char c;

	while (read(pipe_fds[0], &c, 1) == 1)
		count();
}

static void takes_signals(void)
{
	struct sigaction sa = { .sa_handler = on_usr1 };

	sigaction(SIGUSR1, &sa, NULL);
	for (;;) {
		pause();
		count();
	}
}

static void *second(void *arg)
{
	for (;;)
		shared->second[self]++;
	return arg;
}

static void two_threads(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, second, NULL))
		_exit(1);
	spin();
}

static void waits(void)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			nap(3);
			_exit(7);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			_exit(1);
		count();
	}
}

static void fault(void)
{
	while (shared->beats < 5) {
		count();
		nap(3);
	}
	*(volatile int *)0x10 = 1;
}

static const struct role {
	const char *name;
	void (*run)(void);
} roles[] = {
	{ "spin", spin }, { "nap", naps }, { "pipe", reads },
	{ "signals", takes_signals }, { "threads", two_threads },
	{ "wait", waits }, { "victim", naps }, { "job", naps },
	{ "fault", fault },
};

static const struct role *find(const char *name)
{
	for (unsigned int i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(roles[i].name, name))
			return &roles[i];
	dprintf(2, "counters: no role %s\n", name);
	exit(2);
}

static void become(const struct role *role, int index)
{
	self = index;
	own = 0;
	while (!shared->go)
		nap(1);
	role->run();
	_exit(1);
}

/* What the first process does to a process at each beat. */
static void prod(const struct role *role, pid_t pid)
{
	if (role->run == reads)
		write(pipe_fds[1], "", 1);
	else if (role->run == takes_signals)
		kill(pid, SIGUSR1);
	else if (!strcmp(role->name, "victim") && shared->beats == 5)
		kill(pid, SIGKILL);
	else if (!strcmp(role->name, "job") && shared->beats == 5)
		kill(pid, SIGSTOP);
	else if (!strcmp(role->name, "job") && shared->beats == 10)
		kill(pid, SIGCONT);
}

int main(int argc, char **argv)
{
	static char *every[] = { "spin", "nap", "pipe", "signals", "threads",
				 "wait", "victim", "job", "fault" };
	unsigned int beats = argc > 1 ? atoi(argv[1]) : 12;
	char **names = argc > 2 ? argv + 2 : every;
	int n = argc > 2 ? argc - 2 : (int)(sizeof(every) / sizeof(every[0]));
	pid_t pids[MOST + 1];

	shared = mmap(SHARED, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (shared == MAP_FAILED || pipe(pipe_fds) || n > MOST)
		return 1;
	for (int i = 1; i <= n; i++) {
		const struct role *role = find(names[i - 1]);

		pids[i] = fork();
		if (pids[i] == 0)
			become(role, i);
		if (pids[i] < 0)
			return 1;
	}
	nap(20);		/* each is at its gate */
	shared->go = 1;
	while (!beats || shared->beats < beats) {
		nap(10);
		shared->beats++;
		getppid();
		for (int i = 1; i <= n; i++)
			prod(find(names[i - 1]), pids[i]);
	}
	for (int i = 1; i <= n; i++) {
		int status;

		kill(pids[i], SIGKILL);
		waitpid(pids[i], &status, 0);
		printf("counters: %s %s, signal %d\n", names[i - 1],
		       shared->count[i] ? "has counted" : "has not counted",
		       WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	}
	return 0;
}
