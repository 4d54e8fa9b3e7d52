/*
 * preempt: two processes that never give up the CPU both get on, and a
 * third that sleeps is woken in time.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GOAL	2	/* turns each must see the other take */

static long ms_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - t->tv_sec) * 1000 + (now.tv_nsec - t->tv_nsec) / 1000000;
}

/* Counts, and counts how often the other's count moved meanwhile. */
static void spin(volatile unsigned long *count, int me)
{
	unsigned long last = count[!me];
	int turns = 0;

	while (turns < GOAL || !count[2 + !me]) {
		count[me]++;
		if (count[!me] != last) {
			last = count[!me];
			if (++turns == GOAL)
				count[2 + me] = 1;
		}
	}
	_exit(0);
}

int main(void)
{
	volatile unsigned long *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec start, nap = { 0, 30 * 1000 * 1000 };
	int status, failed = 0;
	long ms;

	if (count == MAP_FAILED)
		return 1;
	fflush(stdout);
	for (int me = 0; me < 2; me++)
		if (fork() == 0)
			spin(count, me);
	clock_gettime(CLOCK_MONOTONIC, &start);
	nanosleep(&nap, NULL);
	ms = ms_since(&start);
	printf("preempt: a nap of 30 ms beside two busy processes: %s\n",
	       ms < 30 ? "too short" : ms > 5000 ? "too long" : "in time");
	for (int i = 0; i < 2; i++) {
		wait(&status);
		failed |= status;
	}
	printf("preempt: each saw the other run %d times: %s\n", GOAL,
	       failed ? "no" : "yes");
	printf("preempt: ok\n");
	return failed || ms < 30;
}
