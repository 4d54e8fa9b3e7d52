// SPDX-License-Identifier: MIT
/*
 * Reading and writing another address space, page by page through the
 * kernel's own mapping of RAM. Pages that are missing are faulted in for the
 * other side, a write breaks copy on write, and nothing here sleeps.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/cacheflush.h>

/* The range that holds addr, if it grants the access; a write grows a stack. */
static struct vm_area_struct *access_vma(struct mm_struct *mm,
					 unsigned long addr,
					 unsigned int gup_flags)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	bool write = gup_flags & FOLL_WRITE;

	if (!vma)
		return NULL;
	if (vma->vm_start > addr && (!write || expand_stack(vma, addr)))
		return NULL;
	if (vma->vm_flags & (write ? VM_WRITE : VM_READ))
		return vma;
	if (!(gup_flags & FOLL_FORCE))
		return NULL;
	/*
	 * By force whatever mprotect() could allow: but what a shared mapping
	 * shows belongs to others too.
	 */
	if (write && (vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return NULL;
	return vma->vm_flags & (write ? VM_MAYWRITE : VM_MAYREAD) ? vma : NULL;
}

/* May the kernel write to the page without a fault on behalf of the owner? */
static bool can_follow_write_pte(struct vm_area_struct *vma, pte_t pte)
{
	/* A forced write leaves its private copy read-only for the owner. */
	return pte_write(pte) ||
	       (!(vma->vm_flags & VM_SHARED) && page_is_private(pte_page(pte)));
}

/* The kernel's address of the page that addr is in, made ready; or NULL. */
static char *get_user_page(struct mm_struct *mm, struct vm_area_struct *vma,
			   unsigned long addr, bool write)
{
	pte_t *pte = lookup_pte(mm, addr);

	if (!pte || !pte_present(*pte) ||
	    (write && !can_follow_write_pte(vma, *pte))) {
		if (handle_mm_fault(mm, vma, addr, write ? FAULT_FLAG_WRITE : 0))
			return NULL;
		pte = lookup_pte(mm, addr);
	}
	return page_address(pte_page(*pte));
}

/* Returns the bytes done, which a hole or a missing right cuts short. */
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int gup_flags)
{
	bool write = gup_flags & FOLL_WRITE;
	int done = 0;

	while (done < len && addr < TASK_SIZE) {
		int bytes = min_t(unsigned long, len - done,
				  PAGE_SIZE - offset_in_page(addr));
		struct vm_area_struct *vma = access_vma(mm, addr, gup_flags);
		char *kaddr = vma ? get_user_page(mm, vma, addr, write) : NULL;

		if (!kaddr)
			break;
		kaddr += offset_in_page(addr);
		if (write) {
			memcpy(kaddr, (char *)buf + done, bytes);
			if (vma->vm_flags & VM_EXEC)
				flush_icache_range((unsigned long)kaddr,
						   (unsigned long)kaddr + bytes);
		} else {
			memcpy((char *)buf + done, kaddr, bytes);
		}
		done += bytes;
		addr += bytes;
	}
	return done;
}

/* The same in tsk's address space; 0 if it has none. */
__visible int access_process_vm(struct task_struct *tsk, unsigned long addr,
				void *buf, int len, unsigned int gup_flags)
{
	return tsk->mm ? access_remote_vm(tsk->mm, addr, buf, len, gup_flags) : 0;
}
