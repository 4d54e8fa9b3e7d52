/* A hundred children, one after the other. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int number;

static int mark(int n)
{
	return n & 1;
}

static int reap(void)
{
	int status = 0;

	wait(&status);
	return WEXITSTATUS(status);
}

int main(void)
{
	int odd = 0;
	pid_t pid;

	for (number = 0; number < 100; number++) {
		pid = fork();
		if (pid == 0)
			_exit(mark(number));
		odd += reap();
	}
	printf("%d odd\n", odd);
	return 0;
}
