/*
 * forkloop [N]: forks and waits N times (default 2000), one child at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 2000, status;
	unsigned int sum = 0;

	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i & 0x7f);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
			perror("forkloop");
			return 1;
		}
		sum += WEXITSTATUS(status);
	}
	printf("forkloop: %d forks, sum of statuses %u\n", n, sum);
	return 0;
}
