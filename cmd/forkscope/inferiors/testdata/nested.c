/* Forks three deep; each process waits for its child. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int depth;

static int bottom(void)
{
	return 7;
}

static int descend(void)
{
	int status = 0;
	pid_t pid;

	if (depth == 3)
		return bottom();
	pid = fork();
	if (pid == 0) {
		depth++;
		_exit(descend());
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) + 1;
}

int main(void)
{
	int n = descend();

	printf("%d\n", n);
	return 0;
}
