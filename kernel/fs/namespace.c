// SPDX-License-Identifier: MIT
/*
 * What is mounted where, for all tasks alike. The root is a tmpfs; /dev,
 * /dev/shm and /proc are mounted on it at boot, so that programs need not.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include "internal.h"
#include "proc.h"

#define MAX_MOUNTS	32

static struct super_block *mounts[MAX_MOUNTS];
static unsigned int nr_mounts;

static struct super_block *new_mount(const char *type)
{
	struct super_block *sb;

	if (!strcmp(type, "proc"))
		return proc_mount();
	if (!strcmp(type, "devtmpfs")) {
		sb = tmpfs_mount("devtmpfs", 0755);
		if (sb)
			devtmpfs_populate(sb->s_root);
		return sb;
	}
	if (!strcmp(type, "tmpfs") || !strcmp(type, "ramfs"))
		return tmpfs_mount("tmpfs", S_IRWXUGO | S_ISVTX);
	return ERR_PTR(-ENODEV);
}

/* Covers mountpoint, whose reference is taken over on success. */
static int mount_at(const char *type, struct dentry *mountpoint)
{
	struct super_block *sb = new_mount(type);

	if (IS_ERR(sb))
		return PTR_ERR(sb);
	if (!sb || nr_mounts == MAX_MOUNTS)
		return -ENOMEM;
	sb->s_root->d_mountpoint = mountpoint;
	mountpoint->d_mounted = sb->s_root;
	mounts[nr_mounts++] = sb;
	return 0;
}

/* Boot: makes the directory if it is missing, and mounts on it. */
static void __mount_boot(const char *path, const char *type)
{
	struct dentry *dentry = path_create(AT_FDCWD, path, true);

	if (!IS_ERR(dentry)) {
		vfs_mkdir(dentry, 0755);
		dput(dentry);
	}
	dentry = path_lookupat(AT_FDCWD, path, LOOKUP_DIRECTORY);
	if (IS_ERR(dentry) || mount_at(type, dentry))
		panic("cannot mount %s on %s", type, path);
}

void vfs_caches_init(void)
{
	struct super_block *root_sb;

	dcache_init();
	inode_init();
	files_init();
	chrdev_init();
	root_sb = tmpfs_mount("rootfs", 0755);
	if (!root_sb)
		panic("cannot make the root file system");
	mounts[nr_mounts++] = root_sb;
	current->fs->root = dget(root_sb->s_root);
	current->fs->pwd = dget(root_sb->s_root);
	__mount_boot("/dev", "devtmpfs");
	__mount_boot("/dev/shm", "tmpfs");
	__mount_boot("/proc", "proc");
}

/* The lines of /proc/mounts. */
void proc_show_mounts(struct proc_buf *b, struct task_struct *task)
{
	char *page __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	unsigned int i;

	if (!page)
		b->error = -ENOMEM;
	for (i = 0; page && i < nr_mounts; i++) {
		const char *type = mounts[i]->s_type;
		char *path = d_path(mounts[i]->s_root, page, PATH_MAX);

		if (!IS_ERR(path))
			proc_printf(b, "%s %s %s rw 0 0\n", type, path, type);
	}
}

#define MS_REMOUNT	32
#define MS_BIND		4096
#define MS_MOVE		8192

SYSCALL_DEFINE5(mount, char __user *, dev_name, char __user *, dir_name,
		char __user *, type, unsigned long, flags, void __user *, data)
{
	struct dentry *dentry __free(dput) = NULL;
	char fstype[32];
	long len;
	int error;

	if (current->euid)
		return -EPERM;
	if (flags & (MS_BIND | MS_MOVE))
		return -EINVAL;
	dentry = user_path_at(AT_FDCWD, dir_name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (flags & MS_REMOUNT) {
		dentry->d_inode->i_sb->s_flags = flags & MS_NOEXEC;
		return 0;
	}
	if (!type)
		return -EINVAL;
	len = strncpy_from_user(fstype, type, sizeof(fstype));
	if (len < 0 || len == (long)sizeof(fstype))
		return len < 0 ? len : -ENODEV;
	/* What boot has mounted there already need not be stacked. */
	if (dentry->d_mountpoint && !strcmp(dentry->d_inode->i_sb->s_type, fstype))
		return 0;
	error = mount_at(fstype, dentry);
	if (error)
		return error;
	dentry->d_mounted->d_inode->i_sb->s_flags = flags & MS_NOEXEC;
	no_free_ptr(dentry);
	return 0;
}

/* Is a dentry held beyond what its own entry and those in it account for? */
static bool dentry_busy(struct dentry *dentry)
{
	int held = 1;
	struct dentry *child;

	list_for_each_entry(child, &dentry->d_subdirs, d_child)
		held++;
	return atomic_read(&dentry->d_count) > held;
}

/* In the root or its entries: what is held deeper down outlives the mount. */
static bool mount_busy(struct dentry *root)
{
	struct dentry *child;

	list_for_each_entry(child, &root->d_subdirs, d_child)
		if (dentry_busy(child))
			return true;
	return dentry_busy(root);
}

/* Names and pages of an unmounted tmpfs stay: nothing says who still walks them. */
SYSCALL_DEFINE2(umount, char __user *, name, int, flags)
{
	struct dentry *dentry = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW);
	struct dentry *mountpoint;
	unsigned int i;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	mountpoint = dentry->d_mountpoint;
	dput(dentry);
	if (current->euid)
		return -EPERM;
	if (!mountpoint)
		return -EINVAL;
	if (!(flags & 2) && mount_busy(dentry))
		return -EBUSY;
	for (i = 0; i < nr_mounts; i++)
		if (mounts[i]->s_root == dentry)
			break;
	for (nr_mounts--; i < nr_mounts; i++)
		mounts[i] = mounts[i + 1];
	mountpoint->d_mounted = NULL;
	dentry->d_mountpoint = NULL;
	dput(mountpoint);
	return 0;
}

#ifdef __i386__
SYSCALL_DEFINE1(oldumount, char __user *, name)
{
	return sys_umount(name, 0);
}
#endif
