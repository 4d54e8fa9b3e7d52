/* What exec hands to a program: arguments, and the auxiliary vector as the C library sees it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("argv[%d] is \"%s\"\n", i, argv[i]);
	printf("page size %ld, clock tick %ld\n", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
	printf("program headers %s\n", getauxval(AT_PHDR) && getauxval(AT_PHNUM) ? "given" : "missing");
	printf("random bytes %s\n", getauxval(AT_RANDOM) ? "given" : "missing");
	printf("stack %s\n", ((unsigned long)__builtin_frame_address(0) & 15) % (sizeof(long)) ? "askew" : "aligned");
	return argc == 4 && strcmp(argv[2], "two words") == 0 && argv[3][0] == 0 ? 3 : 4;
}
