/*
 * threads: CLONE_VM tasks with their own TLS, joined and kept apart by futexes.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS	8
#define ROUNDS	500

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static long counter;			/* under lock */
static int turn;			/* under lock */
static atomic_int tids_differ;
static _Thread_local long mine;
static pthread_barrier_t barrier;

static void *work(void *arg)
{
	long id = (long)arg;

	if (syscall(SYS_gettid) != getpid())
		tids_differ++;
	mine = id;
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		long seen = counter;

		if (i % 50 == 0)
			sched_yield();		/* invite a race */
		counter = seen + 1;
		pthread_mutex_unlock(&lock);
		mine += 10;
	}
	/* Print in order of number. */
	pthread_mutex_lock(&lock);
	while (turn != id)
		pthread_cond_wait(&turn_changed, &lock);
	printf("threads: thread %ld has %ld in its own variable\n", id, mine);
	turn++;
	pthread_cond_broadcast(&turn_changed);
	pthread_mutex_unlock(&lock);
	return (void *)(id * id);
}

static void *exit_from_below(void *arg)
{
	pthread_exit(arg);
}

int main(void)
{
	pthread_t thread[THREADS];
	long sum = 0;
	void *result;

	mine = -1;
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (long i = 0; i < THREADS; i++) {
		if (pthread_create(&thread[i], NULL, work, (void *)i)) {
			printf("threads: pthread_create failed\n");
			return 1;
		}
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &result);
		sum += (long)result;
	}
	printf("threads: counter %ld, sum of squares %ld, main's own %ld\n",
	       counter, sum, mine);
	if (counter != THREADS * ROUNDS || sum != 140 || mine != -1 ||
	    tids_differ != THREADS)
		return 1;

	if (pthread_create(&thread[0], NULL, exit_from_below, (void *)5) ||
	    pthread_join(thread[0], &result) || result != (void *)5)
		return 1;
	printf("threads: ok\n");
	return 0;
}
