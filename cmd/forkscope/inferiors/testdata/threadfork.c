/* A thread that forks, or executes the program again. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *self, *what;
static int status;

static void in_child(void)
{
	_exit(6);
}

static void *body(void *arg)
{
	pid_t pid;

	if (strcmp(what, "exec") == 0)
		execl(self, self, "again", NULL);
	pid = fork();
	if (pid == 0)
		in_child();
	waitpid(pid, &status, 0);
	return NULL;
}

static int again(void)
{
	return 8;
}

int main(int argc, char **argv)
{
	pthread_t t;

	self = argv[0];
	what = argv[1];
	if (strcmp(what, "again") == 0)
		return again();
	pthread_create(&t, NULL, body, NULL);
	pthread_join(t, NULL);
	printf("status %d\n", WEXITSTATUS(status));
	return 0;
}
