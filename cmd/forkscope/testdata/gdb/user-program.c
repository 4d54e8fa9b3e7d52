/* Something to step through in user mode: a local variable, a system call, a child that writes the same variable. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct four { long a, b, c, d; };
volatile struct four global;
char buffer[64];

__attribute__((noinline)) int local(int n)
{
	volatile int x = n;

	x += 1;
	x += 2;
	return x;
}

int main(void)
{
	struct four v = { 1, 2, 3, 4 };
	int status, sum = local(5);

	memset(buffer, 3, sizeof(buffer));
	global = v;
	if (getppid() != 1)
		return 1;
	if (fork() == 0) {
		memset(buffer, 9, sizeof(buffer));
		_exit(sum);
	}
	wait(&status);
	return WEXITSTATUS(status) != 8 || buffer[13] != 3;
}
