/* Four children at once, each with a number of its own, let go one by one. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int gate[4][2];
static int me = -1;

static int turn(int n)
{
	return n * 11;
}

static int release(int i)
{
	char c = 0;

	return write(gate[i][1], &c, 1) == 1;
}

int main(void)
{
	int i, status, sum = 0;
	pid_t pid[4];
	char c = 0;

	for (i = 0; i < 4; i++) {
		if (pipe(gate[i]))
			return 9;
		pid[i] = fork();
		if (pid[i] == 0) {
			me = i;
			if (read(gate[i][0], &c, 1) != 1)
				_exit(8);
			_exit(turn(i));
		}
	}
	for (i = 3; i >= 0; i--) {
		if (!release(i))
			return 7;
		waitpid(pid[i], &status, 0);
		sum += WEXITSTATUS(status);
	}
	printf("sum %d\n", sum);
	return 0;
}
