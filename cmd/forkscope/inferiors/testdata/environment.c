/* Prints what it was started with. */
#include <stdio.h>
#include <stdlib.h>

static const char *of(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "nothing";
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	printf("COLOUR %s OTHER %s\n", of("COLOUR"), of("OTHER"));
	return 0;
}
