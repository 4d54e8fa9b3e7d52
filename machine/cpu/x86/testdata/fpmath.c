/*
 * Floating point as compilers emit it: built for the x87 and for SSE2, run under Bochs and on the emulated processor, and the text
 * compared. It needs only the string and mathematics functions of a static C library, and GS for the canary of its stack protector.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char text[32768];
static unsigned used;

static void put(const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	used += vsnprintf(text + used, sizeof text - used, format, ap);
	va_end(ap);
}

/* Both stop here. */
__attribute__((noinline)) void finish(const char *p, unsigned n)
{
	asm volatile("1: jmp 1b" : : "r"(p), "r"(n));
}

static unsigned long long seed = 88172645463325252ull;

static double uniform(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(long long)(seed >> 11) / 9007199254740992.0;
}

/* Gaussian elimination of a random matrix. */
static double solve(void)
{
	enum { N = 12 };
	static double a[N][N + 1];
	for (int i = 0; i < N; i++)
		for (int j = 0; j <= N; j++)
			a[i][j] = uniform() - 0.5;
	for (int k = 0; k < N; k++) {
		int p = k;
		for (int i = k + 1; i < N; i++)
			if (fabs(a[i][k]) > fabs(a[p][k]))
				p = i;
		for (int j = 0; j <= N; j++) {
			double t = a[k][j];
			a[k][j] = a[p][j];
			a[p][j] = t;
		}
		for (int i = 0; i < N; i++) {
			if (i == k)
				continue;
			double f = a[i][k] / a[k][k];
			for (int j = k; j <= N; j++)
				a[i][j] -= f * a[k][j];
		}
	}
	double sum = 0;
	for (int i = 0; i < N; i++)
		sum += a[i][N] / a[i][i];
	return sum;
}

static float mandelbrot(void)
{
	float total = 0;
	for (int y = 0; y < 24; y++)
		for (int x = 0; x < 32; x++) {
			float cr = x / 16.0f - 1.5f, ci = y / 12.0f - 1.0f, r = 0, i = 0;
			int n = 0;
			while (n < 40 && r * r + i * i < 4) {
				float t = r * r - i * i + cr;
				i = 2 * r * i + ci;
				r = t;
				n++;
			}
			total += n;
		}
	return total;
}

static void conversions(void)
{
	static const double v[] = { 0, -0.0, 1.5, -2.5, 1e9, -3e9, 4294967295.0, 1e18, 0.1, 1e-310, 1e300, 123456789.123456789 };
	for (unsigned i = 0; i < sizeof v / sizeof *v; i++) {
		volatile double d = v[i];
		volatile float f = d;
		put("%.17g %.9g %d %lld %Lg", d, f, (int)(d < 2e9 && d > -2e9 ? d : 7), (long long)(d < 9e18 ? d : 7), (long double)d / 3);
		put(" %.17g %.17g %.17g %.17g %lld\n", floor(d), ceil(d), trunc(d), rint(d), llrint(d < 9e18 ? d : 7));
		put(" %a %La %e %f\n", d, (long double)d * d, d, d < 1e20 ? d : 0);
	}
	for (unsigned i = 0; i < 20; i++) {
		unsigned u = seed >> (i + 13);
		unsigned long long l = seed * (i + 3);
		put("%.17g %.17g %.9g %u\n", (double)u, (double)l, (double)(float)l, (unsigned)(u / 3.0));
		uniform();
	}
}

/* 13 digits: the transcendental x87 instructions of emulators are no better than that. */
static void functions(void)
{
	for (int i = 0; i < 60; i++) {
		double x = (uniform() - 0.5) * 20, y = uniform() * 8;
		put("%.13g %.13g %.13g %.13g\n", sin(x), cos(x), tan(x), atan2(x, y));
		put("%.13g %.13g %.13g %.13g\n", exp(x), log(y), pow(y, x / 4), sqrt(y));
		put("%.13g %.13g %.13g %.13g\n", fmod(x * 1000, y), remainder(x, y), hypot(x, y), cbrt(x));
		put("%.6g %.6g %.17Lg %.17Lg\n", sinf(x), expf(x), sqrtl(y), fmal(x, y, 1));
		put("%.13g %.13g %.13g %d %.13g\n", asin(x / 11), log2(y), exp2(x), ilogb(x), scalbn(x, i * 7 - 200));
	}
}

static void comparisons(void)
{
	static const double v[] = { -INFINITY, -1, -0.0, 0, 1e-320, 1, INFINITY, NAN };
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 8; j++) {
			volatile double a = v[i], b = v[j];
			put("%d%d%d%d%d%d%d ", a < b, a <= b, a == b, a != b, a > b, isunordered(a, b), islessgreater(a, b));
			put("%g %g%c", fmax(a, b), fmin(a, b), j == 7 ? '\n' : ' ');
		}
}

static int integers(void)
{
	/* The vectorizer turns these into MMX or SSE2 integer instructions where it may. */
	static unsigned char b[256];
	static short s[256];
	static int w[256];
	int sum = 0;
	for (int i = 0; i < 256; i++) {
		b[i] = seed >> (i % 50);
		s[i] = seed >> (i % 40);
		w[i] = seed >> (i % 30);
	}
	for (int i = 0; i < 256; i++) {
		b[i] = (b[i] + b[255 - i] + 1) >> 1;
		s[i] = s[i] * 3 + (s[i] >> 2);
		w[i] = w[i] > 1000 ? w[i] - b[i] : w[i] ^ s[i];
	}
	for (int i = 0; i < 256; i++)
		sum += b[i] * 7 + s[i] * s[255 - i] + w[i];
	return sum;
}

/* What the C library reaches by GS: the canary of its stack protector. Whoever starts the program gives GS this base. */
unsigned thread[64];

void start(void)
{
	put("solve %.17g\n", solve());
	put("mandelbrot %g\n", mandelbrot());
	conversions();
	comparisons();
	functions();
	put("integers %d\n", integers());
	finish(text, used);
}

asm(".globl _start\n_start:\n	xorl %ebp, %ebp\n	andl $-16, %esp\n	call start\n");
