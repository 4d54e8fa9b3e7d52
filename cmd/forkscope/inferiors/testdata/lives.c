/* A child, which is let go, sleeps and speaks while its parent is stopped. Then the parent sleeps for longer than anybody waits, and another child says so. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((noinline)) static void meanwhile(void)
{
	__asm__ volatile("");
}

/* asleep is whether the parent is. */
static int asleep(void)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", getppid());
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (f)
		fclose(f);
	return state == 'S';
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
	if (fork() == 0) {
		while (!asleep())
			usleep(1000);
		printf("parent sleeps\n");
		_exit(0);
	}
	sleep(3600);
	printf("parent has slept\n");
	return 0;
}
