/* Copy on write: parent and child have the same page until one of them writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char page[8192] = "as it was";
static const char fixed[] = "read only";
static int go[2];

static int look(int who)
{
	return page[0] + who - who;
}

int main(void)
{
	int status = 0, seen;
	char c = 0;
	pid_t pid;

	if (pipe(go))
		return 9;
	pid = fork();
	if (pid == 0) {
		if (read(go[0], &c, 1) != 1)
			_exit(8);
		seen = look(2);
		printf("child: %s, %s\n", page, fixed);
		exit(seen);
	}
	seen = look(1);
	printf("parent: %s, %s\n", page, fixed);
	fflush(stdout);
	if (write(go[1], &c, 1) != 1)
		return 7;
	waitpid(pid, &status, 0);
	printf("%c %c\n", seen, WEXITSTATUS(status));
	return 0;
}
