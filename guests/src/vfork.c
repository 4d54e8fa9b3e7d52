/*
 * vfork: the parent stands still until the child execs or exits, and the two
 * share their memory until then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int value;

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc > 1) {
		printf("vfork: the new program's argument is %s\n", argv[1]);
		return 7;
	}

	printf("vfork: value is %d\n", value);
	fflush(stdout);
	pid = vfork();
	if (pid < 0) {
		perror("vfork");
		return 1;
	}
	if (pid == 0) {
		value = 42;
		_exit(3);
	}
	/* The child was first, or value would still be 0. */
	printf("vfork: value is %d after the child exited\n", value);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	printf("vfork: the child's status is %d\n", WEXITSTATUS(status));
	fflush(stdout);

	pid = vfork();
	if (pid == 0) {
		value = 43;
		execl("/proc/self/exe", "vfork", "again", NULL);
		execl("/bin/vfork", "vfork", "again", NULL);
		_exit(127);
	}
	if (value != 43)
		return 1;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	printf("vfork: the exec'ed child's status is %d\n", WEXITSTATUS(status));
	printf("vfork: ok\n");
	return 0;
}
