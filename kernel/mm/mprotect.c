// SPDX-License-Identifier: MIT
/* Changing the rights of mapped memory. */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <asm/cacheflush.h>
#include <asm/tlbflush.h>

/*
 * Gives the ptes of vma its new rights. Write access is left to the next
 * write fault, which knows whether the page is shared.
 */
static void change_protection(struct vm_area_struct *vma)
{
	unsigned long addr;

	for (addr = vma->vm_start; addr < vma->vm_end;) {
		pte_t *pte = lookup_pte(vma->vm_mm, addr);
		unsigned long next = pmd_addr_end(addr, vma->vm_end);

		if (!pte) {
			addr = next;
			continue;
		}
		for (; addr < next; addr += PAGE_SIZE, pte++) {
			pte_t entry = *pte;

			if (!pte_present(entry))
				continue;
			entry = pte_modify(entry, vma->vm_page_prot);
			if (!(vma->vm_flags & VM_SHARED))
				entry = pte_wrprotect(entry);
			set_pte(pte, pte_mkyoung(entry));
			if (vma->vm_flags & VM_EXEC) {
				unsigned long kaddr = (unsigned long)
					page_address(pte_page(entry));

				flush_icache_range(kaddr, kaddr + PAGE_SIZE);
			}
		}
	}
	flush_tlb_range(vma, vma->vm_start, vma->vm_end);
}

/* Sets the rights of [start, end), which lies within vma. */
static int mprotect_fixup(struct mm_struct *mm, struct vm_area_struct *vma,
			  unsigned long start, unsigned long end,
			  unsigned long newflags)
{
	if (newflags == vma->vm_flags)
		return 0;
	if (!(vma->vm_flags & VM_WRITE) &&
	    !vm_enough_memory(newflags, (end - start) >> PAGE_SHIFT))
		return -ENOMEM;
	vma = vma_isolate(mm, vma, start, end);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	vm_stat_account(mm, vma->vm_flags, -(long)vma_pages(vma));
	vma->vm_flags = newflags;
	vma->vm_page_prot = vm_get_page_prot(newflags);
	vm_stat_account(mm, newflags, vma_pages(vma));
	change_protection(vma);
	vma_merge(mm, vma);
	return 0;
}

long do_mprotect_pkey(unsigned long start, size_t len, unsigned long prot,
		      int pkey)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long end, grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (offset_in_page(start))
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	prot &= PROT_READ | PROT_WRITE | PROT_EXEC;

	vma = find_vma(mm, start);
	if (!vma)
		return -ENOMEM;
	if (grows & PROT_GROWSDOWN) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		if (!(vma->vm_flags & VM_GROWSDOWN))
			return -EINVAL;
		start = vma->vm_start;
	} else if (vma->vm_start > start) {
		return -ENOMEM;
	}
	while (start < end) {
		unsigned long newflags, stop;
		int error;

		vma = find_vma(mm, start);
		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		newflags = (vma->vm_flags & ~(VM_READ | VM_WRITE | VM_EXEC)) | prot;
		if (pkey >= 0)
			newflags = arch_vm_flags_pkey(newflags, pkey);
		/* VM_MAYx lies four bits above VM_x. */
		if (prot & ~(vma->vm_flags >> 4))
			return -EACCES;
		stop = min(end, vma->vm_end);
		error = mprotect_fixup(mm, vma, start, stop, newflags);
		if (error)
			return error;
		start = stop;
	}
	return 0;
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len,
		unsigned long, prot)
{
	return do_mprotect_pkey(start, len, prot, -1);
}
