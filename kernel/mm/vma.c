// SPDX-License-Identifier: MIT
/*
 * The ranges of an address space: a list sorted by address, without overlap.
 * Neighbours that could be one range are made one.
 */
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>

/* A private mapping becomes writable page by page, on the write fault. */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	bool write = (vm_flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED);
	pgprot_t prot;

	if (!(vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
		prot = PAGE_NONE;
	else if (vm_flags & VM_EXEC)
		prot = write ? PAGE_SHARED_EXEC : PAGE_READONLY_EXEC;
	else
		prot = write ? PAGE_SHARED : PAGE_READONLY;
	return __pgprot(pgprot_val(prot) | arch_vm_get_page_prot(vm_flags));
}

/* The first range that ends above addr: it may start above addr, too. */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev)
{
	struct vm_area_struct *vma = mm->mmap, *prev = NULL;

	while (vma && vma->vm_end <= addr) {
		prev = vma;
		vma = vma->vm_next;
	}
	*pprev = prev;
	return vma;
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *prev;

	return find_vma_prev(mm, addr, &prev);
}

/* Links vma after prev; NULL puts it first. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma,
	      struct vm_area_struct *prev)
{
	struct vm_area_struct *next = prev ? prev->vm_next : mm->mmap;

	vma->vm_prev = prev;
	vma->vm_next = next;
	if (prev)
		prev->vm_next = vma;
	else
		mm->mmap = vma;
	if (next)
		next->vm_prev = vma;
	mm->map_count++;
}

static void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma)
{
	if (vma->vm_prev)
		vma->vm_prev->vm_next = vma->vm_next;
	else
		mm->mmap = vma->vm_next;
	if (vma->vm_next)
		vma->vm_next->vm_prev = vma->vm_prev;
	mm->map_count--;
}

/* Unlinks and frees a range whose pages are gone. */
void remove_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	vma_unlink(mm, vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	kmem_cache_free(vm_area_cachep, vma);
}

/* A copy, linked nowhere yet, with a reference to the file of its own. */
struct vm_area_struct *vm_area_dup(const struct vm_area_struct *orig)
{
	struct vm_area_struct *new = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *orig;
	if (new->vm_file)
		get_file(new->vm_file);
	return new;
}

/* Cuts vma in two at addr, a page boundary inside it; vma keeps the lower part. */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr)
{
	struct vm_area_struct *new;

	if (mm->map_count >= MAX_MAP_COUNT)
		return -ENOMEM;
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	new->vm_start = addr;
	new->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
	vma->vm_end = addr;
	vma_link(mm, new, vma);
	return 0;
}

/* Cuts off vma what is outside of [start, end): what is left, or ERR_PTR. */
struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma,
				   unsigned long start, unsigned long end)
{
	int error = 0;

	if (start > vma->vm_start) {
		error = split_vma(mm, vma, start);
		if (error)
			return ERR_PTR(error);
		vma = vma->vm_next;
	}
	if (end < vma->vm_end)
		error = split_vma(mm, vma, end);
	return error ? ERR_PTR(error) : vma;
}

/* Could low and high, which touches it, be one range? */
static bool can_merge(struct vm_area_struct *low, struct vm_area_struct *high)
{
	if (!low || !high || low->vm_end != high->vm_start ||
	    low->vm_flags != high->vm_flags || low->vm_file != high->vm_file ||
	    low->vm_ops != high->vm_ops)
		return false;
	return !low->vm_file ||
	       low->vm_pgoff + vma_pages(low) == high->vm_pgoff;
}

static void merge_into_lower(struct mm_struct *mm, struct vm_area_struct *low,
			     struct vm_area_struct *high)
{
	low->vm_end = high->vm_end;
	vma_unlink(mm, high);
	if (high->vm_file)
		fput(high->vm_file);
	kmem_cache_free(vm_area_cachep, high);
}

/* Joins vma with its neighbours where possible; returns the range it is in. */
struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 struct vm_area_struct *vma)
{
	if (can_merge(vma, vma->vm_next))
		merge_into_lower(mm, vma, vma->vm_next);
	if (can_merge(vma->vm_prev, vma)) {
		vma = vma->vm_prev;
		merge_into_lower(mm, vma, vma->vm_next);
	}
	return vma;
}

void vm_stat_account(struct mm_struct *mm, unsigned long flags, long pages)
{
	mm->total_vm += pages;
	if (mm->total_vm > mm->hiwater_vm)
		mm->hiwater_vm = mm->total_vm;
	if (flags & VM_GROWSDOWN)
		mm->stack_vm += pages;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		mm->exec_vm += pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += pages;
}

/*
 * Does a range with these flags promise memory of its own? One that nobody
 * may write, or that said MAP_NORESERVE, only keeps addresses.
 */
static bool accountable_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* No single promise of more than the machine could ever hold. */
bool vm_enough_memory(unsigned long vm_flags, unsigned long pages)
{
	return !accountable_mapping(vm_flags) || pages <= totalram_pages;
}

/* May the address space grow so far? */
bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages)
{
	return vm_enough_memory(vm_flags, pages) &&
	       mm->total_vm + pages <= rlimit(RLIMIT_AS) >> PAGE_SHIFT;
}
