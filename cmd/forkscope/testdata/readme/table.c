/* What the rows of README's table about processes are typed at. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int counter;

int f(int n)
{
	counter += n;
	return counter;
}

static void on_usr1(int sig)
{
	counter = 1000 + sig;
}

static void *worker(void *p)
{
	for (;;)
		pause();
	return p;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	pthread_t t;
	pid_t pid;

	signal(SIGUSR1, on_usr1);
	if (!strcmp(how, "threads"))
		pthread_create(&t, NULL, worker, NULL);
	pid = fork();
	if (pid == 0) {
		if (!strcmp(how, "wait"))
			pause();
		if (!strcmp(how, "exec"))
			execl(argv[0], "again", "once", (char *)NULL);
		_exit(f(3));
	}
	f(1);
	if (!strcmp(how, "signal"))
		raise(SIGUSR1);
	waitpid(pid, NULL, 0);
	if (!strcmp(how, "vfork") && vfork() == 0)
		_exit(0);
	for (int i = 0; i < 3; i++)
		f(i);
	printf("counter %d\n", counter);
	return 0;
}
