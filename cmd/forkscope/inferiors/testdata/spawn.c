/* posix_spawn of the program itself. */
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int spawned(void)
{
	return 5;
}

int main(int argc, char **argv)
{
	char *args[] = { argv[0], "child", NULL };
	char *env[] = { NULL };
	int status = 0;
	pid_t pid;

	if (argc > 1)
		return spawned();
	if (posix_spawn(&pid, argv[0], NULL, NULL, args, env))
		return 1;
	waitpid(pid, &status, 0);
	printf("spawned %d\n", WEXITSTATUS(status));
	return 0;
}
