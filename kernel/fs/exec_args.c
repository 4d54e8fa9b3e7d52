// SPDX-License-Identifier: MIT
/*
 * The strings of an exec: they go straight into the pages of the new
 * program's stack, from its top down, while the old program still runs.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "exec_args.h"

/* The new stack starts as one page at the very top. */
int bprm_mm_init(struct linux_binprm *bprm)
{
	struct vm_area_struct *vma;

	bprm->mm = mm_alloc();
	if (!bprm->mm)
		return -ENOMEM;
	vma = kmem_cache_zalloc(vm_area_cachep, GFP_KERNEL);
	if (!vma) {
		mmput(bprm->mm);
		bprm->mm = NULL;
		return -ENOMEM;
	}
	vma->vm_mm = bprm->mm;
	vma->vm_end = STACK_TOP;
	vma->vm_start = vma->vm_end - PAGE_SIZE;
	vma->vm_flags = VM_STACK_FLAGS & ~VM_EXEC;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	vma_link(bprm->mm, vma, NULL);
	vm_stat_account(bprm->mm, vma->vm_flags, 1);
	bprm->vma = vma;
	bprm->p = vma->vm_end - sizeof(void *);
	return 0;
}

/* A quarter of the stack limit, within sane bounds, may be strings. */
static unsigned long arg_limit(void)
{
	unsigned long limit = rlimit(RLIMIT_STACK) / 4;

	limit = min(limit, _STK_LIM / 4 * 3UL);
	return max(limit, 32 * PAGE_SIZE);
}

/* Makes the new stack reach down to pos; its page, in kernel memory, or NULL. */
static char *arg_page(struct linux_binprm *bprm, unsigned long pos)
{
	struct vm_area_struct *vma = bprm->vma;
	unsigned long addr = pos & PAGE_MASK;
	pte_t *pte;

	if (addr < vma->vm_start) {
		unsigned long grow = (vma->vm_start - addr) >> PAGE_SHIFT;

		vma->vm_start = addr;
		vma->vm_pgoff -= grow;
		vm_stat_account(bprm->mm, vma->vm_flags, grow);
	}
	pte = lookup_pte(bprm->mm, addr);
	if (!pte || !pte_present(*pte)) {
		if (handle_mm_fault(bprm->mm, vma, addr, FAULT_FLAG_WRITE))
			return NULL;
		pte = lookup_pte(bprm->mm, addr);
	}
	return page_address(pte_page(*pte));
}

/* Pushes len bytes below bprm->p. */
static int push_bytes(struct linux_binprm *bprm, const char *src, long len,
		      bool is_kernel)
{
	if ((unsigned long)len > bprm->p ||
	    STACK_TOP - (bprm->p - len) > arg_limit())
		return -E2BIG;
	while (len > 0) {
		unsigned long offset = offset_in_page(bprm->p);
		long bytes;
		char *kaddr;

		if (!offset)
			offset = PAGE_SIZE;
		bytes = min_t(long, offset, len);
		bprm->p -= bytes;
		len -= bytes;
		kaddr = arg_page(bprm, bprm->p);
		if (!kaddr)
			return -ENOMEM;
		kaddr += offset - bytes;
		if (is_kernel)
			memcpy(kaddr, src + len, bytes);
		else if (copy_from_user(kaddr, src + len, bytes))
			return -EFAULT;
	}
	return 0;
}

int copy_string_kernel(const char *arg, struct linux_binprm *bprm)
{
	return push_bytes(bprm, arg, strlen(arg) + 1, true);
}

static int get_arg(struct arg_ptr argv, int nr, const char **str)
{
	*str = NULL;
	if (!argv.array)
		return 0;
	if (argv.is_kernel)
		*str = argv.array[nr];
	else if (get_user(*str, argv.array + nr))
		return -EFAULT;
	return 0;
}

static int count_args(struct arg_ptr argv)
{
	const char *str;
	int i;

	for (i = 0; ; i++) {
		if (get_arg(argv, i, &str))
			return -EFAULT;
		if (!str)
			return i;
		if (i >= 0x7fffffff / (int)sizeof(char *))
			return -E2BIG;
		if (fatal_signal_pending(current))
			return -EINTR;
	}
}

/* Last one first, so that the first lies lowest. */
static int copy_strings(int argc, struct arg_ptr argv, struct linux_binprm *bprm)
{
	int error;

	while (argc-- > 0) {
		const char *str;
		long len;

		error = get_arg(argv, argc, &str);
		if (error)
			return error;
		if (argv.is_kernel) {
			len = strlen(str) + 1;
		} else {
			len = strnlen_user(str, MAX_ARG_STRLEN);
			if (!len)
				return -EFAULT;
		}
		if (len > MAX_ARG_STRLEN)
			return -E2BIG;
		error = push_bytes(bprm, str, len, argv.is_kernel);
		if (error)
			return error;
	}
	return 0;
}

/* Drops the lowest string: a script's own name gives way to its interpreter. */
int remove_arg_zero(struct linux_binprm *bprm)
{
	char c;

	if (!bprm->argc)
		return 0;
	do {
		char *kaddr = arg_page(bprm, bprm->p);

		if (!kaddr)
			return -EFAULT;
		c = kaddr[offset_in_page(bprm->p)];
		bprm->p++;
	} while (c);
	bprm->argc--;
	return 0;
}

int bprm_fill(struct linux_binprm *bprm, struct arg_ptr argv,
	      struct arg_ptr envp)
{
	int error;

	bprm->argc = count_args(argv);
	if (bprm->argc < 0)
		return bprm->argc;
	bprm->envc = count_args(envp);
	if (bprm->envc < 0)
		return bprm->envc;
	error = copy_string_kernel(bprm->filename, bprm);
	if (error)
		return error;
	bprm->exec = bprm->p;
	error = copy_strings(bprm->envc, envp, bprm);
	if (!error)
		error = copy_strings(bprm->argc, argv, bprm);
	/* A program may count on argv[0]. */
	if (!error && !bprm->argc) {
		error = copy_string_kernel("", bprm);
		bprm->argc = 1;
	}
	return error;
}
