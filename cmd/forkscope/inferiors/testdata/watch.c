/* Parent and child change the same variable, each its own copy, in turn. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int shared;
static int other;

static void change(int to)
{
	other = to;
	shared = to;
	other = shared;
}

int main(void)
{
	int status;
	pid_t pid;

	change(1);
	pid = fork();
	if (pid == 0) {
		change(20);
		change(21);
		_exit(shared);
	}
	waitpid(pid, &status, 0);
	change(2);
	printf("parent %d child %d\n", shared, WEXITSTATUS(status));
	return 0;
}
