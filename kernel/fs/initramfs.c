// SPDX-License-Identifier: MIT
/*
 * Unpacking the initramfs: cpio archives in "newc" format, one after another
 * with any number of zero bytes between them, into the root file system. A
 * later entry replaces an earlier one of its name, as on Linux.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "internal.h"

#define CPIO_HEADER_LEN	110

/* The 13 hexadecimal fields after the magic, in file order. */
enum { C_INO, C_MODE, C_UID, C_GID, C_NLINK, C_MTIME, C_FILESIZE, C_MAJ, C_MIN,
       C_RMAJ, C_RMIN, C_NAMESIZE, C_CHKSUM, C_FIELDS };

struct cpio_entry {
	unsigned long field[C_FIELDS];
	const char *name;
	const char *data;
};

/* Files with several links carry their data only once: who was seen first. */
struct hard_link {
	struct hard_link *next;
	unsigned long ino, major, minor;
	struct dentry *dentry;
};

static struct hard_link *hard_links;

static int parse_hex(const char *s, unsigned long *valp)
{
	unsigned long v = 0;
	int i;

	for (i = 0; i < 8; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (unsigned long)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (unsigned long)((c | 32) - 'a' + 10);
		else
			return -EINVAL;
	}
	*valp = v;
	return 0;
}

/* Length of the entry at p including padding, or -EINVAL. */
static long parse_entry(const char *p, unsigned long len, struct cpio_entry *e)
{
	unsigned long name_end, data_end;
	int i;

	if (len < CPIO_HEADER_LEN || (memcmp(p, "070701", 6) && memcmp(p, "070702", 6)))
		return -EINVAL;
	for (i = 0; i < C_FIELDS; i++)
		if (parse_hex(p + 6 + 8 * i, &e->field[i]))
			return -EINVAL;
	if (!e->field[C_NAMESIZE] || e->field[C_NAMESIZE] > PATH_MAX)
		return -EINVAL;
	name_end = ALIGN(CPIO_HEADER_LEN + e->field[C_NAMESIZE], 4UL);
	if (name_end > len || e->field[C_FILESIZE] > len - name_end)
		return -EINVAL;
	data_end = name_end + e->field[C_FILESIZE];
	e->name = p + CPIO_HEADER_LEN;
	if (e->name[e->field[C_NAMESIZE] - 1])
		return -EINVAL;
	e->data = p + name_end;
	data_end = ALIGN(data_end, 4UL);
	return data_end > len ? len : data_end;
}

/* Makes way for a new entry: only a directory in place of one may stay. */
static struct dentry *clean_path(const char *name, bool is_dir)
{
	struct dentry *dentry = path_create(AT_FDCWD, name, is_dir);
	struct dentry *old __free(dput) = NULL;

	if (PTR_ERR(dentry) != -EEXIST)
		return dentry;
	old = path_lookupat(AT_FDCWD, name, 0);
	if (IS_ERR(old))
		return no_free_ptr(old);
	if (S_ISDIR(old->d_inode->i_mode))
		return is_dir ? no_free_ptr(old) : ERR_PTR(-EISDIR);
	vfs_unlink(old);
	return path_create(AT_FDCWD, name, is_dir);
}

/* Another name of an inode already there? Then links it and returns it. */
static struct dentry *find_hard_link(const struct cpio_entry *e)
{
	struct hard_link *link;

	for (link = hard_links; link; link = link->next)
		if (link->ino == e->field[C_INO] &&
		    link->major == e->field[C_MAJ] &&
		    link->minor == e->field[C_MIN])
			return link->dentry;
	return NULL;
}

static void remember_hard_link(const struct cpio_entry *e, struct dentry *dentry)
{
	struct hard_link *link = kmalloc(sizeof(*link), GFP_KERNEL);

	if (!link)
		return;
	link->ino = e->field[C_INO];
	link->major = e->field[C_MAJ];
	link->minor = e->field[C_MIN];
	link->dentry = dget(dentry);
	link->next = hard_links;
	hard_links = link;
}

static void forget_hard_links(void)
{
	while (hard_links) {
		struct hard_link *link = hard_links;

		hard_links = link->next;
		dput(link->dentry);
		kfree(link);
	}
}

static int do_regular(const struct cpio_entry *e, struct dentry *dentry,
		      umode_t mode)
{
	struct dentry *first = e->field[C_NLINK] > 1 ? find_hard_link(e) : NULL;
	struct inode *dir = dentry->d_parent->d_inode;
	size_t adopted, left;
	ssize_t written;
	int error;

	if (first) {
		error = dir->i_op->link(first, dir, dentry);
	} else {
		error = vfs_create(dentry, mode);
		if (!error && e->field[C_NLINK] > 1)
			remember_hard_link(e, dentry);
	}
	if (error)
		return error;
	adopted = tmpfs_adopt(dentry->d_inode, e->data, e->field[C_FILESIZE]);
	left = e->field[C_FILESIZE] - adopted;
	if (!left)
		return 0;
	written = tmpfs_kwrite(dentry->d_inode, e->data + adopted, left, adopted);
	if (written < 0)
		return written;
	return (size_t)written == left ? 0 : -ENOSPC;
}

static int do_entry(const struct cpio_entry *e)
{
	umode_t mode = e->field[C_MODE];
	const char *name = e->name;
	struct dentry *dentry;
	struct inode *inode;
	char *target;
	int error = 0;

	while (*name == '/')
		name++;
	if (!*name || !strcmp(name, "."))
		return 0;
	dentry = clean_path(name, S_ISDIR(mode));
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	switch (mode & S_IFMT) {
	case S_IFREG:
		error = do_regular(e, dentry, mode);
		break;
	case S_IFDIR:
		if (!dentry->d_inode)
			error = vfs_mkdir(dentry, mode);
		break;
	case S_IFLNK:
		target = kstrndup(e->data, e->field[C_FILESIZE], GFP_KERNEL);
		error = target ? vfs_symlink(dentry, target) : -ENOMEM;
		kfree(target);
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		error = vfs_mknod(dentry, mode,
				  MKDEV(e->field[C_RMAJ], e->field[C_RMIN]));
		break;
	default:
		error = -EINVAL;
		break;
	}
	inode = dentry->d_inode;
	if (!error && inode) {
		if (!S_ISLNK(mode))
			inode->i_mode = (inode->i_mode & S_IFMT) | (mode & S_IALLUGO);
		inode->i_uid = e->field[C_UID];
		inode->i_gid = e->field[C_GID];
		inode->i_mtime.tv_sec = e->field[C_MTIME];
		inode->i_mtime.tv_nsec = 0;
	}
	dput(dentry);
	return error;
}

/* What is good is unpacked; the first bad entry ends it, with a line. */
static void unpack_to_rootfs(const void *start, unsigned long len)
{
	const char *p = start;
	unsigned long left = len;
	int error;

	while (left) {
		struct cpio_entry e;
		long size;

		if (!*p) {		/* padding between archives */
			p++;
			left--;
			continue;
		}
		size = parse_entry(p, left, &e);
		if (size < 0) {
			printk("initramfs: not a cpio entry at byte %lu\n",
			       len - left);
			break;
		}
		if (!strcmp(e.name, "TRAILER!!!")) {
			forget_hard_links();
		} else {
			error = do_entry(&e);
			if (error) {
				printk("initramfs: %s: error %d\n", e.name, -error);
				break;
			}
		}
		p += size;
		left -= size;
	}
	forget_hard_links();
}

void populate_rootfs(void)
{
	void *start;

	if (initrd_end <= initrd_start)
		return;
	start = __va(initrd_start);
	unpack_to_rootfs(start, initrd_end - initrd_start);
	free_reserved_area((unsigned long)start,
			   (unsigned long)__va(initrd_end));
}
