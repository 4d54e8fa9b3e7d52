/* One fork: the child returns a value by its status, the parent waits for it. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int counter;

static int twice(int n)
{
	counter++;
	return 2 * n;
}

static void child(void)
{
	int n = twice(21);

	_exit(n);
}

static int parent(void)
{
	int status = 0;

	waitpid(-1, &status, 0);
	return WEXITSTATUS(status);
}

int main(void)
{
	int got;
	pid_t pid;

	counter = 10;
	pid = fork();
	if (pid == 0)
		child();
	got = parent();
	printf("the child left %d\n", got);
	got = twice(2);
	return got;
}
