/* A child, which is let go, sleeps and speaks while its parent is stopped. Then the parent sleeps for longer than anybody waits. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static void meanwhile(void)
{
	__asm__ volatile("");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (fork() == 0) {
		for (int i = 0; i < 3; i++) {
			usleep(100000);
			printf("child %d\n", i);
		}
		_exit(0);
	}
	meanwhile();
	wait(NULL);
	alarm(3000);
	printf("parent sleeps\n");
	sleep(3600);
	printf("parent has slept\n");
	return 0;
}
