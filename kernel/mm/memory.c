// SPDX-License-Identifier: MIT
/*
 * What is in user page tables: copying it for fork, taking it out, and the
 * faults that fill it in. Nothing here sleeps.
 *
 * A page that several address spaces see has one count per mapping. A private
 * writable page shared by fork is mapped read-only everywhere; the write
 * fault copies it, or takes it over when no other owner is left.
 */
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <asm/cacheflush.h>
#include <asm/tlbflush.h>

/* Copies one present pte, sharing its page; both sides lose write access. */
static void copy_one_pte(struct mm_struct *dst_mm, pte_t *dst_pte,
			 pte_t *src_pte, struct vm_area_struct *vma)
{
	pte_t pte = *src_pte;
	struct page *page;

	if (!(vma->vm_flags & VM_SHARED) && pte_write(pte)) {
		pte = pte_wrprotect(pte);
		set_pte(src_pte, pte);
	}
	page = pte_page(pte);
	if (!(page->flags & PG_reserved))
		get_page(page);
	dst_mm->rss++;
	set_pte(dst_pte, pte);
}

/*
 * fork: gives dst_mm what src_mm has in the range of vma (of either one).
 * The caller flushes src_mm's TLB afterwards, for write access was taken.
 */
__visible int copy_page_range(struct mm_struct *dst_mm,
			      struct mm_struct *src_mm,
			      struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start, end = vma->vm_end, next;

	for (; addr < end; addr = next) {
		pte_t *src_pte, *dst_pte;

		next = pmd_addr_end(addr, end);
		src_pte = lookup_pte(src_mm, addr);
		if (!src_pte)
			continue;
		dst_pte = pte_alloc_map(dst_mm, addr);
		if (!dst_pte)
			return -ENOMEM;
		for (; addr < next; addr += PAGE_SIZE, src_pte++, dst_pte++)
			if (pte_present(*src_pte))
				copy_one_pte(dst_mm, dst_pte, src_pte, vma);
	}
	return 0;
}

/* Takes the pages of [start, start + size) out of vma's tables. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr = start, end = start + size, next;

	for (; addr < end; addr = next) {
		pte_t *pte = lookup_pte(mm, addr);

		next = pmd_addr_end(addr, end);
		if (!pte)
			continue;
		for (; addr < next; addr += PAGE_SIZE, pte++) {
			pte_t old = *pte;

			if (!pte_present(old))
				continue;
			pte_clear(pte);
			put_page(pte_page(old));
			mm->rss--;
		}
	}
	flush_tlb_range(vma, start, end);
}

/*
 * Write access for the owner, unless the range has none: a debugger's write
 * to read-only memory changes the private copy and not the right.
 */
static pte_t maybe_mkwrite(pte_t pte, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHADOW_STACK)
		return pte_mkwrite_shstk(pte);
	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

/* Maps page at address, taking over the caller's reference. */
static void install_page(struct mm_struct *mm, struct vm_area_struct *vma,
			 unsigned long address, pte_t *pte, struct page *page,
			 bool write)
{
	pte_t entry = pte_mkyoung(mk_pte(page, vma->vm_page_prot));

	if (write)
		entry = maybe_mkwrite(pte_mkdirty(entry), vma);
	else if (!(vma->vm_flags & VM_SHARED))
		entry = pte_wrprotect(entry);
	else if (pte_write(entry))
		entry = pte_mkdirty(entry);
	if (vma->vm_flags & VM_EXEC)
		flush_icache_range((unsigned long)page_address(page),
				   (unsigned long)page_address(page) + PAGE_SIZE);
	if (!pte_present(*pte))
		mm->rss++;
	set_pte(pte, entry);
	flush_tlb_page(vma, address);
	if (mm->rss > mm->hiwater_rss)
		mm->hiwater_rss = mm->rss;
}

/* First touch of private anonymous memory: reads share the page of zeros. */
static int do_anonymous_page(struct mm_struct *mm, struct vm_area_struct *vma,
			     unsigned long address, pte_t *pte, bool write)
{
	struct page *page = empty_zero_page;

	if (write) {
		page = alloc_page(GFP_USER | __GFP_ZERO);
		if (!page)
			return VM_FAULT_OOM;
	}
	install_page(mm, vma, address, pte, page, write);
	return 0;
}

/* First touch of a mapped file; a private write goes to a copy at once. */
static int do_fault(struct mm_struct *mm, struct vm_area_struct *vma,
		    unsigned long address, pte_t *pte, unsigned int flags)
{
	bool write = flags & FAULT_FLAG_WRITE;
	struct vm_fault vmf = {
		.pgoff = ((address - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff,
	};
	struct page *copy;
	int ret = vma->vm_ops->fault(vma, &vmf);

	if (ret)
		return ret;
	if (write && !(vma->vm_flags & VM_SHARED)) {
		copy = alloc_page(GFP_USER);
		if (!copy) {
			put_page(vmf.page);
			return VM_FAULT_OOM;
		}
		copy_page(page_address(copy), page_address(vmf.page));
		put_page(vmf.page);
		vmf.page = copy;
	}
	install_page(mm, vma, address, pte, vmf.page, write);
	return 0;
}

/* A write to a present read-only page: the second half of copy on write. */
__visible int do_wp_page(struct mm_struct *mm, struct vm_area_struct *vma,
			 unsigned long address, pte_t *pte)
{
	struct page *old = pte_page(*pte), *new;

	/* The only owner left, or a shared mapping: just allow it. */
	if ((vma->vm_flags & VM_SHARED) ||
	    page_is_private(old)) {
		set_pte(pte, maybe_mkwrite(pte_mkdirty(pte_mkyoung(*pte)), vma));
		flush_tlb_page(vma, address);
		return 0;
	}
	new = alloc_page(old == empty_zero_page ? GFP_USER | __GFP_ZERO :
			 GFP_USER);
	if (!new)
		return VM_FAULT_OOM;
	if (old != empty_zero_page)
		copy_page(page_address(new), page_address(old));
	install_page(mm, vma, address, pte, new, true);
	put_page(old);
	return 0;
}

/*
 * Makes address usable for an access that vma's flags allow, or that somebody
 * may do by force.
 */
__visible int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma,
			      unsigned long address, unsigned int flags)
{
	pte_t *pte = pte_alloc_map(mm, address & PAGE_MASK);

	if (!pte)
		return VM_FAULT_OOM;
	address &= PAGE_MASK;
	if (!pte_present(*pte)) {
		current->min_flt++;
		if (vma->vm_ops)
			return do_fault(mm, vma, address, pte, flags);
		return do_anonymous_page(mm, vma, address, pte,
					 flags & FAULT_FLAG_WRITE);
	}
	if ((flags & FAULT_FLAG_WRITE) && !pte_write(*pte)) {
		current->min_flt++;
		return do_wp_page(mm, vma, address, pte);
	}
	/* Somebody was faster, or the TLB was stale. */
	set_pte(pte, pte_mkyoung(*pte));
	flush_tlb_page(vma, address);
	return 0;
}
