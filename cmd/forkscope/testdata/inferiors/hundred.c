/* A hundred children, one after the other. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int number;

static int mark(int n)
{
	return n & 1;
}

int main(void)
{
	int status, odd = 0;
	pid_t pid;

	for (number = 0; number < 100; number++) {
		pid = fork();
		if (pid == 0)
			_exit(mark(number));
		waitpid(pid, &status, 0);
		odd += WEXITSTATUS(status);
	}
	printf("%d odd\n", odd);
	return 0;
}
