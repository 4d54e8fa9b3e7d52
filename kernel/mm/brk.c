// SPDX-License-Identifier: MIT
/* The two ranges that grow: the heap by brk(), the stack by faults. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include "internal.h"

SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long newbrk = PAGE_ALIGN(brk), oldbrk = PAGE_ALIGN(mm->brk);
	struct vm_area_struct *next;

	if (brk < mm->start_brk || brk > TASK_SIZE)
		return mm->brk;
	if (newbrk < oldbrk && do_munmap(mm, newbrk, oldbrk - newbrk))
		return mm->brk;
	if (newbrk > oldbrk) {
		if (brk - mm->start_brk > rlimit(RLIMIT_DATA))
			return mm->brk;
		next = find_vma(mm, oldbrk);
		if (next && newbrk + PAGE_SIZE > vm_start_gap(next))
			return mm->brk;
		if (mmap_region(NULL, oldbrk, newbrk - oldbrk, VM_DATA_FLAGS,
				oldbrk >> PAGE_SHIFT) != oldbrk)
			return mm->brk;
	}
	mm->brk = brk;
	return brk;
}

/* A fault just below a stack: lets it reach down to address, if it may. */
__visible int expand_stack(struct vm_area_struct *vma, unsigned long address)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *prev = vma->vm_prev;
	unsigned long grow;

	address &= PAGE_MASK;
	if (!(vma->vm_flags & VM_GROWSDOWN) || address < MMAP_MIN_ADDR)
		return -EPERM;
	if (address >= vma->vm_start)
		return 0;
	if (prev && !(prev->vm_flags & VM_GROWSDOWN) &&
	    (prev->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) &&
	    address - prev->vm_end < STACK_GUARD_GAP)
		return -ENOMEM;
	if (prev && address < prev->vm_end)
		return -ENOMEM;
	grow = (vma->vm_start - address) >> PAGE_SHIFT;
	if (vma->vm_end - address > rlimit(RLIMIT_STACK) ||
	    !may_expand_vm(mm, vma->vm_flags, grow))
		return -ENOMEM;
	vma->vm_start = address;
	vma->vm_pgoff -= grow;
	vm_stat_account(mm, vma->vm_flags, grow);
	return 0;
}
