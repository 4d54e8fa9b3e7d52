// SPDX-License-Identifier: MIT
/*
 * x86_64 only: the system calls of protection keys. Keys belong to an address
 * space; what a thread may do with each is in its PKRU.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/pkeys.h>

static bool pkey_is_allocated(struct mm_struct *mm, int pkey)
{
	return pkey >= 0 && pkey < NR_PKEYS &&
	       mm->context.pkey_allocation_map & (1U << pkey);
}

static void set_user_pkey_access(int pkey, u32 rights)
{
	unsigned int shift = pkey * 2;

	wrpkru((rdpkru() & ~(3U << shift)) | rights << shift);
}

SYSCALL_DEFINE2(pkey_alloc, unsigned long, flags, unsigned long, init_val)
{
	struct mm_struct *mm = current->mm;

	if (flags)
		return -EINVAL;
	if (init_val & ~(unsigned long)(PKEY_DISABLE_ACCESS | PKEY_DISABLE_WRITE))
		return -EINVAL;
	if (!cpu_has(X86_FEATURE_PKU))
		return -ENOSPC;
	for (int pkey = 1; pkey < NR_PKEYS; pkey++)
		if (!pkey_is_allocated(mm, pkey)) {
			mm->context.pkey_allocation_map |= 1U << pkey;
			set_user_pkey_access(pkey, init_val);
			return pkey;
		}
	return -ENOSPC;
}

SYSCALL_DEFINE1(pkey_free, int, pkey)
{
	struct mm_struct *mm = current->mm;

	if (!pkey_is_allocated(mm, pkey))
		return -EINVAL;
	mm->context.pkey_allocation_map &= ~(1U << pkey);
	return 0;
}

SYSCALL_DEFINE4(pkey_mprotect, unsigned long, start, size_t, len,
		unsigned long, prot, int, pkey)
{
	if (pkey != -1 && !pkey_is_allocated(current->mm, pkey))
		return -EINVAL;
	return do_mprotect_pkey(start, len, prot, pkey);
}
