/*
 * The program that is debugged in the figures about processes. Its first argument says what it does, the second how often:
 *
 *	forks N		N children, each waited for
 *	passes		calls of hot_function, with one of rare_function after each HOT_PASSES, for ever
 *	lines		children, one a source line, for ever
 *	busy N		N rounds of system calls and a handled signal
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALLS_A_ROUND 10

/* Written where the compiler would otherwise see that a function has no effect. */
volatile int sink;

/* Children that have been made and waited for. */
volatile int forks;

static volatile int signals;

__attribute__((noinline)) void hot_function(int i)
{
	sink = i;
}

__attribute__((noinline)) void rare_function(void)
{
	sink = -1;
}

/* Not a leaf and not a tail call, so that it returns to its caller. */
__attribute__((noinline)) void fork_once(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
		perror("fork");
		exit(1);
	}
	forks++;
}

__attribute__((noinline)) void fork_lines(void)
{
	for (;;) {
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
		fork_once();
	}
}

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

/* SIGURG is one that gdb lets through without a word unless it is told otherwise. */
static void busy(int rounds)
{
	pid_t self = getpid();

	signal(SIGURG, count_signal);
	for (int i = 0; i < rounds; i++) {
		for (int n = 0; n < SYSCALLS_A_ROUND; n++)
			sink = syscall(SYS_getppid);
		kill(self, SIGURG);
	}
	printf("busy: %d signals\n", signals);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (argc < 2)
		return 2;
	if (!strcmp(argv[1], "forks")) {
		for (int i = 0; i < n; i++)
			fork_once();
	} else if (!strcmp(argv[1], "passes")) {
		for (;;) {
			for (int i = 0; i < HOT_PASSES; i++)
				hot_function(i);
			rare_function();
		}
	} else if (!strcmp(argv[1], "lines")) {
		fork_lines();
	} else if (!strcmp(argv[1], "busy")) {
		busy(n);
	} else {
		return 2;
	}
	return 0;
}
