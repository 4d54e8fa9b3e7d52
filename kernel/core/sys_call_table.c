// SPDX-License-Identifier: MIT
/* The system call table, from the list of all machines: syscalls/syscall.tbl. */
#include <linux/linkage.h>
#include <linux/types.h>

#ifdef __x86_64__		/* asm/syscall_wrapper.h */
#define ENTRY_OF(sym)	__x64_##sym
#else
#define ENTRY_OF(sym)	sym
#endif

asmlinkage long ENTRY_OF(sys_ni_syscall)(void);

#define __SYSCALL(nr, sym)	asmlinkage long ENTRY_OF(sym)(void);
#include <asm/unistd.h>

#define __SYSCALL(nr, sym)	[nr] = (void *)ENTRY_OF(sym),

extern void *const sys_call_table[__NR_syscalls + 1];

/*
 * One more than there are numbers: where every higher one may lead. arm64's
 * entry reaches a whole page's address with one adrp.
 */
void *const sys_call_table[__NR_syscalls + 1] __aligned(4096) = {
	[0 ... __NR_syscalls] = (void *)ENTRY_OF(sys_ni_syscall),
#include <asm/unistd.h>
};
