/* One address, two values: the child writes, the parent does not. */
#include <sys/wait.h>
#include <unistd.h>

volatile int value = 1111;

int main(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		value = 2222;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return value != 1111;
}
