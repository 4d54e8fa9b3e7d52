/* The first thread ends before the others; the last of them ends the process. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "threadstate.h"

static pthread_t leader;

static void alone(void)
{
}

static void *body(void *arg)
{
	pthread_join(leader, NULL);
	while (thread_state(getpid()) != 'Z') /* it is gone for the kernel too */
		usleep(1000);
	alone();
	exit(12);
}

int main(void)
{
	pthread_t t;

	leader = pthread_self();
	pthread_create(&t, NULL, body, NULL);
	pthread_exit(NULL);
}
