#include <stdio.h>
#include <unistd.h>

int main(void)
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
