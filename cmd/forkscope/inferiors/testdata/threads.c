/* Threads that take turns. */
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "threadstate.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn, waiting, work_done;
static int id[4];

static void wait_turn(int n)
{
	pthread_mutex_lock(&lock);
	waiting++;
	pthread_cond_broadcast(&cond);
	while (turn != n)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
}

static void all_waiting(void)
{
	pthread_mutex_lock(&lock);
	while (waiting != 3)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
}

static void next_turn(void)
{
	pthread_mutex_lock(&lock);
	turn++;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
}

static void work(int n)
{
	work_done += n;
}

static void *body(void *arg)
{
	int n = (int)(long)arg;
	char name[16];

	snprintf(name, sizeof name, "worker-%d", n);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	wait_turn(n);
	id[n] = syscall(SYS_gettid);
	while (thread_state(getpid()) != 'S' || (n > 1 && thread_state(id[n - 1]))) /* main waits for this thread, and the one before is gone */
		usleep(1000);
	work(n);
	return NULL;
}

static void all_done(void)
{
	turn = 100;
}

int main(void)
{
	pthread_t t[3];
	int i;

	for (i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, body, (void *)(long)(i + 1));
	all_waiting();
	for (i = 0; i < 3; i++) {
		next_turn();
		pthread_join(t[i], NULL);
	}
	all_done();
	printf("work %d\n", work_done);
	return 0;
}
