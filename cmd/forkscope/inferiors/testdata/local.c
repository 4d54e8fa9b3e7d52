/* Thread-local variables. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static __thread int mine = 5;
static __thread int zeroed;

static int here(int n)
{
	return mine + zeroed + n;
}

static void *body(void *arg)
{
	mine = 50;
	zeroed = 1;
	return (void *)(long)here(0);
}

int main(void)
{
	void *result;
	pthread_t t;

	close(-1);
	zeroed = errno;
	here(1);
	pthread_create(&t, NULL, body, NULL);
	pthread_join(t, &result);
	printf("%d %d\n", mine, (int)(long)result);
	return 0;
}
