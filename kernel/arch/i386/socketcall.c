// SPDX-License-Identifier: MIT
/* i386's first way to the socket calls: one of them by number, its arguments in memory. */
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

typedef asmlinkage long (*sys_call_ptr_t)(long, long, long, long, long, long);

extern void *const sys_call_table[];

/* The call's own number, and how many arguments there are; the others are 0. */
static const struct {
	unsigned short nr;
	unsigned short nargs;
} socketcalls[] = {
	[1] = { 359, 3 },		/* socket */
	[2] = { 361, 3 },		/* bind */
	[3] = { 362, 3 },		/* connect */
	[4] = { 363, 2 },		/* listen */
	[5] = { 364, 3 },		/* accept: accept4 without flags */
	[6] = { 367, 3 },		/* getsockname */
	[7] = { 368, 3 },		/* getpeername */
	[8] = { 360, 4 },		/* socketpair */
	[9] = { 369, 4 },		/* send: sendto without an address */
	[10] = { 371, 4 },		/* recv: recvfrom without one */
	[11] = { 369, 6 },		/* sendto */
	[12] = { 371, 6 },		/* recvfrom */
	[13] = { 373, 2 },		/* shutdown */
	[14] = { 366, 5 },		/* setsockopt */
	[15] = { 365, 5 },		/* getsockopt */
	[16] = { 370, 3 },		/* sendmsg */
	[17] = { 372, 3 },		/* recvmsg */
	[18] = { 364, 4 },		/* accept4 */
};

SYSCALL_DEFINE2(socketcall, int, call, unsigned long __user *, args)
{
	long a[6] = { 0 };

	if (call < 1 || call >= (int)ARRAY_SIZE(socketcalls))
		return -EINVAL;
	if (copy_from_user(a, args, socketcalls[call].nargs * sizeof(long)))
		return -EFAULT;
	return ((sys_call_ptr_t)sys_call_table[socketcalls[call].nr])(a[0], a[1],
							a[2], a[3], a[4], a[5]);
}
