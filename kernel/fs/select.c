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

struct fd_sets {
	unsigned int n;			/* descriptors looked at */
	unsigned int words;
	unsigned long *in, *out, *ex;
	unsigned long *res_in, *res_out, *res_ex;
};

#define POLLIN_SET	(POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define POLLOUT_SET	(POLLOUT | POLLWRNORM | POLLERR)
#define POLLEX_SET	(POLLPRI)

static int select_check(void *arg, poll_table *pt)
{
	struct fd_sets *s = arg;
	unsigned int fd;
	int count = 0;

	memset(s->res_in, 0, 3 * s->words * sizeof(long));
	for (fd = 0; fd < s->n; fd++) {
		unsigned long bit = 1UL << (fd % FDS_BITS);
		unsigned int word = fd / FDS_BITS, mask;
		struct file *file;

		if (!((s->in[word] | s->out[word] | s->ex[word]) & bit))
			continue;
		file = fget(fd);
		if (!file)
			return -EBADF;
		mask = file_poll(file, count ? NULL : pt);
		fput(file);
		if ((mask & POLLIN_SET) && (s->in[word] & bit)) {
			s->res_in[word] |= bit;
			count++;
		}
		if ((mask & POLLOUT_SET) && (s->out[word] & bit)) {
			s->res_out[word] |= bit;
			count++;
		}
		if ((mask & POLLEX_SET) && (s->ex[word] & bit)) {
			s->res_ex[word] |= bit;
			count++;
		}
	}
	return count;
}

static int get_fd_set(unsigned int words, const void __user *uset,
		      unsigned long *set)
{
	if (!uset)
		return 0;	/* allocated zeroed */
	return copy_from_user(set, uset, words * sizeof(long)) ? -EFAULT : 0;
}

static int set_fd_set(unsigned int words, void __user *uset,
		      const unsigned long *set)
{
	if (!uset)
		return 0;
	return copy_to_user(uset, set, words * sizeof(long)) ? -EFAULT : 0;
}

static int do_select(int n, void __user *inp, void __user *outp,
		     void __user *exp, const ktime_t *deadline)
{
	struct poll_wqueues pwq;
	struct fd_sets s;
	unsigned long *bits;
	int count;

	if (n < 0)
		return -EINVAL;
	if (n > NR_OPEN_MAX)
		n = NR_OPEN_MAX;
	s.n = n;
	s.words = DIV_ROUND_UP((unsigned int)n, FDS_BITS);
	bits = kcalloc(6 * s.words + 1, sizeof(long), GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	s.in = bits;
	s.out = s.in + s.words;
	s.ex = s.out + s.words;
	s.res_in = s.ex + s.words;
	s.res_out = s.res_in + s.words;
	s.res_ex = s.res_out + s.words;
	count = -EFAULT;
	if (get_fd_set(s.words, inp, s.in) || get_fd_set(s.words, outp, s.out) ||
	    get_fd_set(s.words, exp, s.ex))
		goto out;
	poll_initwait(&pwq);
	count = poll_loop(&pwq, deadline, select_check, &s);
	poll_freewait(&pwq);
	if (count < 0)
		goto out;
	if (set_fd_set(s.words, inp, s.res_in) ||
	    set_fd_set(s.words, outp, s.res_out) ||
	    set_fd_set(s.words, exp, s.res_ex))
		count = -EFAULT;
out:
	kfree(bits);
	return count;
}

SYSCALL_DEFINE5(select, int, n, void __user *, inp, void __user *, outp,
		void __user *, exp, struct timeval __user *, tvp)
{
	ktime_t deadline;
	long ret;

	if (!tvp)
		return do_select(n, inp, outp, exp, NULL);
	ret = get_timeout(tvp, TIMEVAL_NATIVE, &deadline);
	if (ret)
		return ret;
	ret = do_select(n, inp, outp, exp, &deadline);
	put_remaining(tvp, TIMEVAL_NATIVE, deadline);
	return ret;
}

/* The sixth argument points at the mask's address and size. */
struct sigset_argpack {
	const sigset_t __user *p;
	size_t size;
};

static long do_pselect(int n, void __user *inp, void __user *outp,
		       void __user *exp, void __user *tsp,
		       enum timeout_kind kind,
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
