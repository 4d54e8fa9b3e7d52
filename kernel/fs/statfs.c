// SPDX-License-Identifier: MIT
/* statfs(2): how full a file system is. All of them live in RAM. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

struct statfs {
	long f_type;
	long f_bsize;
	unsigned long f_blocks;
	unsigned long f_bfree;
	unsigned long f_bavail;
	unsigned long f_files;
	unsigned long f_ffree;
	int f_fsid[2];
	long f_namelen;
	long f_frsize;
	long f_flags;
	long f_spare[4];
};

/* Takes over what a lookup gave, be it an error. */
static long fill_statfs(struct dentry *found, struct statfs *s)
{
	struct dentry *dentry __free(dput) = found;
	struct super_block *sb;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	sb = dentry->d_inode->i_sb;
	memset(s, 0, sizeof(*s));
	s->f_type = sb->s_magic;
	s->f_bsize = PAGE_SIZE;
	s->f_frsize = PAGE_SIZE;
	s->f_namelen = NAME_MAX;
	s->f_fsid[0] = sb->s_dev;
	if (!strcmp(sb->s_type, "proc"))
		return 0;
	s->f_blocks = totalram_pages / 2;
	s->f_bfree = s->f_bavail = min(nr_free_pages(), s->f_blocks);
	s->f_files = totalram_pages / 2;
	s->f_ffree = s->f_files;
	return 0;
}

static long do_statfs(struct dentry *found, struct statfs __user *buf)
{
	struct statfs s;
	long error = fill_statfs(found, &s);

	if (error)
		return error;
	return copy_to_user(buf, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, path, struct statfs __user *, buf)
{
	return do_statfs(user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW), buf);
}

SYSCALL_DEFINE2(fstatfs, unsigned int, fd, struct statfs __user *, buf)
{
	return do_statfs(fd_dentry(fd), buf);
}

#if BITS_PER_LONG == 32
struct statfs64 {
	u32 f_type;
	u32 f_bsize;
	u64 f_blocks;
	u64 f_bfree;
	u64 f_bavail;
	u64 f_files;
	u64 f_ffree;
	int f_fsid[2];
	u32 f_namelen;
	u32 f_frsize;
	u32 f_flags;
	u32 f_spare[4];
} __packed __aligned(4);

static long do_statfs64(struct dentry *found, struct statfs64 __user *buf)
{
	struct statfs64 s64;
	struct statfs s;
	long error = fill_statfs(found, &s);

	if (error)
		return error;
	memset(&s64, 0, sizeof(s64));
	s64.f_type = s.f_type;
	s64.f_bsize = s.f_bsize;
	s64.f_blocks = s.f_blocks;
	s64.f_bfree = s.f_bfree;
	s64.f_bavail = s.f_bavail;
	s64.f_files = s.f_files;
	s64.f_ffree = s.f_ffree;
	s64.f_fsid[0] = s.f_fsid[0];
	s64.f_namelen = s.f_namelen;
	s64.f_frsize = s.f_frsize;
	return copy_to_user(buf, &s64, sizeof(s64)) ? -EFAULT : 0;
}

SYSCALL_DEFINE3(statfs64, const char __user *, path, size_t, sz,
		struct statfs64 __user *, buf)
{
	if (sz != sizeof(*buf))
		return -EINVAL;
	return do_statfs64(user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW), buf);
}

SYSCALL_DEFINE3(fstatfs64, unsigned int, fd, size_t, sz,
		struct statfs64 __user *, buf)
{
	return sz == sizeof(*buf) ? do_statfs64(fd_dentry(fd), buf) : -EINVAL;
}
#endif
