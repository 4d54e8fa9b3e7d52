/* System calls in a known order. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/syscall.h>

static long result;
const int write_number = SYS_write, close_number = SYS_close;

static void work(void)
{
	result = syscall(SYS_getpgid, 0) > 0;
	result = write(1, "one\n", 4);
	result = close(77);
	result = write(1, "three\n", 6);
	result = chdir("/no/such/place");
}

int main(void)
{
	work();
	return 0;
}
