// SPDX-License-Identifier: MIT
/* Opening, and changing what a file is like without reading it. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/* An open file on dentry, whose reference the caller keeps. */
struct file *dentry_open(struct dentry *dentry, int flags)
{
	struct inode *inode = dentry->d_inode;
	struct file *file = get_empty_filp();
	int error = -ENXIO;

	if (!file)
		return ERR_PTR(-ENFILE);
	file->f_flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	file->f_dentry = dget(dentry);
	file->f_inode = inode;
	if (flags & O_PATH) {
		static const struct file_operations path_fops;

		file->f_mode = FMODE_PATH;
		file->f_op = &path_fops;
		return file;
	}
	file->f_mode = ((flags & O_ACCMODE) + 1) & (FMODE_READ | FMODE_WRITE);
	file->f_op = inode->i_fop;
	if (file->f_op)
		error = file->f_op->open ? file->f_op->open(inode, file) : 0;
	if (!error)
		return file;
	/* A failed open must not be released. */
	file->f_op = NULL;
	fput(file);
	return ERR_PTR(error);
}

static int do_truncate(struct inode *inode, loff_t length)
{
	int error;

	if (length < 0)
		return -EINVAL;
	if (!S_ISREG(inode->i_mode) || !inode->i_op || !inode->i_op->truncate)
		return -EINVAL;
	error = inode->i_op->truncate(inode, length);
	if (!error)
		inode->i_mtime = inode->i_ctime = current_time();
	return error;
}

static int may_open(struct inode *inode, int flags)
{
	int acc = flags & O_ACCMODE, mask = 0, error;

	if (flags & O_PATH)
		return 0;
	if (S_ISLNK(inode->i_mode))
		return -ELOOP;
	if (S_ISDIR(inode->i_mode) && acc != O_RDONLY)
		return -EISDIR;
	if (acc != O_WRONLY)
		mask |= MAY_READ;
	if (acc != O_RDONLY || (flags & O_TRUNC))
		mask |= MAY_WRITE;
	error = inode_permission(inode, mask);
	if (error)
		return error;
	if ((flags & O_TRUNC) && S_ISREG(inode->i_mode))
		return do_truncate(inode, 0);
	return 0;
}

/* O_CREAT: the entry that is there, links followed, or a new file. */
static struct dentry *open_create(struct dentry *base, const char *path,
				  int flags, umode_t mode, bool *created,
				  int depth)
{
	struct dentry *parent __free(dput) = NULL, *dentry __free(dput) = NULL;
	struct dentry *target = NULL;
	char *buf __free(kfree) = NULL;
	struct qstr last;
	int error, len;

	parent = path_lookup_from(base, path, LOOKUP_PARENT, &last);
	if (IS_ERR(parent))
		return no_free_ptr(parent);
	if (last.dots || last.trailing_slash)
		return ERR_PTR(-EISDIR);
	dentry = lookup_one(parent, last.name, last.len);
	if (IS_ERR(dentry))
		return no_free_ptr(dentry);
	if (!dentry->d_inode) {
		error = inode_permission(parent->d_inode, MAY_WRITE | MAY_EXEC);
		if (!error)
			error = vfs_create(dentry, mode & ~current->fs->umask);
		*created = !error;
	} else {
		error = flags & O_EXCL ? -EEXIST : 0;
		dentry = follow_mount(dentry);
	}
	if (error)
		return ERR_PTR(error);
	if (!S_ISLNK(dentry->d_inode->i_mode) || (flags & O_NOFOLLOW))
		return no_free_ptr(dentry);
	if (depth > 8)
		return ERR_PTR(-ELOOP);
	if (dentry->d_inode->i_op->get_object)
		target = dentry->d_inode->i_op->get_object(dentry);
	if (target)
		return target;
	buf = kzalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	len = vfs_readlink(dentry, buf, PATH_MAX - 1);
	return len < 0 ? ERR_PTR(len) :
	       open_create(parent, buf, flags, mode, created, depth + 1);
}

static struct dentry *open_base(int dfd, const char *path)
{
	return path_lookupat(dfd, *path == '/' ? "/" : ".",
			     LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
}

struct file *do_filp_open(int dfd, const char *path, int flags, umode_t mode)
{
	unsigned int how = flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct dentry *dentry __free(dput) = NULL, *base __free(dput) = NULL;
	bool created = false;
	int error;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (flags & O_DIRECTORY)
		how |= LOOKUP_DIRECTORY;
	if ((flags & __O_TMPFILE) == __O_TMPFILE && (flags & O_DIRECTORY))
		return ERR_PTR(-EOPNOTSUPP);
	if (!*path)
		return ERR_PTR(-ENOENT);
	if (flags & O_CREAT) {
		if (flags & O_DIRECTORY)
			return ERR_PTR(-EINVAL);
		base = open_base(dfd, path);
		if (IS_ERR(base))
			return (void *)base;
		dentry = open_create(base, path, flags, mode, &created, 0);
	} else {
		dentry = path_lookupat(dfd, path, how);
	}
	if (IS_ERR(dentry))
		return (void *)dentry;
	if ((flags & O_CREAT) && S_ISDIR(dentry->d_inode->i_mode))
		return ERR_PTR(-EISDIR);
	/* The creator may write what nobody else may. */
	error = created ? 0 : may_open(dentry->d_inode, flags);
	return error ? ERR_PTR(error) : dentry_open(dentry, flags);
}

struct file *filp_open(const char *filename, int flags, umode_t mode)
{
	return do_filp_open(AT_FDCWD, filename, flags, mode);
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, filename, int, flags,
		umode_t, mode)
{
	char *name __free(putname) = getname(filename);
	struct file *file;
	int fd;

	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = get_unused_fd_flags(flags);
	if (fd < 0)
		return fd;
	file = do_filp_open(dfd, name, flags, mode & S_IALLUGO);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

SYSCALL_DEFINE3(open, const char __user *, filename, int, flags, umode_t, mode)
{
	return sys_openat(AT_FDCWD, filename, flags, mode);
}

SYSCALL_DEFINE2(creat, const char __user *, pathname, umode_t, mode)
{
	return sys_openat(AT_FDCWD, pathname, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

SYSCALL_DEFINE2(memfd_create, const char __user *, uname, unsigned int, flags)
{
	char name[6 + NAME_MAX + 1] = "memfd:";
	struct file *file;
	long len;
	int fd;

	if (flags & ~3U)
		return -EINVAL;
	len = strncpy_from_user(name + 6, uname, NAME_MAX - 5);
	if (len < 0)
		return len;
	if (len > NAME_MAX - 6)
		return -EINVAL;
	fd = get_unused_fd_flags(flags & 1 ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;
	file = shmem_file_setup(name, 0);
	if (!file) {
		put_unused_fd(fd);
		return -ENOMEM;
	}
	fd_install(fd, file);
	return fd;
}

static long truncate_path(const char __user *path, loff_t length)
{
	struct dentry *dentry __free(dput) =
		user_path_at(AT_FDCWD, path, LOOKUP_FOLLOW);
	long error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (S_ISDIR(dentry->d_inode->i_mode))
		return -EISDIR;
	error = inode_permission(dentry->d_inode, MAY_WRITE);
	return error ? error : do_truncate(dentry->d_inode, length);
}

static long truncate_fd(unsigned int fd, loff_t length)
{
	struct file *file __free(fput) = fget(fd);

	if (!file)
		return -EBADF;
	return file->f_mode & FMODE_WRITE ? do_truncate(file->f_inode, length) : -EINVAL;
}

SYSCALL_DEFINE2(truncate, const char __user *, path, long, length)
{
	return truncate_path(path, length);
}

SYSCALL_DEFINE2(ftruncate, unsigned int, fd, long, length)
{
	return truncate_fd(fd, length);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE3(ia32_truncate64, const char __user *, path,
		unsigned long, low, unsigned long, high)
{
	return truncate_path(path, (loff_t)((u64)high << 32 | low));
}

SYSCALL_DEFINE3(ia32_ftruncate64, unsigned int, fd,
		unsigned long, low, unsigned long, high)
{
	return truncate_fd(fd, (loff_t)((u64)high << 32 | low));
}
#endif
