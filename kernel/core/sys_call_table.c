// SPDX-License-Identifier: MIT
/* The system call table, from the list of all machines: syscalls/syscall.tbl. */
#include <linux/linkage.h>
#include <linux/types.h>

asmlinkage long sys_ni_syscall(void);

#define __SYSCALL(nr, sym)	asmlinkage long sym(void);
#include <asm/unistd.h>

#define __SYSCALL(nr, sym)	[nr] = (void *)sym,

extern void *const sys_call_table[__NR_syscalls + 1];

/*
 * One more than there are numbers: where every higher one may lead. arm64's
 * entry reaches a whole page's address with one adrp.
 */
void *const sys_call_table[__NR_syscalls + 1] __aligned(4096) = {
	[0 ... __NR_syscalls] = (void *)sys_ni_syscall,
#include <asm/unistd.h>
};
