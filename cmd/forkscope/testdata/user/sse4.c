/*
 * What compilers make of C for a processor with SSE4.2, and instructions that C has no words for. Other processors do the same in plain C, and
 * print the same.
 */
#ifdef __i386__
#pragma GCC target("sse4.2,popcnt,fpmath=sse")
#endif
#pragma GCC optimize("O3")
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char bytes __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));

static const char text[256] = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness";

#ifdef __i386__
static bytes load(const char *p)
{
	bytes v;

	memcpy(&v, p, 16);
	return v;
}

static unsigned crc32c(unsigned sum, const char *p, size_t n)
{
	unsigned v;

	for (; n >= 4; n -= 4, p += 4) {
		memcpy(&v, p, 4);
		sum = __builtin_ia32_crc32si(sum, v);
	}
	for (; n; n--)
		sum = __builtin_ia32_crc32qi(sum, *p++);
	return sum;
}

/* s lies in 16-byte pieces that can be read to their end; set has at most 16 characters. */
static size_t span(const char *s, const char set[16])
{
	size_t at = 0;

	for (;; at += 16) {
		int i = __builtin_ia32_pcmpistri128(load(set), load(s + at), 0x30);

		if (i < 16 || __builtin_ia32_pcmpistriz128(load(set), load(s + at), 0x30))
			return i < 16 ? at + i : at + strlen(s + at);
	}
}

static int find(const char *s, int n, const char *word, int length)
{
	for (int at = 0; at < n; at += 16) {
		int i = __builtin_ia32_pcmpestri128(load(word), length, load(s + at), n - at, 0x0c);

		if (i < 16 && memcmp(s + at + i, word, length) == 0)
			return at + i;
		if (i < 16)
			at += i - 15;
	}
	return -1;
}

static float dot(floats a, floats b)
{
	return __builtin_ia32_dpps(a, b, 0xf1)[0];
}

static floats pairs(floats a, floats b)
{
	return __builtin_ia32_haddps(a, b);
}

static bytes reversed(bytes v)
{
	static const bytes order = { 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 };

	return __builtin_ia32_pshufb128(v, order);
}
#else
static unsigned crc32c(unsigned sum, const char *p, size_t n)
{
	for (; n; n--) {
		sum ^= (unsigned char)*p++;
		for (int i = 0; i < 8; i++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	}
	return sum;
}

static size_t span(const char *s, const char set[16])
{
	return strspn(s, set);
}

static int find(const char *s, int n, const char *word, int length)
{
	for (int at = 0; at + length <= n; at++)
		if (memcmp(s + at, word, length) == 0)
			return at;
	return -1;
}

static float dot(floats a, floats b)
{
	return (a[0] * b[0] + a[1] * b[1]) + (a[2] * b[2] + a[3] * b[3]);
}

static floats pairs(floats a, floats b)
{
	return (floats){ a[0] + a[1], a[2] + a[3], b[0] + b[1], b[2] + b[3] };
}

static bytes reversed(bytes v)
{
	bytes r;

	for (int i = 0; i < 16; i++)
		r[i] = v[15 - i];
	return r;
}
#endif

/* Loops of the kind that compilers make vectors of. */
static short words[64];
static int sums[64], least[64];
static unsigned wide[64];

static void loops(int seed)
{
	for (int i = 0; i < 64; i++)
		words[i] = seed = seed * 1103515245 + 12345;
	for (int i = 0; i < 64; i++)
		sums[i] = words[i] * words[63 - i];
	for (int i = 0; i < 64; i++)
		least[i] = sums[i] < words[i] * 7 ? sums[i] : words[i] * 7;
	for (int i = 0; i < 64; i++)
		wide[i] = (unsigned char)text[i] * 77u + (unsigned)(least[i] < 0 ? -least[i] : least[i]);
}

int main(void)
{
	static const double values[] = { -2.5, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 1e18, 4503599627370495.5 };
	static const char vowels[16] = "aeiou It", letters[16] = "Itbesw aofhr,m", word[16] = "wisdom";
	unsigned bits = 0;

	printf("crc %08x %08x\n", crc32c(~0u, text, strlen(text)), ~crc32c(~0u, "123456789", 9));
	printf("span %zu %zu %zu\n", span(text, vowels), span(text, letters), span(text + 240, vowels));
	printf("find %d %d\n", find(text, strlen(text), word, 6), find(text, strlen(text), vowels, 3));
	for (int i = 0; i < 200; i++)
		bits += __builtin_popcount(i * 0x9e3779b9u) * i;
	printf("bits %u\n", bits);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		double v = values[i];

		printf("%g: %g %g %g %g %g %lld\n", v, floor(v), ceil(v), trunc(v), rint(v), floorf(v), (long long)((long double)v * 0.75L));
	}
	floats a = { 1, 2.5, -3, 0.125 }, b = { 4, -8, 0.5, 1024 }, p = pairs(a, b);
	printf("dot %g, pairs %g %g %g %g\n", dot(a, b), p[0], p[1], p[2], p[3]);
	bytes v;
	memcpy(&v, text, 16);
	v = reversed(v);
	printf("%.16s\n", (const char *)&v);
	loops(42);
	for (int i = 0; i < 64; i++)
		printf("%d %d %u%c", sums[i], least[i], wide[i], i % 8 == 7 ? '\n' : ' ');
	return 0;
}
