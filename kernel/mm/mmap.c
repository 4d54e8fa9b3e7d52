// SPDX-License-Identifier: MIT
/*
 * Making and removing ranges of an address space. The mmap area grows down
 * from mm->mmap_base, below the space kept for the stack.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/tlbflush.h>
#include "internal.h"

/* The highest free stretch of len bytes within [low, high), or 0. */
static unsigned long find_gap(struct mm_struct *mm, unsigned long len,
			      unsigned long low, unsigned long high)
{
	struct vm_area_struct *vma;
	unsigned long start = low, found = 0;

	for (vma = mm->mmap; ; vma = vma->vm_next) {
		unsigned long end = vma ? min(vm_start_gap(vma), high) : high;

		if (end > start && end - start >= len)
			found = end - len;
		if (!vma || vma->vm_start >= high)
			return found;
		if (vma->vm_end > start)
			start = vma->vm_end;
	}
}

/* Where a mapping of len bytes can go: addr if it is free, else anywhere. */
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long flags)
{
	struct vm_area_struct *vma;
	unsigned long found;

	if (len > TASK_SIZE)
		return -ENOMEM;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (addr > TASK_SIZE - len)
			return -ENOMEM;
		if (offset_in_page(addr))
			return -EINVAL;
		vma = find_vma(mm, addr);
		if ((flags & MAP_FIXED_NOREPLACE) && vma &&
		    vma->vm_start < addr + len)
			return -EEXIST;
		return addr;
	}
	if (addr) {
		addr = PAGE_ALIGN(max(addr, MMAP_MIN_ADDR));
		vma = find_vma(mm, addr);
		if (addr <= TASK_SIZE - len &&
		    (!vma || addr + len <= vm_start_gap(vma)))
			return addr;
	}
	if (flags & MAP_32BIT) {
		found = find_gap(mm, len, 0x40000000, 0x80000000);
		return found ? found : (unsigned long)-ENOMEM;
	}
	found = find_gap(mm, len, MMAP_MIN_ADDR, mm->mmap_base);
	if (!found)
		found = find_gap(mm, len, mm->mmap_base, TASK_SIZE);
	return found ? found : (unsigned long)-ENOMEM;
}

/* Rights of a mapping of file; what mprotect may add later in VM_MAY*. */
static long file_vm_flags(struct file *file, unsigned long flags,
			  unsigned long *vm_flags)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;

	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if (!file->f_op->mmap)
		return -ENODEV;
	if (shared && !(file->f_mode & FMODE_WRITE)) {
		if (*vm_flags & VM_WRITE)
			return -EACCES;
		*vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
		*vm_flags |= VM_MAYSHARE;
	}
	return 0;
}

/* A new range at addr, in place of whatever is mapped there. */
unsigned long mmap_region(struct file *file, unsigned long addr,
			  unsigned long len, unsigned long vm_flags,
			  unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma, *prev;
	long error;

	error = do_munmap(mm, addr, len);
	if (error)
		return error;
	if (!may_expand_vm(mm, vm_flags, len >> PAGE_SHIFT))
		return -ENOMEM;
	if (mm->map_count >= MAX_MAP_COUNT)
		return -ENOMEM;
	vma = kmem_cache_zalloc(vm_area_cachep, GFP_KERNEL);
	if (!vma)
		return -ENOMEM;
	vma->vm_mm = mm;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm_flags;
	vma->vm_pgoff = pgoff;
	if (file) {
		vma->vm_file = get_file(file);
		error = file->f_op->mmap(file, vma);
	} else if (vm_flags & VM_SHARED) {
		/* Its pages belong to a file that must hold them all. */
		error = -ENOMEM;
		if (vm_enough_memory((vm_flags & VM_NORESERVE) | VM_WRITE,
				     len >> PAGE_SHIFT))
			vma->vm_file = shmem_file_setup("dev/zero", len);
		if (vma->vm_file)
			error = vma->vm_file->f_op->mmap(vma->vm_file, vma);
	}
	if (error)
		goto free_vma;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	find_vma_prev(mm, addr, &prev);
	vma_link(mm, vma, prev);
	vm_stat_account(mm, vm_flags, len >> PAGE_SHIFT);
	vma_merge(mm, vma);
	return addr;

free_vma:
	if (vma->vm_file)
		fput(vma->vm_file);
	kmem_cache_free(vm_area_cachep, vma);
	return error;
}

/* Reads every page of a range in, as MAP_POPULATE and mlock ask; best effort. */
void mm_populate(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long addr;

	for (addr = start; addr < start + len; addr += PAGE_SIZE) {
		struct vm_area_struct *vma = find_vma(mm, addr);
		pte_t *pte = lookup_pte(mm, addr);
		bool write;

		if (!vma || vma->vm_start > addr)
			break;
		write = (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
		if (!(vma->vm_flags & (VM_READ | VM_WRITE)) ||
		    (pte && pte_present(*pte)))
			continue;
		if (handle_mm_fault(mm, vma, addr, write ? FAULT_FLAG_WRITE : 0))
			break;
	}
}

/* Maps into current's address space; pgoff in pages. The address, or -errno. */
__visible unsigned long do_mmap(struct file *file, unsigned long addr,
				unsigned long len, unsigned long prot,
				unsigned long flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	unsigned long vm_flags;
	long error;

	if (!len)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > MAX_MAP_COUNT)
		return -ENOMEM;
	addr = get_unmapped_area(mm, addr, len, flags);
	if (IS_ERR_VALUE(addr))
		return addr;

	vm_flags = (prot & (VM_READ | VM_WRITE | VM_EXEC)) | mm->def_flags |
		   VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
	case MAP_SHARED_VALIDATE:
		vm_flags |= VM_SHARED | VM_MAYSHARE;
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (flags & MAP_GROWSDOWN)
		vm_flags |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm_flags |= VM_LOCKED;
	if (flags & MAP_NORESERVE)
		vm_flags |= VM_NORESERVE;
	if (file) {
		error = file_vm_flags(file, flags, &vm_flags);
		if (error)
			return error;
	} else if (vm_flags & VM_SHARED) {
		pgoff = 0;
	} else {
		pgoff = addr >> PAGE_SHIFT;
	}
	addr = mmap_region(file, addr, len, vm_flags, pgoff);
	if (!IS_ERR_VALUE(addr) &&
	    ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE ||
	     (flags & MAP_LOCKED)))
		mm_populate(mm, addr, len);
	return addr;
}

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long offset)
{
	if (offset_in_page(offset))
		return -EINVAL;
	return do_mmap(file, addr, len, prot, flags, offset >> PAGE_SHIFT);
}

__visible int do_munmap(struct mm_struct *mm, unsigned long start, size_t len)
{
	struct vm_area_struct *vma, *next;
	unsigned long end;
	int error;

	if (offset_in_page(start) || start > TASK_SIZE || len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	end = start + len;
	vma = find_vma(mm, start);
	if (!vma || vma->vm_start >= end)
		return 0;
	if (start > vma->vm_start) {
		error = split_vma(mm, vma, start);
		if (error)
			return error;
		vma = vma->vm_next;
	}
	/* Both cuts come before the first removal: a failure changes nothing. */
	next = find_vma(mm, end);
	if (next && next->vm_start < end) {
		error = split_vma(mm, next, end);
		if (error)
			return error;
	}
	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		zap_page_range(vma, vma->vm_start, vma->vm_end - vma->vm_start);
		vm_stat_account(mm, vma->vm_flags, -(long)vma_pages(vma));
		remove_vma(mm, vma);
	}
	return 0;
}

/* The last user is gone: frees pages, ranges and all tables but the root. */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next)
		zap_page_range(vma, vma->vm_start, vma->vm_end - vma->vm_start);
	free_pgtables(mm);
	flush_tlb_mm(mm);
	BUG_ON(mm->nr_ptes || mm->nr_pmds || mm->rss);
	while (mm->mmap)
		remove_vma(mm, mm->mmap);
	mm->total_vm = 0;
}

SYSCALL_DEFINE6(mmap_pgoff, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags, unsigned long, fd,
		unsigned long, pgoff)
{
	struct file *file __free(fput) = NULL;

	if (!(flags & MAP_ANONYMOUS)) {
		file = fget(fd);
		if (!file)
			return -EBADF;
	}
	return do_mmap(file, addr, len, prot, flags, pgoff);
}

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags, unsigned long, fd,
		unsigned long, off)
{
	if (offset_in_page(off))
		return -EINVAL;
	return sys_mmap_pgoff(addr, len, prot, flags, fd, off >> PAGE_SHIFT);
}

#ifdef __i386__
struct mmap_arg_struct {
	unsigned long addr, len, prot, flags, fd, offset;
};

/* The first Linux passed six arguments in memory. */
SYSCALL_DEFINE1(old_mmap, struct mmap_arg_struct __user *, arg)
{
	struct mmap_arg_struct a;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	return sys_mmap(a.addr, a.len, a.prot, a.flags, a.fd, a.offset);
}
#endif

SYSCALL_DEFINE2(munmap, unsigned long, addr, size_t, len)
{
	return do_munmap(current->mm, addr, len);
}
