/* The parent of vfork sleeps in the kernel until the child has ended. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(5);
	waitpid(pid, &status, 0);
	printf("child ended with %d\n", WEXITSTATUS(status));
	return WEXITSTATUS(status);
}
