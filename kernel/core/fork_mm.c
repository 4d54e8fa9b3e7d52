// SPDX-License-Identifier: MIT
/* A task's address space: shared, copied for fork, and given up. */
#include <linux/sched.h>
#include <linux/mm.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>
#include "fork.h"

struct kmem_cache *vm_area_cachep;
static struct kmem_cache *mm_cachep;

void proc_caches_init(void)
{
	mm_cachep = kmem_cache_create("mm_struct", sizeof(struct mm_struct));
	vm_area_cachep = kmem_cache_create("vm_area_struct",
			sizeof(struct vm_area_struct));
}

__visible int mm_alloc_pgd(struct mm_struct *mm)
{
	mm->pgd = pgd_alloc(mm);
	if (!mm->pgd)
		return -ENOMEM;
	return 0;
}

/* Empty but for its root table. Frees mm and gives NULL on failure. */
__visible struct mm_struct *mm_init(struct mm_struct *mm,
				    struct task_struct *p)
{
	mm->mmap = NULL;
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_sem);
	mm->nr_ptes = 0;
	mm->map_count = 0;
	mm->locked_vm = 0;
	mm_init_rss(mm);

	if (mm_alloc_pgd(mm))
		goto fail_nopgd;
	if (init_new_context(p, mm))
		goto fail_nocontext;
	return mm;

fail_nocontext:
	pgd_free(mm, mm->pgd);
fail_nopgd:
	kmem_cache_free(mm_cachep, mm);
	return NULL;
}

/* For exec: nothing mapped. */
struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cachep, GFP_KERNEL);

	if (!mm)
		return NULL;
	memset(mm, 0, sizeof(*mm));
	return mm_init(mm, current);
}

/* Copies the list of areas and, area by area, the page-table entries. */
__visible int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *mpnt, *tmp, *prev, **pprev;
	int retval = 0;

	down_write(&oldmm->mmap_sem);

	mm->total_vm = 0;
	mm->data_vm = 0;
	mm->exec_vm = 0;
	mm->stack_vm = 0;

	pprev = &mm->mmap;
	prev = NULL;
	for (mpnt = oldmm->mmap; mpnt; mpnt = mpnt->vm_next) {
		if (mpnt->vm_flags & VM_DONTCOPY)
			continue;
		tmp = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
		if (!tmp) {
			retval = -ENOMEM;
			goto out;
		}
		*tmp = *mpnt;
		tmp->vm_mm = mm;
		tmp->vm_flags &= ~VM_LOCKED;
		tmp->vm_next = tmp->vm_prev = NULL;
		if (tmp->vm_file)
			get_file(tmp->vm_file);

		/* The lists are the same in parent and child. */
		*pprev = tmp;
		pprev = &tmp->vm_next;
		tmp->vm_prev = prev;
		prev = tmp;
		mm->map_count++;
		vm_stat_account(mm, tmp->vm_flags, vma_pages(tmp));

		retval = copy_page_range(mm, oldmm, mpnt);
		if (retval)
			goto out;
	}
out:
	/* The parent's writable pages are read-only now. */
	flush_tlb_mm(oldmm);
	up_write(&oldmm->mmap_sem);
	return retval;
}

__visible struct mm_struct *dup_mm(struct task_struct *tsk)
{
	struct mm_struct *mm, *oldmm = current->mm;
	int err;

	mm = kmem_cache_alloc(mm_cachep, GFP_KERNEL);
	if (!mm)
		return NULL;
	memcpy(mm, oldmm, sizeof(*mm));

	if (!mm_init(mm, tsk))
		return NULL;
	if (mm->exe_file)
		get_file(mm->exe_file);

	err = dup_mmap(mm, oldmm);
	if (err)
		goto free_pt;

	mm->hiwater_rss = get_mm_rss(mm);
	mm->hiwater_vm = mm->total_vm;
	return mm;

free_pt:
	mmput(mm);
	return NULL;
}

__visible int copy_mm(unsigned long clone_flags, struct task_struct *tsk)
{
	struct mm_struct *mm, *oldmm = current->mm;

	tsk->mm = NULL;
	tsk->active_mm = NULL;

	/* A kernel thread has none, nor will its child. */
	if (!oldmm)
		return 0;

	if (clone_flags & CLONE_VM) {
		atomic_inc(&oldmm->mm_users);
		mm = oldmm;
		goto good_mm;
	}

	mm = dup_mm(tsk);
	if (!mm)
		return -ENOMEM;
good_mm:
	tsk->mm = mm;
	tsk->active_mm = mm;
	return 0;
}

/* The last reference of any kind: also of tasks that only borrowed it. */
void mmdrop(struct mm_struct *mm)
{
	if (atomic_dec_and_test(&mm->mm_count)) {
		BUG_ON(mm == &init_mm);
		pgd_free(mm, mm->pgd);
		destroy_context(mm);
		kmem_cache_free(mm_cachep, mm);
	}
}

/* The last user: unmaps everything. */
void mmput(struct mm_struct *mm)
{
	struct file *exe_file;

	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	exit_mmap(mm);
	exe_file = mm->exe_file;
	mm->exe_file = NULL;
	if (exe_file)
		fput(exe_file);
	mmdrop(mm);
}

static void complete_vfork_done(struct task_struct *tsk)
{
	struct completion *vfork = tsk->vfork_done;

	if (vfork) {
		tsk->vfork_done = NULL;
		complete(vfork);
	}
}

/* tsk (current) leaves mm, by exit or exec. */
__visible void mm_release(struct task_struct *tsk, struct mm_struct *mm)
{
	if (tsk->robust_list) {
		exit_robust_list(tsk);
		tsk->robust_list = NULL;
	}

	/* pthread_join waits on this address. */
	if (tsk->clear_child_tid) {
		if (atomic_read(&mm->mm_users) > 1) {
			put_user(0, tsk->clear_child_tid);
			futex_wake((u32 __user *)tsk->clear_child_tid, 1);
		}
		tsk->clear_child_tid = NULL;
	}

	deactivate_mm(tsk, mm);
	complete_vfork_done(tsk);
}
