/* The parent kills its child. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int status;

static void before_kill(void)
{
}

static void after_wait(void)
{
}

int main(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	before_kill();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	after_wait();
	return status;
}
