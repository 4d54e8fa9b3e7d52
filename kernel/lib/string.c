// SPDX-License-Identifier: MIT
/*
 * Memory and strings. Copies and fills go a long at a time: clearing and
 * copying pages is most of what fork does.
 */
#include <linux/string.h>
#include <asm/string.h>

#define LSIZE	sizeof(long)

void *memcpy(void *dst, const void *src, size_t n)
{
	size_t tail = n % LSIZE;
	unsigned char *d = (unsigned char *)dst + (n - tail);
	const unsigned char *s = (const unsigned char *)src + (n - tail);

	copy_longs(dst, src, n / LSIZE);
	while (tail--)
		*d++ = *s++;
	return dst;
}

/* memcpy copies upwards, so only a destination within the source is different. */
void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	size_t tail = n % LSIZE;
	unsigned char *d = (unsigned char *)dst + (n - tail);

	fill_longs(dst, (unsigned char)c * (~0UL / 0xff), n / LSIZE);
	while (tail--)
		*d++ = c;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n--; p++)
		if (*p == (unsigned char)c)
			return (void *)p;
	return NULL;
}

size_t strlen(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return p - s;
}

size_t strnlen(const char *s, size_t n)
{
	const char *p = s;

	while (n-- && *p)
		p++;
	return p - s;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

size_t strlcpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = len < size ? len : size - 1;

		memcpy(dst, src, n);
		dst[n] = '\0';
	}
	return len;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	for (;; s++) {
		if (*s == (char)c)
			last = s;
		if (!*s)
			return (char *)last;
	}
}
