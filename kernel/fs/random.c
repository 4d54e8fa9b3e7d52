// SPDX-License-Identifier: MIT
/*
 * Numbers that look random and are the same in every run: the machine has no
 * source of chance, and must not. xorshift128+ (Vigna), fixed seed.
 */
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "internal.h"

static u64 state[2] = { 0x9e3779b97f4a7c15ULL, 0xbf58476d1ce4e5b9ULL };

static u64 next_random(void)
{
	u64 a = state[0], b = state[1];

	state[0] = b;
	a ^= a << 23;
	state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
	return state[1] + b;
}

void get_random_bytes(void *buf, size_t n)
{
	char *p = buf;

	while (n) {
		u64 r = next_random();
		size_t bytes = min(n, sizeof(r));

		memcpy(p, &r, bytes);
		p += bytes;
		n -= bytes;
	}
}

#define GRND_NONBLOCK	1
#define GRND_RANDOM	2
#define GRND_INSECURE	4

static ssize_t random_to_user(char __user *buf, size_t count)
{
	char block[64];
	size_t done = 0;

	while (done < count) {
		size_t bytes = min(count - done, sizeof(block));

		get_random_bytes(block, bytes);
		if (copy_to_user(buf + done, block, bytes))
			return done ? (ssize_t)done : -EFAULT;
		done += bytes;
	}
	return done;
}

SYSCALL_DEFINE3(getrandom, char __user *, buf, size_t, count, unsigned int, flags)
{
	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	return random_to_user(buf, min_t(size_t, count, MAX_RW_COUNT));
}

static ssize_t urandom_read(struct file *file, char __user *buf, size_t n,
			    loff_t *pos)
{
	return random_to_user(buf, n);
}

/* Writing stirs the pool; here it is accepted and changes nothing. */
static ssize_t urandom_write(struct file *file, const char __user *buf,
			     size_t n, loff_t *pos)
{
	return n;
}

const struct file_operations urandom_fops = {
	.llseek = noop_llseek,
	.read = urandom_read,
	.write = urandom_write,
};
