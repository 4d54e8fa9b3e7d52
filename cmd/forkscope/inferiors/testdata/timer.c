/* A timer that goes off three times while the program sleeps. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static volatile int ticks;

static void tick(int sig)
{
	ticks++;
}

int main(void)
{
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	signal(SIGALRM, tick);
	setitimer(ITIMER_REAL, &every, NULL);
	while (ticks < 3)
		pause();
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%d ticks\n", ticks);
	return 0;
}
