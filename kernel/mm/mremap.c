// SPDX-License-Identifier: MIT
/* Growing, shrinking and moving a mapping, pages and all. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/tlbflush.h>

/* Makes every table the moved ptes need, so that the move itself can't fail. */
static int alloc_tables(struct mm_struct *mm, unsigned long addr,
			unsigned long len)
{
	unsigned long end = addr + len;

	for (; addr < end; addr = pmd_addr_end(addr, end))
		if (!pte_alloc_map(mm, addr))
			return -ENOMEM;
	return 0;
}

static void move_ptes(struct vm_area_struct *vma, unsigned long old_addr,
		      unsigned long new_addr, unsigned long len)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long off;

	for (off = 0; off < len; off += PAGE_SIZE) {
		pte_t *from = lookup_pte(mm, old_addr + off);
		pte_t pte;

		if (!from || !pte_present(*from))
			continue;
		pte = *from;
		pte_clear(from);
		set_pte(lookup_pte(mm, new_addr + off), pte);
	}
	flush_tlb_range(vma, old_addr, old_addr + len);
}

/* Moves [addr, addr + old_len) of vma to new_addr, where nothing is mapped. */
static unsigned long move_vma(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long old_len, unsigned long new_len,
			      unsigned long new_addr)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *new, *prev;

	if (alloc_tables(mm, new_addr, old_len))
		return -ENOMEM;
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	new->vm_start = new_addr;
	new->vm_end = new_addr + new_len;
	new->vm_pgoff = vma->vm_file ?
			vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT) :
			new_addr >> PAGE_SHIFT;
	move_ptes(vma, addr, new_addr, old_len);
	find_vma_prev(mm, new_addr, &prev);
	vma_link(mm, new, prev);
	vm_stat_account(mm, new->vm_flags, vma_pages(new));
	/* Its ends may need two cuts; without memory for them it stays, empty. */
	do_munmap(mm, addr, old_len);
	vma_merge(mm, new);
	return new_addr;
}

SYSCALL_DEFINE5(mremap, unsigned long, addr, unsigned long, old_len,
		unsigned long, new_len, unsigned long, flags,
		unsigned long, new_addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int error;

	if ((flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE)) || offset_in_page(addr) ||
	    ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE)))
		return -EINVAL;
	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	if (!new_len || !old_len)
		return -EINVAL;
	vma = find_vma(mm, addr);
	if (!vma || vma->vm_start > addr)
		return -EFAULT;

	if (flags & MREMAP_FIXED) {
		if (offset_in_page(new_addr) || new_len > TASK_SIZE ||
		    new_addr > TASK_SIZE - new_len)
			return -EINVAL;
		if (new_addr < addr + old_len && addr < new_addr + new_len)
			return -EINVAL;
		error = do_munmap(mm, new_addr, new_len);
		if (error)
			return error;
	}
	if (new_len < old_len) {
		error = do_munmap(mm, addr + new_len, old_len - new_len);
		if (error || !(flags & MREMAP_FIXED))
			return error ? error : (long)addr;
		old_len = new_len;
	}
	vma = find_vma(mm, addr);
	if (!vma || vma->vm_start > addr || old_len > vma->vm_end - addr)
		return -EFAULT;
	if (new_len > old_len) {
		unsigned long grow = (new_len - old_len) >> PAGE_SHIFT;

		if (vma->vm_flags & VM_DONTEXPAND)
			return -EFAULT;
		if (!may_expand_vm(mm, vma->vm_flags, grow))
			return -ENOMEM;
		if (!(flags & MREMAP_FIXED) && vma->vm_end == addr + old_len &&
		    new_len <= TASK_SIZE - addr &&
		    (!vma->vm_next || vma->vm_next->vm_start >= addr + new_len)) {
			vma->vm_end = addr + new_len;
			vm_stat_account(mm, vma->vm_flags, grow);
			vma_merge(mm, vma);
			return addr;
		}
	} else if (!(flags & MREMAP_FIXED)) {
		return addr;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	if (!(flags & MREMAP_FIXED)) {
		new_addr = get_unmapped_area(mm, 0, new_len, 0);
		if (IS_ERR_VALUE(new_addr))
			return new_addr;
	}
	return move_vma(vma, addr, old_len, new_len, new_addr);
}
