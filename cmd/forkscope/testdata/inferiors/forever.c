/* Sleeps, or spins, until someone sets done; the child, if one is asked for, does so while the parent waits. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int done;
static volatile unsigned count;
static int child_pid;

static void spin(void)
{
	while (!done) count++; /* on one line, wherever it is stopped */
}

static void nap(void)
{
	while (!done)
		sleep(1000);
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc > 2) {
		child_pid = fork();
		if (child_pid) {
			waitpid(child_pid, &status, 0);
			printf("the child left %d\n", WEXITSTATUS(status));
			return 0;
		}
	}
	alarm(120); /* nothing is left behind if nobody comes */
	ready();
	if (strcmp(argv[1], "spin") == 0)
		spin();
	else
		nap();
	return 3;
}
