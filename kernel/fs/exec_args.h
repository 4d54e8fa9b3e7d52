/* SPDX-License-Identifier: MIT */
#ifndef _FS_EXEC_ARGS_H
#define _FS_EXEC_ARGS_H

#include <linux/binfmts.h>

/* argv or envp: an array of strings, both in user or both in kernel memory. */
struct arg_ptr {
	bool is_kernel;
	const char *const *array;	/* NULL counts as empty, as on Linux */
};

/* A new address space that holds nothing but the start of a stack. */
int bprm_mm_init(struct linux_binprm *bprm);
/* The program's name, environment and arguments onto that stack. */
int bprm_fill(struct linux_binprm *bprm, struct arg_ptr argv,
	      struct arg_ptr envp);

#endif
