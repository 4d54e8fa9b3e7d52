/* A child that dies in the way its argument says. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int *nowhere;

static void die(const char *how)
{
	if (strcmp(how, "segv") == 0)
		*nowhere = 1;
	else if (strcmp(how, "abort") == 0)
		abort();
	else if (strcmp(how, "fpe") == 0)
		raise(SIGFPE);
	else
		kill(getpid(), SIGKILL);
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		die(argv[1]);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("signal %d\n", WTERMSIG(status));
	return 0;
}
