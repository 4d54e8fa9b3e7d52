// SPDX-License-Identifier: MIT
/* Locks whose owner ends are marked as such, and a waiter is told. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>

#define FUTEX_WAITERS		0x80000000U
#define FUTEX_OWNER_DIED	0x40000000U
#define FUTEX_TID_MASK		0x3fffffffU
#define ROBUST_LIST_LIMIT	2048

/* The list, in user memory, of locks that must not stay locked. */
struct robust_list {
	struct robust_list __user *next;
};

struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list __user *list_op_pending;
};

SYSCALL_DEFINE2(set_robust_list, struct robust_list_head __user *, head,
		size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

SYSCALL_DEFINE3(get_robust_list, int, pid,
		struct robust_list_head __user **, head_ptr,
		size_t __user *, len_ptr)
{
	struct task_struct *p = pid ? find_task_by_vpid(pid) : current;

	if (!p)
		return -ESRCH;
	if (put_user(sizeof(struct robust_list_head), len_ptr))
		return -EFAULT;
	return put_user(p->robust_list, head_ptr);
}

static int handle_futex_death(u32 __user *uaddr, struct task_struct *curr)
{
	u32 uval;

	if ((unsigned long)uaddr % sizeof(u32) || get_user(uval, uaddr))
		return -1;
	if ((uval & FUTEX_TID_MASK) != (u32)curr->pid)
		return 0;
	if (put_user((uval & FUTEX_WAITERS) | FUTEX_OWNER_DIED, uaddr))
		return -1;
	if (uval & FUTEX_WAITERS)
		futex_wake(uaddr, 1);
	return 0;
}

/* Bit 0 of a pointer marks a priority-inheriting lock. */
static void __user *robust_entry(struct robust_list __user *p, long offset)
{
	return (char __user *)((unsigned long)p & ~1UL) + offset;
}

void exit_robust_list(struct task_struct *curr)
{
	struct robust_list_head __user *head = curr->robust_list;
	struct robust_list __user *entry, *next, *pending;
	int limit = ROBUST_LIST_LIMIT;
	long offset;

	if (get_user(entry, &head->list.next) ||
	    get_user(offset, &head->futex_offset) ||
	    get_user(pending, &head->list_op_pending))
		return;
	while ((unsigned long)entry != (unsigned long)&head->list && limit--) {
		int err = get_user(next, &((struct robust_list __user *)
				((unsigned long)entry & ~1UL))->next);

		if (entry != pending &&
		    handle_futex_death(robust_entry(entry, offset), curr))
			return;
		if (err)
			return;
		entry = next;
	}
	if (pending)
		handle_futex_death(robust_entry(pending, offset), curr);
}
