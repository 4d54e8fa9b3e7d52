/* Copies its input with blocks of several sizes, and tells on standard error how much there was and how many reads fell short of it. */
#include <stdio.h>
#include <unistd.h>

static char buf[200000];

int main(void)
{
	static const size_t sizes[] = { 1, 4096, 65536, 200000, 77 };
	size_t total = 0;
	ssize_t n, m;

	for (int i = 0; (n = read(0, buf, sizes[i % 5])) > 0; i++) {
		for (ssize_t done = 0; done < n; done += m) {
			m = write(1, buf + done, n - done);
			if (m < 0) {
				perror("write");
				return 1;
			}
		}
		total += n;
	}
	fprintf(stderr, "%zu bytes, end %zd\n", total, n);
	return 0;
}
