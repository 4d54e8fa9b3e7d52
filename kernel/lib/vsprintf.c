// SPDX-License-Identifier: MIT
#include <linux/kernel.h>

#define FLAG_LEFT	1
#define FLAG_ZERO	2

/* Where output goes: what does not fit is counted but not stored. */
struct out {
	char *buf;
	size_t size;
	size_t len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int n)
{
	while (n-- > 0)
		put(o, c);
}

static void put_string(struct out *o, const char *s, int len, int width,
		       unsigned int flags)
{
	if (!(flags & FLAG_LEFT))
		pad(o, ' ', width - len);
	for (int i = 0; i < len; i++)
		put(o, s[i]);
	if (flags & FLAG_LEFT)
		pad(o, ' ', width - len);
}

/* Zeros go between the sign and the digits, blanks around both. */
static void put_number(struct out *o, u64 n, bool negative, unsigned int base,
		       int width, unsigned int flags)
{
	char tmp[24], *p = tmp + sizeof(tmp);

	do {
		*--p = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	if ((flags & FLAG_ZERO) && !(flags & FLAG_LEFT)) {
		if (negative)
			put(o, '-');
		pad(o, '0', width - negative - (tmp + sizeof(tmp) - p));
		width = 0;
	} else if (negative) {
		*--p = '-';
	}
	put_string(o, p, tmp + sizeof(tmp) - p, width, flags);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };

	for (; *fmt; fmt++) {
		unsigned int flags = 0, base = 10;
		int width = 0, longs = 0;
		bool negative = false;
		const char *s;
		char c;
		u64 n;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		for (fmt++; *fmt == '-' || *fmt == '0'; fmt++)
			flags |= *fmt == '-' ? FLAG_LEFT : FLAG_ZERO;
		if (*fmt == '*') {
			width = va_arg(args, int);
			fmt++;
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l'; fmt++)
			longs++;
		switch (*fmt) {
		case 'c':
			c = va_arg(args, int);
			put_string(&o, &c, 1, width, flags);
			continue;
		case 's':
			s = va_arg(args, const char *);
			s = s ? s : "(null)";
			put_string(&o, s, strlen(s), width, flags);
			continue;
		case 'p':
			n = (unsigned long)va_arg(args, void *);
			put_number(&o, n, false, 16, 2 * sizeof(void *), FLAG_ZERO);
			continue;
		case 'd':
			n = longs >= 2 ? va_arg(args, s64) :
			    longs ? va_arg(args, long) : va_arg(args, int);
			negative = (s64)n < 0;
			put_number(&o, negative ? -n : n, negative, base, width, flags);
			continue;
		case 'u':
			break;
		case 'o':
			base = 8;
			break;
		case 'x':
			base = 16;
			break;
		default:		/* "%%" */
			put(&o, *fmt);
			continue;
		}
		n = longs >= 2 ? va_arg(args, u64) :
		    longs ? va_arg(args, unsigned long) : va_arg(args, unsigned int);
		put_number(&o, n, false, base, width, flags);
	}
	if (size)
		buf[o.len < size ? o.len : size - 1] = '\0';
	return o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (n < (int)size)
		return n;
	return size ? size - 1 : 0;
}
