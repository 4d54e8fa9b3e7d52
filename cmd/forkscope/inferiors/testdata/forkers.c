/* Threads that make processes all the time, beside one that has lines to step over. */
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKERS 3

static int with_vfork;

static void *forker(void *arg)
{
	for (;;) {
		pid_t pid = with_vfork ? vfork() : fork();

		if (pid == 0)
			_exit(7);
		waitpid(pid, NULL, 0);
		usleep(4000);
	}
	return NULL;
}

static void nap(void)
{
	usleep(5000);
}

int main(int argc, char **argv)
{
	pthread_t t;
	int i;

	with_vfork = argc > 1 && strcmp(argv[1], "vfork") == 0;
	alarm(100);
	for (i = 0; i < FORKERS; i++)
		pthread_create(&t, NULL, forker, NULL);
	for (i = 0; i < 4; i++) {
		nap();
		nap();
	}
	return i;
}
