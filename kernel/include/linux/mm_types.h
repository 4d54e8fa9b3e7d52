/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MM_TYPES_H
#define _LINUX_MM_TYPES_H

#include <linux/types.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/rwsem.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/mmu.h>

struct file;
struct mm_struct;
struct vm_area_struct;
struct kmem_cache;

/* One per frame of RAM, in mem_map[]. */
struct page {
	unsigned int flags;		/* PG_* */
	unsigned int order;		/* of the block this page heads */
	int _count;			/* owners: mappings, page caches, the kernel */
	unsigned int inuse;		/* slab: objects handed out */
	struct list_head lru;		/* free list, or the slab's cache */
	void *freelist;			/* slab: first free object */
	struct kmem_cache *slab;	/* slab: owning cache */
};

#define PG_reserved	0x01u		/* never handed out */
#define PG_buddy	0x02u		/* heads a free block of 2^order pages */
#define PG_slab		0x04u

struct vm_fault {
	unsigned long pgoff;		/* page index within the mapping's file */
	struct page *page;		/* out: a reference the caller owns */
};

struct vm_operations_struct {
	/* Returns 0 with vmf->page set, or VM_FAULT_*. */
	int (*fault)(struct vm_area_struct *vma, struct vm_fault *vmf);
};

/* A range of one mm with one set of rights; sorted by address in mm->mmap. */
struct vm_area_struct {
	struct mm_struct *vm_mm;
	unsigned long vm_start;
	unsigned long vm_end;		/* first byte after */
	struct vm_area_struct *vm_next;
	struct vm_area_struct *vm_prev;
	pgprot_t vm_page_prot;
	unsigned long vm_flags;		/* VM_* */
	unsigned long vm_pgoff;		/* file offset of vm_start, in pages */
	struct file *vm_file;		/* NULL: anonymous */
	const struct vm_operations_struct *vm_ops;
};

#define AT_VECTOR_SIZE	44

struct mm_struct {
	struct vm_area_struct *mmap;	/* list of ranges, by address */
	pgd_t *pgd;			/* root table, kernel virtual address */
	atomic_t mm_users;		/* tasks that live in it */
	atomic_t mm_count;		/* those plus lazy users (active_mm) */
	struct rw_semaphore mmap_sem;	/* taken by fork; no fault ever sleeps */
	int map_count;
	unsigned long mmap_base;	/* top of the mmap area, which grows down */
	unsigned long task_size;
	unsigned long total_vm;		/* pages */
	unsigned long locked_vm;
	unsigned long data_vm;
	unsigned long exec_vm;
	unsigned long stack_vm;
	unsigned long rss;		/* pages present */
	unsigned long hiwater_rss;
	unsigned long hiwater_vm;
	unsigned long nr_ptes;		/* page tables of the last level */
	unsigned long nr_pmds;		/* those between it and the root */
	unsigned long def_flags;
	unsigned long flags;
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	unsigned long saved_auxv[AT_VECTOR_SIZE];
	struct file *exe_file;		/* what exec was given; /proc/PID/exe */
	mm_context_t context;		/* arch: ASID and the like */
};

/* The kernel's own: no user part, never freed. */
extern struct mm_struct init_mm;

#endif
