/* SPDX-License-Identifier: MIT */
#ifndef _ASM_ELF_H
#define _ASM_ELF_H

/* AT_HWCAP: what the identification registers announce, of the instructions that need nothing of the kernel. */
#define HWCAP_FP	(1UL << 0)
#define HWCAP_ASIMD	(1UL << 1)
#define HWCAP_AES	(1UL << 3)
#define HWCAP_PMULL	(1UL << 4)
#define HWCAP_SHA1	(1UL << 5)
#define HWCAP_SHA2	(1UL << 6)
#define HWCAP_CRC32	(1UL << 7)
#define HWCAP_ATOMICS	(1UL << 8)
#define HWCAP_FPHP	(1UL << 9)
#define HWCAP_ASIMDHP	(1UL << 10)
#define HWCAP_ASIMDRDM	(1UL << 12)
#define HWCAP_LRCPC	(1UL << 15)
#define HWCAP_DCPOP	(1UL << 16)
#define HWCAP_ASIMDDP	(1UL << 20)

static inline unsigned long id_field(unsigned long reg, int shift)
{
	return reg >> shift & 15;
}

static inline unsigned long elf_hwcap(void)
{
	unsigned long pfr0, isar0, isar1, hwcap = HWCAP_FP | HWCAP_ASIMD;

	__asm__ __volatile__("mrs %0, id_aa64pfr0_el1" : "=r" (pfr0));
	__asm__ __volatile__("mrs %0, id_aa64isar0_el1" : "=r" (isar0));
	__asm__ __volatile__("mrs %0, id_aa64isar1_el1" : "=r" (isar1));
	/* FP and AdvSIMD: 15 would mean none, which this kernel cannot run on. */
	if (id_field(pfr0, 16) == 1)
		hwcap |= HWCAP_FPHP;
	if (id_field(pfr0, 20) == 1)
		hwcap |= HWCAP_ASIMDHP;
	if (id_field(isar0, 4) >= 1)
		hwcap |= HWCAP_AES;
	if (id_field(isar0, 4) >= 2)
		hwcap |= HWCAP_PMULL;
	if (id_field(isar0, 8) >= 1)
		hwcap |= HWCAP_SHA1;
	if (id_field(isar0, 12) >= 1)
		hwcap |= HWCAP_SHA2;
	if (id_field(isar0, 16) >= 1)
		hwcap |= HWCAP_CRC32;
	if (id_field(isar0, 20) >= 2)
		hwcap |= HWCAP_ATOMICS;
	if (id_field(isar0, 28) >= 1)
		hwcap |= HWCAP_ASIMDRDM;
	if (id_field(isar0, 44) >= 1)
		hwcap |= HWCAP_ASIMDDP;
	if (id_field(isar1, 0) >= 1)
		hwcap |= HWCAP_DCPOP;
	if (id_field(isar1, 20) >= 1)
		hwcap |= HWCAP_LRCPC;
	return hwcap;
}

#define ELF_PLATFORM	"aarch64"
#define ELF_HWCAP	elf_hwcap()
#define ELF_HWCAP2	0UL
/* Where a position independent executable goes. */
#define ELF_ET_DYN_BASE	0x0000555500000000UL

#endif
