/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL_DEFINEn(name, type1, arg1, ...) defines asmlinkage long sys_name().
 * Every sys_ function is global: the table is built of syscalls/syscall.tbl.
 */
#ifndef _LINUX_SYSCALLS_H
#define _LINUX_SYSCALLS_H

#include <linux/types.h>
#include <linux/linkage.h>

#define __SC_1(t1, a1)			t1 a1
#define __SC_2(t2, a2, ...)		t2 a2, __SC_1(__VA_ARGS__)
#define __SC_3(t3, a3, ...)		t3 a3, __SC_2(__VA_ARGS__)
#define __SC_4(t4, a4, ...)		t4 a4, __SC_3(__VA_ARGS__)
#define __SC_5(t5, a5, ...)		t5 a5, __SC_4(__VA_ARGS__)
#define __SC_6(t6, a6, ...)		t6 a6, __SC_5(__VA_ARGS__)

/*
 * A machine may want a second function for each, which the table then has in its
 * place: __SYSCALL_WRAPPER(name, number of arguments, types and names).
 */
#ifdef __x86_64__
#include <asm/syscall_wrapper.h>
#else
#define __SYSCALL_WRAPPER(name, n, ...)
#endif

#define __SYSCALL_DEFINE(name, n, args, ...)				\
	asmlinkage long sys_##name args;				\
	__SYSCALL_WRAPPER(name, n, __VA_ARGS__)				\
	__visible asmlinkage long sys_##name args

#define SYSCALL_DEFINE0(name)		__SYSCALL_DEFINE(name, 0, (void), )
#define SYSCALL_DEFINE1(name, ...)	__SYSCALL_DEFINE(name, 1, (__SC_1(__VA_ARGS__)), __VA_ARGS__)
#define SYSCALL_DEFINE2(name, ...)	__SYSCALL_DEFINE(name, 2, (__SC_2(__VA_ARGS__)), __VA_ARGS__)
#define SYSCALL_DEFINE3(name, ...)	__SYSCALL_DEFINE(name, 3, (__SC_3(__VA_ARGS__)), __VA_ARGS__)
#define SYSCALL_DEFINE4(name, ...)	__SYSCALL_DEFINE(name, 4, (__SC_4(__VA_ARGS__)), __VA_ARGS__)
#define SYSCALL_DEFINE5(name, ...)	__SYSCALL_DEFINE(name, 5, (__SC_5(__VA_ARGS__)), __VA_ARGS__)
#define SYSCALL_DEFINE6(name, ...)	__SYSCALL_DEFINE(name, 6, (__SC_6(__VA_ARGS__)), __VA_ARGS__)

asmlinkage long sys_ni_syscall(void);
asmlinkage long sys_close(unsigned int fd);
asmlinkage long sys_pause(void);

#endif
