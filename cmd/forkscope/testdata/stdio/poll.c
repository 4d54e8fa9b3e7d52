/* Waits for input with a time limit, as an event loop does, and reads a little at a time. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct pollfd in = { .fd = 0, .events = POLLIN };
	char buf[10];
	long sum = 0, bytes = 0;
	ssize_t n;

	while (poll(&in, 1, 60000) == 1) {
		n = read(0, buf, sizeof(buf));
		if (n <= 0) {
			printf("%ld bytes, sum %ld, then %zd\n", bytes, sum, n);
			return 0;
		}
		bytes += n;
		for (ssize_t i = 0; i < n; i++)
			sum = sum * 31 + (unsigned char)buf[i];
	}
	puts("nothing came");
	return 1;
}
