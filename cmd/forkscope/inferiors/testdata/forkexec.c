/* A chain: each link forks, and the child becomes the next link. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int link_number;

static int leaf(void)
{
	return 9;
}

int main(int argc, char **argv)
{
	int status = 0;
	char text[16];
	pid_t pid;

	link_number = argc > 1 ? atoi(argv[1]) : 2;
	if (link_number == 0)
		return leaf();
	pid = fork();
	if (pid == 0) {
		snprintf(text, sizeof text, "%d", link_number - 1);
		execl(argv[0], argv[0], text, NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) + 1;
}
