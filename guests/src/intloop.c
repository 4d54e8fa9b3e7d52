/*
 * intloop [N]: a loop of integer work, N times (default 10000000), about ten
 * instructions each, and a checksum that needs all of them.
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned int n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000000;
	static unsigned int table[1024];
	unsigned int x = 2463534242u, sum = 0;

	for (unsigned int i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		sum += table[x & 1023];
		table[i & 1023] = x;
	}
	printf("intloop: %u rounds, checksum %08x\n", n, sum ^ x);
	return 0;
}
