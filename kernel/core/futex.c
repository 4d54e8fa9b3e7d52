// SPDX-License-Identifier: MIT
/*
 * Futexes. Kernel code is not preempted and a page fault does not sleep, so
 * reading the word and queueing is atomic against every other task.
 */
#include <linux/sched.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <linux/syscalls.h>

#define FUTEX_WAIT		0
#define FUTEX_WAKE		1
#define FUTEX_REQUEUE		3
#define FUTEX_CMP_REQUEUE	4
#define FUTEX_WAKE_OP		5
#define FUTEX_WAIT_BITSET	9
#define FUTEX_WAKE_BITSET	10
#define FUTEX_PRIVATE_FLAG	128
#define FUTEX_CLOCK_REALTIME	256
#define FUTEX_CMD_MASK		(~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

#define FUTEX_BITSET_MATCH_ANY	0xffffffffU

/*
 * What a futex is known by: its place in one mm, or, for a shared mapping,
 * the physical word, so that it is the same from every mm.
 */
struct futex_key {
	struct mm_struct *mm;		/* NULL: shared */
	unsigned long where;
};

struct futex_q {
	struct list_head list;		/* futex_queue; empty when woken */
	struct task_struct *task;
	struct futex_key key;
	u32 bitset;
};

static LIST_HEAD(futex_queue);

static bool match_futex(const struct futex_key *a, const struct futex_key *b)
{
	return a->mm == b->mm && a->where == b->where;
}

static int get_futex_key(u32 __user *uaddr, bool private, struct futex_key *key)
{
	unsigned long address = (unsigned long)uaddr;
	struct vm_area_struct *vma;
	u32 value;
	pte_t *pte;

	if (address % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	key->mm = current->mm;
	key->where = address;
	if (private)
		return 0;
	vma = find_vma(current->mm, address);
	if (!vma || vma->vm_start > address)
		return -EFAULT;
	if (!(vma->vm_flags & VM_SHARED))
		return 0;
	/* The read makes the page present. */
	if (get_user(value, uaddr))
		return -EFAULT;
	pte = lookup_pte(current->mm, address);
	if (!pte || !pte_present(*pte))
		return -EFAULT;
	key->mm = NULL;
	key->where = (pte_pfn(*pte) << PAGE_SHIFT) |
			  (address & ~PAGE_MASK);
	return 0;
}

static int get_two_keys(u32 __user *uaddr1, u32 __user *uaddr2, bool private,
			struct futex_key *key1, struct futex_key *key2)
{
	int ret = get_futex_key(uaddr1, private, key1);

	return ret ? ret : get_futex_key(uaddr2, private, key2);
}

static void wake_futex(struct futex_q *q)
{
	list_del_init(&q->list);
	wake_up_process(q->task);
}

static int wake_key(struct futex_key *key, int nr_wake, u32 bitset)
{
	struct futex_q *q, *next;
	int ret = 0;

	list_for_each_entry_safe(q, next, &futex_queue, list) {
		if (!match_futex(&q->key, key) || !(q->bitset & bitset))
			continue;
		wake_futex(q);
		if (++ret >= nr_wake)
			break;
	}
	return ret;
}

static int do_wake(u32 __user *uaddr, bool private, int nr_wake, u32 bitset)
{
	struct futex_key key;
	int ret;

	if (!bitset)
		return -EINVAL;
	ret = get_futex_key(uaddr, private, &key);
	return ret ? ret : wake_key(&key, nr_wake, bitset);
}

/* For clear_child_tid: whichever way the waiter named it. */
int futex_wake(u32 __user *uaddr, int nr_wake)
{
	return do_wake(uaddr, false, nr_wake, FUTEX_BITSET_MATCH_ANY);
}

static long futex_wait_restart(struct restart_block *restart);

static int futex_wait(u32 __user *uaddr, bool private, u32 val,
		      const ktime_t *expires, u32 bitset)
{
	struct restart_block *restart;
	struct futex_q q;
	u32 uval;
	int ret;

	if (!bitset)
		return -EINVAL;
	ret = get_futex_key(uaddr, private, &q.key);
	if (ret)
		return ret;
	q.task = current;
	q.bitset = bitset;
	for (;;) {
		if (get_user(uval, uaddr))
			return -EFAULT;
		if (uval != val)
			return -EWOULDBLOCK;
		list_add_tail(&q.list, &futex_queue);
		set_current_state(TASK_INTERRUPTIBLE);
		ret = schedule_hrtimeout(expires);
		/* Off the queue: somebody woke us, whatever else came. */
		if (list_empty(&q.list))
			return 0;
		list_del_init(&q.list);
		if (ret == 0)
			return -ETIMEDOUT;
		if (signal_pending(current))
			break;
	}
	if (!expires)
		return -ERESTARTSYS;
	restart = &current->restart_block;
	restart->fn = futex_wait_restart;
	restart->uaddr = uaddr;
	restart->val = val;
	restart->expires = *expires;
	restart->bitset = bitset;
	restart->flags = private;
	return -ERESTART_RESTARTBLOCK;
}

static long futex_wait_restart(struct restart_block *restart)
{
	ktime_t expires = restart->expires;

	restart->fn = do_no_restart_syscall;
	return futex_wait(restart->uaddr, restart->flags, restart->val,
			  &expires, restart->bitset);
}

static int futex_requeue(u32 __user *uaddr1, u32 __user *uaddr2, bool private,
			 int nr_wake, int nr_requeue, const u32 *cmpval)
{
	struct futex_key key1, key2;
	struct futex_q *q, *next;
	int ret, done = 0;
	u32 curval;

	ret = get_two_keys(uaddr1, uaddr2, private, &key1, &key2);
	if (ret)
		return ret;
	if (cmpval) {
		if (get_user(curval, uaddr1))
			return -EFAULT;
		if (curval != *cmpval)
			return -EAGAIN;
	}
	list_for_each_entry_safe(q, next, &futex_queue, list) {
		if (!match_futex(&q->key, &key1))
			continue;
		if (done < nr_wake) {
			wake_futex(q);
		} else if (done < nr_wake + nr_requeue) {
			q->key = key2;
		} else {
			break;
		}
		done++;
	}
	return done;
}

/* Changes the word at uaddr2 as op says, and tells if its old value matches. */
static int futex_atomic_op(u32 __user *uaddr, u32 encoded)
{
	unsigned int op = (encoded >> 28) & 7, cmp = (encoded >> 24) & 15;
	int oparg = (int)(encoded << 8) >> 20, cmparg = (int)(encoded << 20) >> 20;
	u32 oldval, newval;

	if (encoded >> 31)
		oparg = 1 << (oparg & 31);
	if (get_user(oldval, uaddr))
		return -EFAULT;
	switch (op) {
	case 0:
		newval = oparg;
		break;
	case 1:
		newval = oldval + oparg;
		break;
	case 2:
		newval = oldval | oparg;
		break;
	case 3:
		newval = oldval & ~oparg;
		break;
	case 4:
		newval = oldval ^ oparg;
		break;
	default:
		return -ENOSYS;
	}
	if (put_user(newval, uaddr))
		return -EFAULT;
	switch (cmp) {
	case 0:
		return (int)oldval == cmparg;
	case 1:
		return (int)oldval != cmparg;
	case 2:
		return (int)oldval < cmparg;
	case 3:
		return (int)oldval <= cmparg;
	case 4:
		return (int)oldval > cmparg;
	case 5:
		return (int)oldval >= cmparg;
	}
	return -ENOSYS;
}

static int futex_wake_op(u32 __user *uaddr1, u32 __user *uaddr2, bool private,
			 int nr_wake, int nr_wake2, u32 op)
{
	struct futex_key key1, key2;
	int ret, cond;

	ret = get_two_keys(uaddr1, uaddr2, private, &key1, &key2);
	if (ret)
		return ret;
	cond = futex_atomic_op(uaddr2, op);
	if (cond < 0)
		return cond;
	ret = wake_key(&key1, nr_wake, FUTEX_BITSET_MATCH_ANY);
	if (cond)
		ret += wake_key(&key2, nr_wake2, FUTEX_BITSET_MATCH_ANY);
	return ret;
}

/* timeout is absolute, on the ktime_get clock. */
__visible long do_futex(u32 __user *uaddr, int op, u32 val,
			const ktime_t *timeout, u32 __user *uaddr2, u32 val2,
			u32 val3)
{
	bool private = op & FUTEX_PRIVATE_FLAG;

	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAIT_BITSET:
		return futex_wait(uaddr, private, val, timeout, val3);
	case FUTEX_WAKE:
		val3 = FUTEX_BITSET_MATCH_ANY;
		fallthrough;
	case FUTEX_WAKE_BITSET:
		return do_wake(uaddr, private, val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, uaddr2, private, val, val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, uaddr2, private, val, val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, private, val, val2, val3);
	}
	return -ENOSYS;
}

/* The fourth argument is a time for the waiting ones, a number for others. */
static long futex_syscall(u32 __user *uaddr, int op, u32 val,
			  const void __user *utime, u32 __user *uaddr2, u32 val3,
			  enum time_kind kind)
{
	u32 val2 = (u32)(unsigned long)utime;
	int cmd = op & FUTEX_CMD_MASK;
	struct timespec64 ts, real;
	ktime_t t;

	if (!utime || (cmd != FUTEX_WAIT && cmd != FUTEX_WAIT_BITSET))
		return do_futex(uaddr, op, val, NULL, uaddr2, val2, val3);
	if (get_timespec64(&ts, utime, kind))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	t = timespec64_to_ktime(ts);
	if (cmd == FUTEX_WAIT) {
		t += ktime_get();
	} else if (op & FUTEX_CLOCK_REALTIME) {
		ktime_get_real_ts64(&real);
		t += ktime_get() - timespec64_to_ktime(real);
	}
	return do_futex(uaddr, op, val, &t, uaddr2, val2, val3);
}

SYSCALL_DEFINE6(futex, u32 __user *, uaddr, int, op, u32, val,
		const void __user *, utime, u32 __user *, uaddr2, u32, val3)
{
	return futex_syscall(uaddr, op, val, utime, uaddr2, val3, TIMESPEC_64);
}

SYSCALL_DEFINE6(futex_time32, u32 __user *, uaddr, int, op, u32, val,
		const void __user *, utime, u32 __user *, uaddr2, u32, val3)
{
	return futex_syscall(uaddr, op, val, utime, uaddr2, val3, TIMESPEC_NATIVE);
}
