/* SPDX-License-Identifier: MIT */
/*
 * x86_64 only: i386 as it is here has no protection keys, and arm64 none of
 * this kind. A page-table entry names one of 16 keys, and PKRU has two bits for
 * each: no access at all, and no write (Intel manual, volume 3, "Protection Keys").
 */
#ifndef _ASM_PKEYS_H
#define _ASM_PKEYS_H

#include <asm/processor.h>

#define PKEY_DISABLE_ACCESS	0x1
#define PKEY_DISABLE_WRITE	0x2
#define NR_PKEYS		16

static inline u32 rdpkru(void)
{
	u32 pkru, edx;

	__asm__ __volatile__(".byte 0x0f, 0x01, 0xee" /* rdpkru */
			     : "=a" (pkru), "=d" (edx) : "c" (0));
	return pkru;
}

static inline void wrpkru(u32 pkru)
{
	__asm__ __volatile__(".byte 0x0f, 0x01, 0xef" /* wrpkru */
			     : : "a" (pkru), "c" (0), "d" (0) : "memory");
}

/* Without keys everything is allowed. */
static inline u32 read_pkru(void)
{
	return cpu_has(X86_FEATURE_PKU) ? rdpkru() : 0;
}

static inline void write_pkru(u32 pkru)
{
	if (cpu_has(X86_FEATURE_PKU))
		wrpkru(pkru);
}

/* What a new program begins with: no access by any key but 0. */
static inline u32 pkru_get_init_value(void)
{
	return 0x55555554;
}

#endif
