// SPDX-License-Identifier: MIT
/* select(2): poll with bit sets. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "select.h"

#define FDS_BITS	(8 * sizeof(unsigned long))

enum { IN, OUT, EX, SETS };

struct fd_sets {
	unsigned int n;			/* descriptors looked at */
	unsigned int words;
	unsigned long *wanted[SETS];
	unsigned long *found[SETS];	/* one behind the other */
};

/* What of a file's state each set asks for. */
static const unsigned int poll_bits[SETS] = {
	[IN] = POLLIN | POLLRDNORM | POLLHUP | POLLERR,
	[OUT] = POLLOUT | POLLWRNORM | POLLERR,
	[EX] = POLLPRI,
};

static int select_check(void *arg, poll_table *pt)
{
	struct fd_sets *s = arg;
	unsigned int fd, i;
	int count = 0;

	memset(s->found[0], 0, SETS * s->words * sizeof(long));
	for (fd = 0; fd < s->n; fd++) {
		unsigned long bit = 1UL << (fd % FDS_BITS);
		unsigned int word = fd / FDS_BITS, mask;
		struct file *file;

		if (!((s->wanted[IN][word] | s->wanted[OUT][word] |
		       s->wanted[EX][word]) & bit))
			continue;
		file = fget(fd);
		if (!file)
			return -EBADF;
		mask = file_poll(file, count ? NULL : pt);
		fput(file);
		for (i = 0; i < SETS; i++)
			if ((mask & poll_bits[i]) && (s->wanted[i][word] & bit)) {
				s->found[i][word] |= bit;
				count++;
			}
	}
	return count;
}

static int do_select(int n, void __user *inp, void __user *outp,
		     void __user *exp, const ktime_t *deadline)
{
	void __user *usets[SETS] = { inp, outp, exp };
	unsigned long *bits __free(kfree) = NULL;
	struct fd_sets s;
	unsigned int size;
	int count, i;

	if (n < 0)
		return -EINVAL;
	s.n = min(n, NR_OPEN_MAX);
	s.words = DIV_ROUND_UP(s.n, FDS_BITS);
	size = s.words * sizeof(long);
	bits = kcalloc(2 * SETS * s.words + 1, sizeof(long), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	for (i = 0; i < SETS; i++) {
		s.wanted[i] = bits + i * s.words;
		s.found[i] = s.wanted[i] + SETS * s.words;
		if (usets[i] && copy_from_user(s.wanted[i], usets[i], size))
			return -EFAULT;
	}
	count = poll_loop(deadline, select_check, &s);
	for (i = 0; count >= 0 && i < SETS; i++)
		if (usets[i] && copy_to_user(usets[i], s.found[i], size))
			count = -EFAULT;
	return count;
}

/* The sixth argument points at the mask's address and size. */
struct sigset_argpack {
	const sigset_t __user *p;
	size_t size;
};

static long do_pselect(int n, void __user *inp, void __user *outp,
		       void __user *exp, void __user *tsp,
		       enum time_kind kind,
		       const struct sigset_argpack __user *sig)
{
	struct sigset_argpack x = { NULL, 0 };
	ktime_t deadline;
	long ret;

	if (sig && copy_from_user(&x, sig, sizeof(x)))
		return -EFAULT;
	if (tsp) {
		ret = get_timeout(tsp, kind, &deadline);
		if (ret)
			return ret;
	}
	ret = set_user_sigmask(x.p, x.size);
	if (ret)
		return ret;
	ret = do_select(n, inp, outp, exp, tsp ? &deadline : NULL);
	restore_saved_sigmask_unless(ret == -ERESTARTNOHAND);
	if (tsp)
		put_remaining(tsp, kind, deadline);
	return ret;
}

SYSCALL_DEFINE5(select, int, n, void __user *, inp, void __user *, outp,
		void __user *, exp, struct timeval __user *, tvp)
{
	return do_pselect(n, inp, outp, exp, tvp, TIMEVAL_NATIVE, NULL);
}

SYSCALL_DEFINE6(pselect6, int, n, void __user *, inp, void __user *, outp,
		void __user *, exp, void __user *, tsp,
		const struct sigset_argpack __user *, sig)
{
	return do_pselect(n, inp, outp, exp, tsp, TIMESPEC_64, sig);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE6(pselect6_time32, int, n, void __user *, inp,
		void __user *, outp, void __user *, exp, void __user *, tsp,
		const struct sigset_argpack __user *, sig)
{
	return do_pselect(n, inp, outp, exp, tsp, TIMESPEC_NATIVE, sig);
}

struct sel_arg_struct {
	unsigned long n;
	void __user *inp, *outp, *exp;
	struct timeval __user *tvp;
};

/* The first Linux passed five arguments in memory. */
SYSCALL_DEFINE1(old_select, struct sel_arg_struct __user *, arg)
{
	struct sel_arg_struct a;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	return sys_select(a.n, a.inp, a.outp, a.exp, a.tvp);
}
#endif
