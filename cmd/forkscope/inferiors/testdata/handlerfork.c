/* A fork inside a signal handler. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int in_child, left;

static void handler(int sig)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		in_child = 1;
		return;
	}
	waitpid(pid, &status, 0);
	left = WEXITSTATUS(status);
}

static int after(int n)
{
	return n;
}

int main(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	if (in_child)
		_exit(after(5));
	printf("left %d\n", left);
	return 0;
}
