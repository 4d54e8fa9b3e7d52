// SPDX-License-Identifier: MIT
/*
 * i386 only: its first way to the socket calls, one of them by number, with
 * its arguments in memory. arm64 had a number for each from the beginning.
 */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/unistd.h>

typedef asmlinkage long (*sys_call_ptr_t)(long, long, long, long, long, long);

extern void *const sys_call_table[];

/*
 * By call: its own number in the table, how many arguments are there; further
 * ones are 0. So accept (5) is an accept4, send and recv (9, 10) are sendto
 * and recvfrom without an address.
 */
static const struct {
	unsigned short nr, nargs;
} calls[] = {
	{ }, { __NR_socket, 3 }, { __NR_bind, 3 }, { __NR_connect, 3 },
	{ __NR_listen, 2 }, { __NR_accept4, 3 }, { __NR_getsockname, 3 },
	{ __NR_getpeername, 3 }, { __NR_socketpair, 4 }, { __NR_sendto, 4 },
	{ __NR_recvfrom, 4 }, { __NR_sendto, 6 }, { __NR_recvfrom, 6 },
	{ __NR_shutdown, 2 }, { __NR_setsockopt, 5 }, { __NR_getsockopt, 5 },
	{ __NR_sendmsg, 3 }, { __NR_recvmsg, 3 }, { __NR_accept4, 4 },
};

SYSCALL_DEFINE2(socketcall, int, call, unsigned long __user *, args)
{
	long a[6] = { 0 };

	if (call < 1 || call >= (int)ARRAY_SIZE(calls))
		return -EINVAL;
	if (copy_from_user(a, args, calls[call].nargs * sizeof(long)))
		return -EFAULT;
	return ((sys_call_ptr_t)sys_call_table[calls[call].nr])(a[0], a[1], a[2], a[3],
							   a[4], a[5]);
}
