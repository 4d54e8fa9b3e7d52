// SPDX-License-Identifier: MIT
#include <linux/kernel.h>

#define FLAG_LEFT	1
#define FLAG_ZERO	2
#define FLAG_PLUS	4
#define FLAG_SPACE	8
#define FLAG_ALT	16

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

static void put_string(struct out *o, const char *s, int width, int precision,
		       unsigned int flags)
{
	int len;

	if (!s)
		s = "(null)";
	len = strnlen(s, precision < 0 ? INT_MAX : precision);
	if (!(flags & FLAG_LEFT))
		pad(o, ' ', width - len);
	for (int i = 0; i < len; i++)
		put(o, s[i]);
	if (flags & FLAG_LEFT)
		pad(o, ' ', width - len);
}

static void put_number(struct out *o, u64 n, bool negative, unsigned int base,
		       bool upper, int width, int precision,
		       unsigned int flags)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24], prefix[4];
	int len = 0, plen = 0, zeros;
	u64 value = n;

	do {
		tmp[len++] = digits[do_div64(&n, base)];
	} while (n);
	if (precision == 0 && value == 0)
		len = 0;
	if (negative)
		prefix[plen++] = '-';
	else if (flags & FLAG_PLUS)
		prefix[plen++] = '+';
	else if (flags & FLAG_SPACE)
		prefix[plen++] = ' ';
	if ((flags & FLAG_ALT) && base == 16 && value) {
		prefix[plen++] = '0';
		prefix[plen++] = upper ? 'X' : 'x';
	} else if ((flags & FLAG_ALT) && base == 8) {
		prefix[plen++] = '0';
	}
	zeros = precision - len;
	if (precision < 0 && (flags & FLAG_ZERO) && !(flags & FLAG_LEFT))
		zeros = width - plen - len;
	if (zeros < 0)
		zeros = 0;
	if (!(flags & FLAG_LEFT))
		pad(o, ' ', width - plen - zeros - len);
	for (int i = 0; i < plen; i++)
		put(o, prefix[i]);
	pad(o, '0', zeros);
	for (int i = len; i--; )
		put(o, tmp[i]);
	if (flags & FLAG_LEFT)
		pad(o, ' ', width - plen - zeros - len);
}

static int parse_int(const char **fmt)
{
	int n = 0;

	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out o = { buf, size, 0 };

	for (; *fmt; fmt++) {
		unsigned int flags = 0, base = 10;
		int width = 0, precision = -1, longs = 0;
		bool is_signed = false, upper = false, negative = false;
		u64 n;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		for (;;) {
			fmt++;
			if (*fmt == '-')
				flags |= FLAG_LEFT;
			else if (*fmt == '0')
				flags |= FLAG_ZERO;
			else if (*fmt == '+')
				flags |= FLAG_PLUS;
			else if (*fmt == ' ')
				flags |= FLAG_SPACE;
			else if (*fmt == '#')
				flags |= FLAG_ALT;
			else
				break;
		}
		if (*fmt == '*') {
			width = va_arg(args, int);
			if (width < 0) {
				flags |= FLAG_LEFT;
				width = -width;
			}
			fmt++;
		} else {
			width = parse_int(&fmt);
		}
		if (*fmt == '.') {
			fmt++;
			if (*fmt == '*') {
				precision = va_arg(args, int);
				fmt++;
			} else {
				precision = parse_int(&fmt);
			}
		}
		for (;; fmt++) {
			if (*fmt == 'l')
				longs++;
			else if (*fmt == 'h')
				longs--;
			else if (*fmt == 'z' || *fmt == 't')
				longs = 1;
			else
				break;
		}
		switch (*fmt) {
		case 'c':
			if (!(flags & FLAG_LEFT))
				pad(&o, ' ', width - 1);
			put(&o, va_arg(args, int));
			if (flags & FLAG_LEFT)
				pad(&o, ' ', width - 1);
			continue;
		case 's':
			put_string(&o, va_arg(args, const char *), width,
				   precision, flags);
			continue;
		case 'p':
			put_number(&o, (unsigned long)va_arg(args, void *),
				   false, 16, false, 2 * sizeof(void *), -1,
				   FLAG_ZERO);
			continue;
		case '%':
			put(&o, '%');
			continue;
		case 'd':
		case 'i':
			is_signed = true;
			break;
		case 'u':
			break;
		case 'o':
			base = 8;
			break;
		case 'X':
			upper = true;
			fallthrough;
		case 'x':
			base = 16;
			break;
		case '\0':
			fmt--;
			continue;
		default:
			put(&o, '%');
			put(&o, *fmt);
			continue;
		}
		if (longs >= 2)
			n = va_arg(args, u64);
		else if (longs == 1)
			n = is_signed ? (u64)va_arg(args, long) :
					(u64)va_arg(args, unsigned long);
		else
			n = is_signed ? (u64)va_arg(args, int) :
					(u64)va_arg(args, unsigned int);
		if (longs == -1)
			n = is_signed ? (u64)(short)n : (unsigned short)n;
		else if (longs <= -2)
			n = is_signed ? (u64)(s8)n : (u8)n;
		if (is_signed && (s64)n < 0) {
			negative = true;
			n = -n;
		}
		put_number(&o, n, negative, base, upper, width, precision,
			   flags);
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

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

unsigned long long simple_strtoull(const char *cp, char **endp,
				   unsigned int base)
{
	unsigned long long value = 0;

	if ((base == 0 || base == 16) && cp[0] == '0' &&
	    (cp[1] == 'x' || cp[1] == 'X') && digit(cp[2]) < 16) {
		cp += 2;
		base = 16;
	}
	if (!base)
		base = cp[0] == '0' ? 8 : 10;
	for (; digit(*cp) < base; cp++)
		value = value * base + digit(*cp);
	if (endp)
		*endp = (char *)cp;
	return value;
}

unsigned long simple_strtoul(const char *cp, char **endp, unsigned int base)
{
	return simple_strtoull(cp, endp, base);
}
