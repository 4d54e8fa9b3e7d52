// SPDX-License-Identifier: MIT
/* Advice and questions about mapped memory: madvise, msync, mincore, mlock. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "internal.h"

static int madvise_vma(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, int behavior)
{
	struct mm_struct *mm = vma->vm_mm;

	switch (behavior) {
	case MADV_DONTNEED:
	case MADV_FREE:
		if (behavior == MADV_FREE && vma->vm_file)
			return -EINVAL;
		zap_page_range(vma, start, end - start);
		return 0;
	case MADV_DONTFORK:
	case MADV_DOFORK:
		vma = vma_isolate(mm, vma, start, end);
		if (IS_ERR(vma))
			return PTR_ERR(vma);
		vma->vm_flags &= ~VM_DONTCOPY;
		if (behavior == MADV_DONTFORK)
			vma->vm_flags |= VM_DONTCOPY;
		vma_merge(mm, vma);
	}
	return 0;
}

SYSCALL_DEFINE3(madvise, unsigned long, start, size_t, len, int, behavior)
{
	unsigned long end;
	int unmapped = 0;

	switch (behavior) {
	case MADV_NORMAL ... MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTFORK ... MADV_DODUMP:
		break;
	default:
		return -EINVAL;
	}
	if (offset_in_page(start))
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start || (len && !PAGE_ALIGN(len)))
		return -EINVAL;
	while (start < end) {
		struct vm_area_struct *vma = find_vma(current->mm, start);
		unsigned long stop;
		int error;

		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > start) {
			unmapped = -ENOMEM;
			start = vma->vm_start;
		}
		stop = min(end, vma->vm_end);
		error = madvise_vma(vma, start, stop, behavior);
		if (error)
			return error;
		start = stop;
	}
	return unmapped;
}

/* Is all of [start, end) mapped? */
static bool range_mapped(unsigned long start, unsigned long end)
{
	while (start < end) {
		struct vm_area_struct *vma = find_vma(current->mm, start);

		if (!vma || vma->vm_start > start)
			return false;
		start = vma->vm_end;
	}
	return true;
}

/* Pages of a shared mapping are the file's own: nothing is left to write. */
SYSCALL_DEFINE3(msync, unsigned long, start, size_t, len, int, flags)
{
	unsigned long end = start + PAGE_ALIGN(len);

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    offset_in_page(start) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	return range_mapped(start, end) ? 0 : -ENOMEM;
}

SYSCALL_DEFINE3(mincore, unsigned long, start, size_t, len,
		unsigned char __user *, vec)
{
	unsigned long end = start + PAGE_ALIGN(len), addr;

	if (offset_in_page(start))
		return -EINVAL;
	if (end < start || !range_mapped(start, end))
		return -ENOMEM;
	for (addr = start; addr < end; addr += PAGE_SIZE) {
		pte_t *pte = lookup_pte(current->mm, addr);
		unsigned char present = pte && pte_present(*pte);

		if (put_user(present, vec++))
			return -EFAULT;
	}
	return 0;
}

/* Nothing is ever paged out: locking only brings the pages in. */
static int lock_range(unsigned long start, size_t len, bool populate)
{
	unsigned long end = PAGE_ALIGN(start + len);

	start &= PAGE_MASK;
	if (end < start)
		return -EINVAL;
	if (!range_mapped(start, end))
		return -ENOMEM;
	if (populate)
		mm_populate(current->mm, start, end - start);
	return 0;
}

SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)
{
	return lock_range(start, len, true);
}

SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
{
	return lock_range(start, len, false);
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	return flags <= 0 || flags > 7 ? -EINVAL : 0;
}

SYSCALL_DEFINE0(munlockall)
{
	return 0;
}
