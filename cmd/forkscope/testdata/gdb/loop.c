/* A line that goes round until another thread has written a variable. */
#include <pthread.h>

volatile int flag, sum;

static void *writer(void *unused)
{
	flag = 1;
	return unused;
}

int main(void)
{
	pthread_t thread;

	for (int i = 0; i < 300000; i++) sum += i & 1;
	if (pthread_create(&thread, 0, writer, 0))
		return 1;
	while (!flag) ;
	pthread_join(thread, 0);
	return sum != 150000;
}
