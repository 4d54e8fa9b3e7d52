/* A process that forks and waits three times, beside one that asks who its parent is, again and again. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

volatile int rounds;

__attribute__((noinline)) static void round_trip(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(rounds);
	waitpid(pid, &status, 0);
	rounds++;
}

int main(void)
{
	struct timespec nap = { 0, 1000000 };

	if (fork() == 0)
		while (getppid() > 1)
			nanosleep(&nap, 0);
	while (rounds < 3)
		round_trip();
	return 0;
}
