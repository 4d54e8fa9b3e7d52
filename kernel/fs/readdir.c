// SPDX-License-Identifier: MIT
/* Listing directories. */
#include <linux/fs.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

static unsigned int dt_type(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}

/* The entries of a directory whose dentries are all in memory. */
int dcache_readdir(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->f_dentry, *dentry;

	if (ctx->pos == 0) {
		if (!ctx->actor(ctx, ".", 1, 0, dir->d_inode->i_ino, DT_DIR))
			return 0;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		if (!ctx->actor(ctx, "..", 2, 1, dir->d_parent->d_inode->i_ino,
				DT_DIR))
			return 0;
		ctx->pos = 2;
	}
	list_for_each_entry(dentry, &dir->d_subdirs, d_child) {
		if (dentry->d_pos < ctx->pos)
			continue;
		if (!ctx->actor(ctx, dentry->d_name, dentry->d_len, dentry->d_pos,
				dentry->d_inode->i_ino,
				dt_type(dentry->d_inode->i_mode)))
			return 0;
		ctx->pos = dentry->d_pos + 1;
	}
	return 0;
}

struct linux_dirent64 {
	u64 d_ino;
	s64 d_off;
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};

struct linux_dirent {
	unsigned long d_ino;
	unsigned long d_off;
	u16 d_reclen;
	char d_name[];
};

struct getdents_callback {
	struct dir_context ctx;
	char __user *dirent;		/* where the next one goes */
	int count;			/* bytes left there */
	bool is_64;
	int error;
};

/* d_off of an entry is where the one after it is: written as pos + 1. */
static bool filldir(struct dir_context *ctx, const char *name, int namelen,
		    loff_t pos, u64 ino, unsigned int type)
{
	struct getdents_callback *buf =
		container_of(ctx, struct getdents_callback, ctx);
	char record[ALIGN(sizeof(struct linux_dirent64) + NAME_MAX + 2, 8)];
	int header = buf->is_64 ? (int)offsetof(struct linux_dirent64, d_name) :
				  (int)offsetof(struct linux_dirent, d_name);
	int align = buf->is_64 ? 8 : (int)sizeof(long);
	/* The old form has its type in the record's very last byte. */
	int reclen = ALIGN(header + namelen + (buf->is_64 ? 1 : 2), align);

	if (reclen > buf->count) {
		if (!buf->error)
			buf->error = -EINVAL;	/* unless one has fitted */
		return false;
	}
	memset(record, 0, reclen);
	if (buf->is_64) {
		struct linux_dirent64 *de = (void *)record;

		de->d_ino = ino;
		de->d_off = pos + 1;
		de->d_reclen = reclen;
		de->d_type = type;
	} else {
		struct linux_dirent *de = (void *)record;

		de->d_ino = ino;
		de->d_off = pos + 1;
		de->d_reclen = reclen;
		record[reclen - 1] = type;
	}
	memcpy(record + header, name, namelen);
	if (copy_to_user(buf->dirent, record, reclen)) {
		buf->error = -EFAULT;
		return false;
	}
	buf->dirent += reclen;
	buf->count -= reclen;
	return true;
}

static long do_getdents(unsigned int fd, void __user *dirent,
			unsigned int count, bool is_64)
{
	struct getdents_callback buf = {
		.ctx.actor = filldir,
		.dirent = dirent,
		.count = min_t(unsigned int, count, 0x7fffffff),
		.is_64 = is_64,
	};
	struct file *file __free(fput) = fget(fd);
	long ret;

	if (!file)
		return -EBADF;
	if (!file->f_op->iterate)
		return -ENOTDIR;
	if (file->f_dentry->d_flags & DCACHE_UNHASHED)
		return -ENOENT;
	buf.ctx.pos = file->f_pos;
	ret = file->f_op->iterate(file, &buf.ctx);
	file->f_pos = buf.ctx.pos;
	if (ret < 0)
		return ret;
	ret = buf.dirent - (char __user *)dirent;
	return ret ? ret : buf.error;
}

SYSCALL_DEFINE3(getdents64, unsigned int, fd, void __user *, dirent,
		unsigned int, count)
{
	return do_getdents(fd, dirent, count, true);
}

SYSCALL_DEFINE3(getdents, unsigned int, fd, void __user *, dirent,
		unsigned int, count)
{
	return do_getdents(fd, dirent, count, false);
}
