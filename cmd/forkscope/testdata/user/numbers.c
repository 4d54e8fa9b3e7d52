/* Floating point and wide integers through the C library's own printing and parsing. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	double d = 1.0;
	long double l = 1.0L;
	uint64_t x = 0x9e3779b97f4a7c15ull, sum = 0;

	for (int i = 1; i < 40; i++) {
		d = d * 1.25 + 1.0 / i;
		l = l * 1.25L + 1.0L / i;
		x ^= x << 7;
		x ^= x >> 9;
		sum += x / (unsigned)(i * 12345 + 1) + x % (unsigned)(i + 1);
		printf("%d %.17g %a %llu %lld\n", i, d, d, (unsigned long long)sum, (long long)(sum >> 3) - (long long)x / i);
	}
	printf("%.10g %.10g %.10g %.10g\n", sqrt(2.0), floor(-2.5), fabs(-3.25), (double)l);
	printf("%.10g %.10g %.10g %.10g\n", sin(1.0), exp(1.0), log(10.0), pow(2.0, 0.5));
	printf("%g %g %g\n", strtod("0x1.8p3", NULL), strtod("1e-310", NULL), strtod("inf", NULL));
	printf("%d %d\n", (int)d, (int)(float)-7.9);
	return 0;
}
