/* SIGCHLD, stopping and continuing a child, and killing one that may be held by someone else. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int children, last_code, last_status;
static int ready[2];

static void on_chld(int sig, siginfo_t *info, void *context)
{
	children++;
	last_code = info->si_code;
	last_status = info->si_status;
}

/* The signal may come a moment after wait has returned, and two of them may be taken for one. */
static void signals(int n)
{
	while (children < n)
		usleep(1000);
}

static void told(int what)
{
	printf("status %x\n", what);
}

static void child(void)
{
	char c = 0;

	if (write(ready[1], &c, 1) != 1)
		_exit(9);
	for (;;)
		pause();
}

int main(void)
{
	struct sigaction act;
	int status;
	pid_t pid;
	char c;

	memset(&act, 0, sizeof act);
	act.sa_sigaction = on_chld;
	act.sa_flags = SA_SIGINFO | SA_RESTART;
	sigaction(SIGCHLD, &act, NULL);
	if (pipe(ready))
		return 9;
	pid = fork();
	if (pid == 0)
		child();
	if (read(ready[0], &c, 1) != 1)
		return 8;
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	signals(1);
	told(status);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	signals(2);
	told(status);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	signals(3);
	told(status);
	return 0;
}
