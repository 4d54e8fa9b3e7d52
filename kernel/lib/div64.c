// SPDX-License-Identifier: MIT
/* 64-bit division, which 32-bit compilers call by these names. */
#include <linux/types.h>

#if __SIZEOF_LONG__ == 4

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);

/* Schoolbook in base 2^32 for a short divisor, else bit by bit. */
u64 __udivmoddi4(u64 n, u64 d, u64 *rem)
{
	u64 q = 0, r = 0;
	int i;

	if (n < d) {
		*rem = n;
		return 0;
	}
	if (!(n >> 32)) {
		*rem = (u32)n % (u32)d;
		return (u32)n / (u32)d;
	}
#ifdef __i386__
	if (!(d >> 32)) {
		u32 hi = (u32)(n >> 32) / (u32)d;
		u32 mid = (u32)(n >> 32) % (u32)d;
		u32 lo, left;

		/* divl: edx:eax by 32 bits; mid < d, so it cannot overflow. */
		__asm__("divl %4" : "=a" (lo), "=d" (left)
			: "a" ((u32)n), "d" (mid), "r" ((u32)d) : "cc");
		*rem = left;
		return (u64)hi << 32 | lo;
	}
#endif
	for (i = 63; i >= 0; i--) {
		r = r << 1 | ((n >> i) & 1);
		q <<= 1;
		if (r >= d) {
			r -= d;
			q |= 1;
		}
	}
	*rem = r;
	return q;
}

u64 __udivdi3(u64 n, u64 d)
{
	u64 rem;

	return __udivmoddi4(n, d, &rem);
}

u64 __umoddi3(u64 n, u64 d)
{
	u64 rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

s64 __divdi3(s64 n, s64 d)
{
	u64 rem;
	u64 q = __udivmoddi4(n < 0 ? -(u64)n : n, d < 0 ? -(u64)d : d, &rem);

	return (n < 0) != (d < 0) ? -(s64)q : (s64)q;
}

s64 __moddi3(s64 n, s64 d)
{
	u64 rem;

	__udivmoddi4(n < 0 ? -(u64)n : n, d < 0 ? -(u64)d : d, &rem);
	return n < 0 ? -(s64)rem : (s64)rem;
}

#endif
