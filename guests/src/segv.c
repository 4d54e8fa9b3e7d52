/*
 * segv: dies by SIGSEGV, after a line that says so.
 */
#include <stdio.h>

int main(void)
{
	printf("segv: writing to address 0\n");
	fflush(stdout);
	*(volatile int *)0 = 1;
	printf("segv: still here\n");
	return 0;
}
