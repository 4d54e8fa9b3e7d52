/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_BINFMTS_H
#define _LINUX_BINFMTS_H

#include <linux/types.h>

struct file;
struct mm_struct;
struct vm_area_struct;
struct linux_binprm;

#define BINPRM_BUF_SIZE	256
#define MAX_ARG_STRLEN	(32 * 4096)
/* What one execve() gathers before the point of no return. */
struct linux_binprm {
	char buf[BINPRM_BUF_SIZE];	/* the file's first bytes, zero padded */
	struct file *file;
	struct mm_struct *mm;		/* the new one; NULL once installed */
	struct vm_area_struct *vma;	/* the new stack */
	unsigned long p;		/* lowest string byte on the new stack */
	unsigned long exec;		/* address of the file name string */
	int argc, envc;
	uid_t euid;			/* after set-id bits */
	gid_t egid;
	bool secureexec;		/* those differ from the caller's */
	const char *filename;		/* as the caller named it */
	const char *interp;		/* what really runs (a script's #!) */
	char *interp_buf;		/* owned copy behind interp, or NULL */
};

struct pt_regs;

int load_elf_binary(struct linux_binprm *bprm, struct pt_regs *regs);
int load_script(struct linux_binprm *bprm);

/* Pushes one string, NUL and all, below the others; -E2BIG when too many. */
int copy_string_kernel(const char *arg, struct linux_binprm *bprm);
int remove_arg_zero(struct linux_binprm *bprm);
int bprm_change_interp(const char *interp, struct linux_binprm *bprm);
/* The point of no return: after 0 the old program is gone. */
int flush_old_exec(struct linux_binprm *bprm);
void setup_arg_pages(struct linux_binprm *bprm, bool executable_stack);
struct file *open_exec(const char *name);
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t pos);

/* exec for a kernel thread turning into init: strings are the kernel's. */
int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp);

#endif
