/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/mm_types.h>
#include <linux/gfp.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/processor.h>

/* vm_flags */
#define VM_READ		0x00000001UL
#define VM_WRITE	0x00000002UL
#define VM_EXEC		0x00000004UL
#define VM_SHARED	0x00000008UL
#define VM_MAYREAD	0x00000010UL	/* limits for mprotect() */
#define VM_MAYWRITE	0x00000020UL
#define VM_MAYEXEC	0x00000040UL
#define VM_MAYSHARE	0x00000080UL
#define VM_GROWSDOWN	0x00000100UL
#define VM_LOCKED	0x00002000UL
#define VM_DONTCOPY	0x00020000UL
#define VM_DONTEXPAND	0x00040000UL
#define VM_NORESERVE	0x00200000UL
#define VM_STACK_FLAGS	(VM_READ | VM_WRITE | VM_EXEC | VM_MAYREAD | \
			 VM_MAYWRITE | VM_MAYEXEC | VM_GROWSDOWN)
#define VM_DATA_FLAGS	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | \
			 VM_MAYEXEC)

#define FAULT_FLAG_WRITE	0x01u
#define FAULT_FLAG_USER		0x40u
#define FAULT_FLAG_INSTRUCTION	0x100u

#define VM_FAULT_OOM		0x0001
#define VM_FAULT_SIGBUS		0x0002
#define VM_FAULT_SIGSEGV	0x0040

/* Ranges one address space may have (Linux's default limit). */
#define MAX_MAP_COUNT		65530

#undef PAGE_ALIGN
#define PAGE_ALIGN(addr)	(((addr) + PAGE_SIZE - 1) & PAGE_MASK)
#define offset_in_page(p)	((unsigned long)(p) & ~PAGE_MASK)

/* Frames. RAM is one array of pages from min_low_pfn up. */
extern struct page *mem_map;
extern unsigned long min_low_pfn, max_pfn;
extern unsigned long totalram_pages;
extern struct page *empty_zero_page;

#define pfn_valid(pfn)		((pfn) >= min_low_pfn && (pfn) < max_pfn)
#define pfn_to_page(pfn)	(mem_map + ((pfn) - min_low_pfn))
#define page_to_pfn(page)	((unsigned long)((page) - mem_map) + min_low_pfn)
#define page_to_phys(page)	((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define page_address(page)	__va(page_to_phys(page))
#define virt_to_page(addr)	pfn_to_page(__pa(addr) >> PAGE_SHIFT)
#define pte_page(pte)		pfn_to_page(pte_pfn(pte))
#define mk_pte(page, prot)	pfn_pte(page_to_pfn(page), (prot))

static inline int page_count(const struct page *page)
{
	return page->_count;
}

static inline void get_page(struct page *page)
{
	page->_count++;
}

void put_page(struct page *page);

/* Page-table walking; levels an arch does not have fold into the one above. */
#define table_end(addr, end, size)					\
({	unsigned long __b = ((addr) + (size)) & ~((size) - 1);		\
	(__b - 1 < (end) - 1) ? __b : (end);				\
})
#define pgd_addr_end(addr, end)	table_end(addr, end, PGDIR_SIZE)
#define pud_addr_end(addr, end)	table_end(addr, end, PUD_SIZE)
#define pmd_addr_end(addr, end)	table_end(addr, end, PMD_SIZE)

static inline void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	free_page((unsigned long)pgd);
}

/* mm/memory.c */
pte_t *pte_alloc_map(struct mm_struct *mm, unsigned long addr);
pte_t *lookup_pte(struct mm_struct *mm, unsigned long addr);
int copy_page_range(struct mm_struct *dst_mm, struct mm_struct *src_mm,
		    struct vm_area_struct *vma);
void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size);
void free_pgtables(struct mm_struct *mm);
int handle_mm_fault(struct mm_struct *mm, struct vm_area_struct *vma,
		    unsigned long address, unsigned int flags);
int do_wp_page(struct mm_struct *mm, struct vm_area_struct *vma,
	       unsigned long address, pte_t *pte);

/* A page with one owner, of those that are ever given back. */
static inline bool page_is_private(const struct page *page)
{
	return !(page->flags & PG_reserved) && page_count(page) == 1;
}

/* mm/access.c */
#define FOLL_WRITE	0x01u		/* break copy on write */
#define FOLL_FORCE	0x10u		/* what the owner could allow, too */
struct task_struct;
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int gup_flags);
int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf,
		      int len, unsigned int gup_flags);

static inline unsigned long get_mm_rss(const struct mm_struct *mm)
{
	return mm->rss;
}

static inline void mm_init_rss(struct mm_struct *mm)
{
	mm->rss = 0;
	mm->nr_ptes = 0;
	mm->nr_pmds = 0;
}

/* mm/fault.c */
struct pt_regs;

/* A kernel instruction that may fault, and where to go on if it does. */
struct exception_table_entry {
	unsigned long insn;
	unsigned long fixup;
};

/* 1 when the fault at regs' pc has a fixup, which is then set. */
int fixup_exception(struct pt_regs *regs);
void do_user_addr_fault(struct pt_regs *regs, unsigned long address,
			unsigned long code, unsigned int flags);

/* mm/oom_kill.c: for do_user_addr_fault() on VM_FAULT_OOM in user mode. */
void pagefault_out_of_memory(void);

/* mm/mmap.c, mm/vma.c */
extern struct kmem_cache *vm_area_cachep;	/* made in core/fork.c */
pgprot_t vm_get_page_prot(unsigned long vm_flags);

/* A machine with shadow stacks says how an entry of theirs looks. */
#ifndef VM_SHADOW_STACK
#define VM_SHADOW_STACK		0UL
#define pte_mkwrite_shstk(pte)	(pte)
#endif

/* A machine with protection keys says where vm_flags and an entry have one. */
#ifndef arch_vm_get_page_prot
#define arch_vm_get_page_prot(vm_flags)		0UL
#define arch_vm_flags_pkey(vm_flags, pkey)	(vm_flags)
#endif
/* mprotect; with a pkey of 0 and more also that. */
long do_mprotect_pkey(unsigned long start, size_t len, unsigned long prot,
		      int pkey);

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev);
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma,
	      struct vm_area_struct *prev);
struct vm_area_struct *vm_area_dup(const struct vm_area_struct *orig);
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr);
struct vm_area_struct *vma_isolate(struct mm_struct *mm, struct vm_area_struct *vma,
				   unsigned long start, unsigned long end);
struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 struct vm_area_struct *vma);
void remove_vma(struct mm_struct *mm, struct vm_area_struct *vma);
void vm_stat_account(struct mm_struct *mm, unsigned long flags, long pages);
bool vm_enough_memory(unsigned long vm_flags, unsigned long pages);
bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages);
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long flags);
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long pgoff);
/* The same with offset in bytes. */
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long offset);
int do_munmap(struct mm_struct *mm, unsigned long start, size_t len);
int expand_stack(struct vm_area_struct *vma, unsigned long address);
void exit_mmap(struct mm_struct *mm);

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

#endif
