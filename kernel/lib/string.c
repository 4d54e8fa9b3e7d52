// SPDX-License-Identifier: MIT
/*
 * Memory and strings. Copies and fills go a long at a time once both ends are
 * aligned alike: clearing and copying pages is most of what fork does.
 */
#include <linux/string.h>

#define LSIZE	sizeof(long)
#define LMASK	(LSIZE - 1)

void *memcpy(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((((unsigned long)d ^ (unsigned long)s) & LMASK) == 0) {
		while (n && ((unsigned long)d & LMASK)) {
			*d++ = *s++;
			n--;
		}
		while (n >= 8 * LSIZE) {
			unsigned long *dl = (unsigned long *)d;
			const unsigned long *sl = (const unsigned long *)s;
			unsigned long a = sl[0], b = sl[1], c = sl[2], e = sl[3];

			dl[0] = a;
			dl[1] = b;
			dl[2] = c;
			dl[3] = e;
			a = sl[4], b = sl[5], c = sl[6], e = sl[7];
			dl[4] = a;
			dl[5] = b;
			dl[6] = c;
			dl[7] = e;
			d += 8 * LSIZE;
			s += 8 * LSIZE;
			n -= 8 * LSIZE;
		}
		while (n >= LSIZE) {
			*(unsigned long *)d = *(const unsigned long *)s;
			d += LSIZE;
			s += LSIZE;
			n -= LSIZE;
		}
	}
	while (n--)
		*d++ = *s++;
	return dst;
}

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
	unsigned char *d = dst;
	unsigned long fill = (unsigned char)c * (~0UL / 0xff);

	while (n && ((unsigned long)d & LMASK)) {
		*d++ = c;
		n--;
	}
	while (n >= 8 * LSIZE) {
		unsigned long *dl = (unsigned long *)d;

		dl[0] = fill;
		dl[1] = fill;
		dl[2] = fill;
		dl[3] = fill;
		dl[4] = fill;
		dl[5] = fill;
		dl[6] = fill;
		dl[7] = fill;
		d += 8 * LSIZE;
		n -= 8 * LSIZE;
	}
	while (n--)
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
