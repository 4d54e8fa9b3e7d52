/* Threads with their own storage, a mutex and a condition; then a fork out of a threaded process. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;
static __thread int mine;

static void *worker(void *arg)
{
	int me = (int)(long)arg;

	mine = me;
	for (int round = 0; round < 3; round++) {
		pthread_mutex_lock(&lock);
		while (turn % 4 != me)
			pthread_cond_wait(&turn_changed, &lock);
		printf("round %d: thread %d\n", round, mine);
		turn++;
		pthread_cond_broadcast(&turn_changed);
		pthread_mutex_unlock(&lock);
	}
	return (void *)(long)(mine * mine);
}

int main(void)
{
	pthread_t t[4];
	void *result;
	long sum = 0;
	int status;
	struct timespec turn_time;

	for (long i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, worker, (void *)i))
			return 1;
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &result);
		sum += (long)result;
	}
	printf("sum %ld\n", sum);
	printf("a turn is known: %d\n", sched_rr_get_interval(0, &turn_time));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit((int)sum);
	waitpid(pid, &status, 0);
	printf("child ended with %d\n", WEXITSTATUS(status));
	return 0;
}
