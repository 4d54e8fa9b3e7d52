// SPDX-License-Identifier: MIT
/* Putting the segments of an ELF object where they belong in current's memory. */
#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include "elf_map.h"

#define ELF_PAGESTART(v)	((v) & PAGE_MASK)

static unsigned long elf_prot(u32 p_flags)
{
	return (p_flags & PF_R ? PROT_READ : 0) |
	       (p_flags & PF_W ? PROT_WRITE : 0) |
	       (p_flags & PF_X ? PROT_EXEC : 0);
}

static bool page_is_mapped(unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(current->mm, addr);

	return vma && vma->vm_start <= addr;
}

/* Maps one PT_LOAD at bias; what lies past its file part becomes zeros. */
static int elf_map_segment(struct file *file, const struct elf_phdr *ph,
			   unsigned long bias)
{
	unsigned long vaddr = bias + ph->p_vaddr;
	unsigned long file_end = vaddr + ph->p_filesz;
	unsigned long mem_end = vaddr + ph->p_memsz;
	unsigned long start = ELF_PAGESTART(vaddr);
	unsigned long zero_start = start, ret;
	unsigned long prot = elf_prot(ph->p_flags);

	if (ph->p_filesz > ph->p_memsz || mem_end < vaddr ||
	    ph->p_memsz > TASK_SIZE || vaddr > TASK_SIZE - ph->p_memsz)
		return -EINVAL;
	if (!ph->p_memsz)
		return 0;
	if (ph->p_filesz) {
		if (offset_in_page((unsigned long)ph->p_offset) != offset_in_page(vaddr))
			return -EINVAL;
		ret = do_mmap(file, start, file_end - start, prot,
			      MAP_PRIVATE | MAP_FIXED,
			      ph->p_offset >> PAGE_SHIFT);
		if (IS_ERR_VALUE(ret))
			return ret;
		zero_start = PAGE_ALIGN(file_end);
		/* The file goes on in the last page; memory must not. */
		if (ph->p_memsz > ph->p_filesz && (prot & PROT_WRITE) &&
		    clear_user((void __user *)file_end,
			       zero_start - file_end))
			return -EFAULT;
	}
	/* Pure bss may begin in the last page of the segment before. */
	if (!ph->p_filesz && vaddr != start && page_is_mapped(start)) {
		zero_start = PAGE_ALIGN(vaddr);
		if (clear_user((void __user *)vaddr,
			       min(zero_start, mem_end) - vaddr))
			return -EFAULT;
	}
	if (mem_end > zero_start) {
		ret = do_mmap(NULL, zero_start, mem_end - zero_start, prot,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
		if (IS_ERR_VALUE(ret))
			return ret;
	}
	return 0;
}

/* First to last byte of all PT_LOADs, and the strictest alignment among them. */
static unsigned long total_mapping_size(const struct elf_phdr *phdrs, int nr,
					unsigned long *firstp,
					unsigned long *alignp)
{
	unsigned long min_addr = -1UL, max_addr = 0, align = PAGE_SIZE;
	int i;

	for (i = 0; i < nr; i++) {
		const struct elf_phdr *ph = &phdrs[i];

		if (ph->p_type != PT_LOAD)
			continue;
		min_addr = min(min_addr, ELF_PAGESTART((unsigned long)ph->p_vaddr));
		max_addr = max(max_addr, (unsigned long)(ph->p_vaddr + ph->p_memsz));
		if (ph->p_align > align && !(ph->p_align & (ph->p_align - 1)))
			align = ph->p_align;
	}
	*firstp = min_addr;
	*alignp = align;
	return max_addr > min_addr ? max_addr - min_addr : 0;
}

/*
 * Chooses where an ET_DYN object goes: at hint, or (0) high in the mmap area.
 * The bias to add to its addresses, or -errno.
 */
unsigned long elf_choose_bias(const struct elf_phdr *phdrs, int nr,
			      unsigned long hint)
{
	unsigned long first, align, addr;
	unsigned long size = total_mapping_size(phdrs, nr, &first, &align);

	if (!size || size > TASK_SIZE)
		return -EINVAL;
	addr = hint ? hint :
	       get_unmapped_area(current->mm, 0, size + align - PAGE_SIZE, 0);
	return IS_ERR_VALUE(addr) ? addr : ALIGN(addr, align) - first;
}

int elf_map_all(struct file *file, const struct elf_phdr *phdrs, int nr,
		unsigned long bias)
{
	int i, error;

	for (i = 0; i < nr; i++) {
		if (phdrs[i].p_type != PT_LOAD)
			continue;
		error = elf_map_segment(file, &phdrs[i], bias);
		if (error)
			return error;
	}
	return 0;
}
