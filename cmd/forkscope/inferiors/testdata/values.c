/* Functions and data to look at, one process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
	int x, y;
	char name[8];
};

static struct point origin = { 1, 2, "origin" };
static int total;
static int list[5] = { 5, 4, 3, 2, 1 };
static const char *text = "a text to look at";
static int calls;

static int add(int a, int b)
{
	int sum = 0;

	sum = a + b;
	calls++;
	return sum;
}

static int factorial(int n)
{
	if (n <= 1)
		return 1;
	return n * factorial(n - 1);
}

static double half(double d)
{
	return d / 2;
}

static int crash(int *p)
{
	return *p;
}

static void loop(void)
{
	int i;

	for (i = 0; i < 5; i++)
		total = add(total, list[i]);
}

int main(int argc, char **argv)
{
	int f;

	loop();
	f = factorial(5);
	origin.x = f;
	strcpy(origin.name, "moved");
	if (half(3.0) < 1)
		crash(NULL);
	printf("total %d f %d calls %d %s %s\n", total, f, calls, origin.name, text);
	return 0;
}
