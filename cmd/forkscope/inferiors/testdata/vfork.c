/* vfork: the child executes this program again, or sends itself a signal first. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int again(int argc)
{
	printf("again with %d arguments\n", argc);
	return argc;
}

static void handler(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc > 2)
		return again(argc);
	signal(SIGUSR1, handler);
	pid = vfork();
	if (pid == 0) {
		if (argc == 2 && strcmp(argv[1], "signal") == 0)
			kill(getpid(), SIGUSR1);
		execl(argv[0], argv[0], "one", "two", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
