/* Comes back by longjmp: out of two calls, and within a call. */
#include <setjmp.h>
#include <stdio.h>

static jmp_buf outer;

static void leave(void)
{
	longjmp(outer, 7);
}

static void work(void)
{
	leave();
}

static int within(void)
{
	jmp_buf inner;
	int n = setjmp(inner);

	if (n < 2)
		longjmp(inner, n + 1);
	return n;
}

int main(void)
{
	int n = setjmp(outer);

	if (n == 0)
		work();
	n += within();
	printf("%d\n", n);
	return n;
}
