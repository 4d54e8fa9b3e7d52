// SPDX-License-Identifier: MIT
/* A task's place in the file system: root, current directory, umask. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

/* root and pwd are set once the root file system is there. */
struct fs_struct init_fs = {
	.users = 1,
	.umask = 0022,
};

struct fs_struct *copy_fs_struct(struct fs_struct *old)
{
	struct fs_struct *fs = kmalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	fs->users = 1;
	fs->umask = old->umask;
	fs->root = dget(old->root);
	fs->pwd = dget(old->pwd);
	return fs;
}

void exit_fs(struct task_struct *tsk)
{
	struct fs_struct *fs = tsk->fs;

	tsk->fs = NULL;
	if (!fs || --fs->users)
		return;
	dput(fs->root);
	dput(fs->pwd);
	if (fs != &init_fs)
		kfree(fs);
}

SYSCALL_DEFINE1(umask, int, mask)
{
	int old = current->fs->umask;

	current->fs->umask = mask & S_IRWXUGO;
	return old;
}

/* Takes over what a lookup gave; the old directory goes with it. */
static int set_fs_dir(struct dentry **where, struct dentry *found)
{
	struct dentry *dentry __free(dput) = found;
	int error;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (!S_ISDIR(dentry->d_inode->i_mode))
		return -ENOTDIR;
	if (where == &current->fs->root && current->euid)
		return -EPERM;
	error = inode_permission(dentry->d_inode, MAY_EXEC);
	if (!error)
		swap(*where, dentry);
	return error;
}

SYSCALL_DEFINE1(chdir, const char __user *, filename)
{
	return set_fs_dir(&current->fs->pwd,
			  user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW));
}

SYSCALL_DEFINE1(fchdir, unsigned int, fd)
{
	return set_fs_dir(&current->fs->pwd, fd_dentry(fd));
}

SYSCALL_DEFINE1(chroot, const char __user *, filename)
{
	return set_fs_dir(&current->fs->root,
			  user_path_at(AT_FDCWD, filename, LOOKUP_FOLLOW));
}

SYSCALL_DEFINE2(getcwd, char __user *, buf, unsigned long, size)
{
	struct dentry *pwd = current->fs->pwd;
	char *page __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	unsigned long len;
	char *path;

	if (pwd->d_flags & DCACHE_UNHASHED)
		return -ENOENT;
	if (!page)
		return -ENOMEM;
	path = d_path(pwd, page, PATH_MAX);
	if (IS_ERR(path))
		return PTR_ERR(path);
	len = page + PATH_MAX - path;
	if (len > size)
		return -ERANGE;
	return copy_to_user(buf, path, len) ? -EFAULT : (long)len;
}
