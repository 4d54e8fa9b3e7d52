/* When an interval timer goes on: its next interval begins where the signal of the last is taken. */
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static const struct itimerval often = {{0, 1}, {0, 1}}, slow = {{0, 50000}, {0, 50000}}, off;
static volatile sig_atomic_t alarms;

static void handler(int sig)
{
	sigset_t set;

	if (++alarms == 5) {
		setitimer(ITIMER_REAL, &off, NULL);
		return;
	}
	/* The next one comes while this one is handled. */
	do
		sigpending(&set);
	while (!sigismember(&set, sig));
}

static void count(int sig)
{
	alarms++;
}

static void nap(void)
{
	struct timespec t = {0, 200000000};

	while (nanosleep(&t, &t))
		;
}

static void show(const char *when)
{
	struct itimerval v;

	getitimer(ITIMER_REAL, &v);
	printf("%s: %s, interval %ld us, %s\n", when, v.it_value.tv_usec || v.it_value.tv_sec ? "to come" : "not to come",
	       (long)v.it_interval.tv_usec, alarms ? "alarms" : "no alarm");
}

int main(void)
{
	sigset_t set;

	/* Faster than it can be handled, it leaves time to finish. */
	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &often, NULL);
	while (alarms < 5)
		;
	show("1 back to back");

	alarms = 0;
	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &slow, NULL);
	show("2 ignored");
	nap();
	show("3 once that was due");
	signal(SIGALRM, count);
	nap();
	show("4 not ignored any more");

	setitimer(ITIMER_REAL, &slow, NULL);
	nap();
	show("5 handled");

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	nap();
	alarms = 0;
	show("6 blocked");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	show("7 unblocked");
	setitimer(ITIMER_REAL, &off, NULL);
	show("8 off");
	return 0;
}
