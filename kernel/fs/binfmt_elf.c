// SPDX-License-Identifier: MIT
/*
 * Running ELF programs: static at their own addresses (ET_EXEC), static or
 * dynamic at ours (ET_DYN), the latter through the interpreter they name.
 * Addresses are never random: two runs of a program look the same.
 */
#include <linux/arch.h>
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/elf.h>
#include "elf_map.h"

#define ELF_MAX_PHDRS_SIZE	65536

static int elf_check_header(const struct elfhdr *ehdr)
{
	if (memcmp(ehdr->e_ident, ELFMAG, SELFMAG) ||
	    ehdr->e_ident[EI_CLASS] != ELF_CLASS ||
	    ehdr->e_ident[EI_DATA] != ELFDATA2LSB ||
	    ehdr->e_machine != ELF_ARCH)
		return -ENOEXEC;
	if (ehdr->e_type != ET_EXEC && ehdr->e_type != ET_DYN)
		return -ENOEXEC;
	if (ehdr->e_phentsize != sizeof(struct elf_phdr) || !ehdr->e_phnum)
		return -ENOEXEC;
	return 0;
}

/* Bytes of file, in memory of their own: a program is not one without them. */
static void *read_part(struct file *file, size_t size, loff_t pos)
{
	void *part __free(kfree) = kmalloc(size, GFP_KERNEL);
	ssize_t ret;

	if (!part)
		return ERR_PTR(-ENOMEM);
	ret = kernel_read(file, part, size, pos);
	if (ret != (ssize_t)size)
		return ERR_PTR(ret < 0 ? (int)ret : -ENOEXEC);
	return no_free_ptr(part);
}

static struct elf_phdr *load_phdrs(const struct elfhdr *ehdr, struct file *file)
{
	unsigned int size = sizeof(struct elf_phdr) * ehdr->e_phnum;

	return size > ELF_MAX_PHDRS_SIZE ? ERR_PTR(-ENOEXEC) :
	       read_part(file, size, ehdr->e_phoff);
}

/* Where the program headers ended up, for AT_PHDR; 0 when not mapped. */
static unsigned long phdr_address(const struct elfhdr *ehdr,
				  const struct elf_phdr *phdrs,
				  unsigned long bias)
{
	int i;

	for (i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_LOAD &&
		    phdrs[i].p_offset <= ehdr->e_phoff &&
		    ehdr->e_phoff < phdrs[i].p_offset + phdrs[i].p_filesz)
			return bias + phdrs[i].p_vaddr +
			       (ehdr->e_phoff - phdrs[i].p_offset);
	return 0;
}

/* Code, data and break limits, as /proc and brk() see them. */
static void set_mm_limits(struct mm_struct *mm, const struct elf_phdr *phdrs,
			  int nr, unsigned long bias)
{
	unsigned long end = 0;
	int i;

	mm->start_code = -1UL;
	for (i = 0; i < nr; i++) {
		const struct elf_phdr *ph = &phdrs[i];
		unsigned long start = bias + ph->p_vaddr;

		if (ph->p_type != PT_LOAD)
			continue;
		if ((ph->p_flags & PF_X) && start < mm->start_code)
			mm->start_code = start;
		if ((ph->p_flags & PF_X) && start + ph->p_filesz > mm->end_code)
			mm->end_code = start + ph->p_filesz;
		if (start > mm->start_data)
			mm->start_data = start;
		if (start + ph->p_filesz > mm->end_data)
			mm->end_data = start + ph->p_filesz;
		if (start + ph->p_memsz > end)
			end = start + ph->p_memsz;
	}
	mm->start_brk = mm->brk = PAGE_ALIGN(end);
}

struct elf_layout {
	unsigned long entry;		/* AT_ENTRY: the program's own */
	unsigned long phdr;
	unsigned long interp_base;	/* AT_BASE, 0 without interpreter */
	int phnum;
};

static int push_pointers(unsigned long **spp, int count, unsigned long *p)
{
	unsigned long *sp = *spp;

	while (count-- > 0) {
		long len;

		if (put_user(*p, sp++))
			return -EFAULT;
		len = strnlen_user((void __user *)*p, MAX_ARG_STRLEN);
		if (!len || len > MAX_ARG_STRLEN)
			return -EINVAL;
		*p += len;
	}
	if (put_user(0UL, sp++))
		return -EFAULT;
	*spp = sp;
	return 0;
}

/*
 * What lies on a new program's stack, from its top down: the name of the
 * file, the environment's and the arguments' strings (all copied before),
 * platform name, 16 random bytes, then from sp up argc, argv[], envp[], auxv.
 */
static int create_elf_tables(struct linux_binprm *bprm,
			     const struct elf_layout *layout)
{
	struct mm_struct *mm = current->mm;
	unsigned long p = bprm->p & ~15UL, *elf_info = mm->saved_auxv, *sp;
	unsigned long u_platform, u_rand_bytes;
	u8 random[16];
	int items, ei = 0;

	u_platform = p - sizeof(ELF_PLATFORM);
	u_rand_bytes = u_platform - sizeof(random);
	get_random_bytes(random, sizeof(random));
	if (copy_to_user((void __user *)u_platform, ELF_PLATFORM,
			 sizeof(ELF_PLATFORM)) ||
	    copy_to_user((void __user *)u_rand_bytes, random, sizeof(random)))
		return -EFAULT;

#define NEW_AUX_ENT(id, val)			\
	do {					\
		elf_info[ei++] = (id);		\
		elf_info[ei++] = (val);		\
	} while (0)

	memset(elf_info, 0, sizeof(mm->saved_auxv));
#ifdef ELF_MINSIGSTKSZ
	NEW_AUX_ENT(AT_MINSIGSTKSZ, ELF_MINSIGSTKSZ);
#endif
	NEW_AUX_ENT(AT_HWCAP, ELF_HWCAP);
	NEW_AUX_ENT(AT_PAGESZ, PAGE_SIZE);
	NEW_AUX_ENT(AT_CLKTCK, USER_HZ);
	NEW_AUX_ENT(AT_PHDR, layout->phdr);
	NEW_AUX_ENT(AT_PHENT, sizeof(struct elf_phdr));
	NEW_AUX_ENT(AT_PHNUM, layout->phnum);
	NEW_AUX_ENT(AT_BASE, layout->interp_base);
	NEW_AUX_ENT(AT_FLAGS, 0);
	NEW_AUX_ENT(AT_ENTRY, layout->entry);
	NEW_AUX_ENT(AT_UID, current->uid);
	NEW_AUX_ENT(AT_EUID, current->euid);
	NEW_AUX_ENT(AT_GID, current->gid);
	NEW_AUX_ENT(AT_EGID, current->egid);
	NEW_AUX_ENT(AT_SECURE, bprm->secureexec);
	NEW_AUX_ENT(AT_RANDOM, u_rand_bytes);
	NEW_AUX_ENT(AT_HWCAP2, ELF_HWCAP2);
	NEW_AUX_ENT(AT_EXECFN, bprm->exec);
	NEW_AUX_ENT(AT_PLATFORM, u_platform);
#undef NEW_AUX_ENT
	ei += 2;				/* AT_NULL */

	items = 1 + bprm->argc + 1 + bprm->envc + 1 + ei;
	sp = (unsigned long *)((u_rand_bytes - items * sizeof(long)) & ~15UL);
	bprm->p = (unsigned long)sp;

	if (put_user((unsigned long)bprm->argc, sp++))
		return -EFAULT;
	p = mm->arg_end = mm->arg_start;
	if (push_pointers(&sp, bprm->argc, &p))
		return -EFAULT;
	mm->arg_end = mm->env_start = p;
	if (push_pointers(&sp, bprm->envc, &p))
		return -EFAULT;
	mm->env_end = p;
	return copy_to_user(sp, elf_info, ei * sizeof(long)) ? -EFAULT : 0;
}

/* Opens the interpreter that PT_INTERP names: -ENOENT if there is none. */
static struct file *open_interp(struct linux_binprm *bprm,
				const struct elf_phdr *ph,
				struct elfhdr *interp_ehdr)
{
	struct file *file __free(fput) = NULL;
	char *name __free(kfree) = NULL;

	if (ph->p_filesz > PATH_MAX || ph->p_filesz < 2)
		return ERR_PTR(-ENOEXEC);
	name = read_part(bprm->file, ph->p_filesz, ph->p_offset);
	if (IS_ERR(name))
		return (void *)name;
	if (name[ph->p_filesz - 1])
		return ERR_PTR(-ENOEXEC);
	file = open_exec(name);
	if (IS_ERR(file))
		return no_free_ptr(file);
	if (kernel_read(file, interp_ehdr, sizeof(*interp_ehdr), 0) !=
	    sizeof(*interp_ehdr) || elf_check_header(interp_ehdr))
		return ERR_PTR(-ELIBBAD);
	return no_free_ptr(file);
}

static int load_elf_interp(struct file *file, const struct elfhdr *ehdr,
			   const struct elf_phdr *phdrs,
			   unsigned long *biasp)
{
	unsigned long bias = 0;

	if (ehdr->e_type == ET_DYN) {
		bias = elf_choose_bias(phdrs, ehdr->e_phnum, 0);
		if (IS_ERR_VALUE(bias))
			return bias;
	}
	*biasp = bias;
	return elf_map_all(file, phdrs, ehdr->e_phnum, bias);
}

__visible int load_elf_binary(struct linux_binprm *bprm, struct pt_regs *regs)
{
	const struct elfhdr *ehdr = (const struct elfhdr *)bprm->buf;
	struct elf_phdr *phdrs __free(kfree) = NULL;
	struct elf_phdr *interp_phdrs __free(kfree) = NULL;
	struct file *interp __free(fput) = NULL;
	struct elf_layout layout = { 0 };
	struct elfhdr interp_ehdr;
	unsigned long bias = 0, entry, interp_bias;
	bool executable_stack = ELF_ARCH == EM_386;
	int error, i;

	error = elf_check_header(ehdr);
	if (error)
		return error;
	phdrs = load_phdrs(ehdr, bprm->file);
	if (IS_ERR(phdrs))
		return PTR_ERR(phdrs);
	for (i = 0; i < ehdr->e_phnum; i++) {
		if (phdrs[i].p_type == PT_GNU_STACK)
			executable_stack = phdrs[i].p_flags & PF_X;
		if (phdrs[i].p_type != PT_INTERP || interp)
			continue;
		interp = open_interp(bprm, &phdrs[i], &interp_ehdr);
		if (IS_ERR(interp))
			return PTR_ERR(interp);
		interp_phdrs = load_phdrs(&interp_ehdr, interp);
		if (IS_ERR(interp_phdrs))
			return PTR_ERR(interp_phdrs);
	}

	error = flush_old_exec(bprm);
	if (error)
		return error;
	setup_arg_pages(bprm, executable_stack);
	if (ehdr->e_type == ET_DYN) {
		bias = elf_choose_bias(phdrs, ehdr->e_phnum,
				       interp ? ELF_ET_DYN_BASE : 0);
		if (IS_ERR_VALUE(bias))
			return bias;
	}
	error = elf_map_all(bprm->file, phdrs, ehdr->e_phnum, bias);
	if (error)
		return error;
	set_mm_limits(current->mm, phdrs, ehdr->e_phnum, bias);
	/* Above a program high in the mmap area the break could not grow. */
	if (ehdr->e_type == ET_DYN && !interp)
		current->mm->start_brk = current->mm->brk = ELF_ET_DYN_BASE;

	entry = layout.entry = bias + ehdr->e_entry;
	layout.phdr = phdr_address(ehdr, phdrs, bias);
	layout.phnum = ehdr->e_phnum;
	if (interp) {
		error = load_elf_interp(interp, &interp_ehdr, interp_phdrs,
					&interp_bias);
		if (error)
			return error;
		layout.interp_base = interp_bias;
		entry = interp_bias + interp_ehdr.e_entry;
	}
	if (entry >= TASK_SIZE)
		return -EINVAL;
	error = arch_setup_additional_pages();
	if (error)
		return error;
	current->mm->arg_start = bprm->p;
	error = create_elf_tables(bprm, &layout);
	if (error)
		return error;
	current->mm->start_stack = bprm->p;
	start_thread(regs, entry, bprm->p);
	return 0;
}
