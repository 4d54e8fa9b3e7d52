/* The program executes itself as often as its argument says. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *filled = NULL;

static int last(int n)
{
	return n + 3;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;
	char text[16];

	if (n == 0)
		return last(n);
	filled = malloc(100000);
	filled[0] = n;
	snprintf(text, sizeof text, "%d", n - 1);
	execl(argv[0], argv[0], text, NULL);
	return 1;
}
