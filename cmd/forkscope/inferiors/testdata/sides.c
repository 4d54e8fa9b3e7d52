/* Two processes do a step in turn, kept in order by pipes. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int to_child[2], to_parent[2];
static int who; /* 1 the parent, 2 the child */

static void say(int fd)
{
	char c = 'x';

	if (write(fd, &c, 1) != 1)
		_exit(99);
}

static void hear(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		_exit(98);
}

static int both(int round)
{
	return 10 * who + round;
}

int main(void)
{
	int status = 0, i;
	pid_t pid;

	if (pipe(to_child) || pipe(to_parent))
		return 97;
	who = 1;
	pid = fork();
	if (pid == 0) {
		who = 2;
		say(to_parent[1]);
		for (i = 0; i < 2; i++) {
			hear(to_child[0]);
			both(i);
			say(to_parent[1]);
		}
		_exit(4);
	}
	hear(to_parent[0]);
	for (i = 0; i < 2; i++) {
		both(i);
		say(to_child[1]);
		hear(to_parent[0]);
	}
	waitpid(pid, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 0;
}
