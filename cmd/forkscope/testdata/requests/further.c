/* Says how it was started: its arguments, a variable and where it is. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char dir[4096];
	const char *variable = getenv("FURTHER");

	printf("further: %d", argc);
	for (int i = 1; i < argc; i++)
		printf(" \"%s\"", argv[i]);
	printf(" %s %s\n", variable ? variable : "(none)", getcwd(dir, sizeof(dir)));
	return 0;
}
