/*
 * forktwice: the smallest program in which one call returns twice.
 */
#include <stdio.h>
#include <unistd.h>

int main()
{
	pid_t pid;

	if ((pid = fork()) > 0) {
		printf("parent\n");
	} else if (pid == 0) {
		printf("child\n");
	} else {
		printf("error\n");
	}

	return 0;
}
