// SPDX-License-Identifier: MIT
/* i386's first way to the socket calls: one of them by number, its arguments in memory. */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

typedef asmlinkage long (*sys_call_ptr_t)(long, long, long, long, long, long);

extern void *const sys_call_table[];

/*
 * By call: its own number in the table, how many arguments are there; further
 * ones are 0. So accept (5) is an accept4, send and recv (9, 10) are sendto
 * and recvfrom without an address.
 */
static const unsigned short nrs[] = {
	0, 359, 361, 362, 363, 364, 367, 368, 360, 369, 371, 369, 371, 373, 366,
	365, 370, 372, 364,
};
static const unsigned char nargs[ARRAY_SIZE(nrs)] = {
	0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4,
};

SYSCALL_DEFINE2(socketcall, int, call, unsigned long __user *, args)
{
	long a[6] = { 0 };

	if (call < 1 || call >= (int)ARRAY_SIZE(nrs))
		return -EINVAL;
	if (copy_from_user(a, args, nargs[call] * sizeof(long)))
		return -EFAULT;
	return ((sys_call_ptr_t)sys_call_table[nrs[call]])(a[0], a[1], a[2], a[3],
							   a[4], a[5]);
}
