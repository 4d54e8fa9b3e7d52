/* Writes to both outputs in turn, unbuffered, says what they are, and ends with a status of its own. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 20; i++) {
		dprintf(1, "output %d\n", i);
		dprintf(2, "error %d\r\n\003\004", i);
	}
	printf("terminals: %d %d %d\n", isatty(0), isatty(1), isatty(2));
	return 7;
}
