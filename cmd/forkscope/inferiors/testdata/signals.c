/* Signals that the program sends itself. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int usr1, usr2, value, seen;

static void on_usr1(int sig)
{
	usr1++;
}

static void on_usr2(int sig, siginfo_t *info, void *context)
{
	usr2++;
	value = info->si_value.sival_int;
}

static int step(int n)
{
	return n;
}

int main(void)
{
	struct sigaction act;
	union sigval v = { .sival_int = 1234 };

	memset(&act, 0, sizeof act);
	act.sa_handler = on_usr1;
	sigaction(SIGUSR1, &act, NULL);
	act.sa_sigaction = on_usr2;
	act.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR2, &act, NULL);

	seen = step(1);
	kill(getpid(), SIGUSR1);
	seen = step(2);
	sigqueue(getpid(), SIGUSR2, v);
	seen = step(3);
	kill(getpid(), SIGUSR1);
	seen = step(4);
	printf("usr1 %d usr2 %d value %d seen %d\n", usr1, usr2, value, seen);
	return 0;
}
