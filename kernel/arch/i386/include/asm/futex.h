/* SPDX-License-Identifier: MIT */
#ifndef _ASM_FUTEX_H
#define _ASM_FUTEX_H

#include <linux/uaccess.h>
#include <linux/irqflags.h>

/*
 * One CPU, and nothing preempts the kernel: a read and a write with no
 * sleep in between are atomic for user mode. Both return 0 or -EFAULT.
 */
static inline int futex_atomic_cmpxchg_inatomic(u32 *cur, u32 __user *uaddr,
						u32 old, u32 new)
{
	u32 val;

	if (get_user(val, uaddr))
		return -EFAULT;
	*cur = val;
	if (val == old && put_user(new, uaddr))
		return -EFAULT;
	return 0;
}

#define FUTEX_OP_SET	0
#define FUTEX_OP_ADD	1
#define FUTEX_OP_OR	2
#define FUTEX_OP_ANDN	3
#define FUTEX_OP_XOR	4

static inline int futex_atomic_op(int op, u32 oparg, u32 *oldval,
				  u32 __user *uaddr)
{
	u32 val, new;

	if (get_user(val, uaddr))
		return -EFAULT;
	switch (op) {
	case FUTEX_OP_SET:
		new = oparg;
		break;
	case FUTEX_OP_ADD:
		new = val + oparg;
		break;
	case FUTEX_OP_OR:
		new = val | oparg;
		break;
	case FUTEX_OP_ANDN:
		new = val & ~oparg;
		break;
	case FUTEX_OP_XOR:
		new = val ^ oparg;
		break;
	default:
		return -ENOSYS;
	}
	*oldval = val;
	return put_user(new, uaddr);
}

#endif
