/* A timer that goes off three times, each time while the program waits for it. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int ticks;

static void start(void)
{
	struct itimerval once = { { 0, 0 }, { 0, 20000 } };

	setitimer(ITIMER_REAL, &once, NULL);
}

static void tick(int sig)
{
	if (++ticks < 3)
		start();
}

int main(void)
{
	sigset_t alarms, others;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarms, &others);
	signal(SIGALRM, tick);
	start();
	while (ticks < 3)
		sigsuspend(&others);
	printf("%d ticks\n", ticks);
	return 0;
}
