// SPDX-License-Identifier: MIT
/*
 * The checked way to user memory: the range must lie in user space, and a
 * fault inside the arch's raw routines ends them early instead of killing
 * the kernel.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/* What could not be read is zeroed, so no stack garbage is ever used. */
unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left = n;

	if (access_ok(from, n))
		left = raw_copy_from_user(to, from, n);
	if (left)
		memset((char *)to + (n - left), 0, left);
	return left;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	if (!access_ok(to, n))
		return n;
	return raw_copy_to_user(to, from, n);
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	if (!access_ok(to, n))
		return n;
	return raw_clear_user(to, n);
}

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long done = 0;

	while (done < count) {
		/* Within the page: the next one need not be there. */
		unsigned long room = PAGE_SIZE - offset_in_page(src + done);
		unsigned long n = min(min_t(unsigned long, count - done, 64), room);
		unsigned long got = n - copy_from_user(dst + done, src + done, n);
		char *nul = memchr(dst + done, '\0', got);

		if (nul)
			return nul - dst;
		if (got < n)
			return -EFAULT;
		done += n;
	}
	return done;
}

long strnlen_user(const char __user *str, long n)
{
	char buf[64];
	long done, len;

	for (done = 0; done < n; done += len) {
		long want = min_t(long, n - done, sizeof(buf));

		len = strncpy_from_user(buf, str + done, want);
		if (len < 0)
			return 0;
		if (len < want)
			return done + len + 1;
	}
	return n + 1;
}
