// SPDX-License-Identifier: MIT
/* From paths to dentries: the walk, with "..", symbolic links and mounts. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

char *getname_flags(const char __user *filename, bool empty_ok)
{
	char *name = kmalloc(PATH_MAX, GFP_KERNEL);
	long len;

	if (!name)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(name, filename, PATH_MAX);
	if (len < 0 || len >= PATH_MAX || (!len && !empty_ok)) {
		kfree(name);
		if (len < 0)
			return ERR_PTR(len);
		return ERR_PTR(len ? -ENAMETOOLONG : -ENOENT);
	}
	return name;
}

char *getname(const char __user *filename)
{
	return getname_flags(filename, false);
}

void putname(char *name)
{
	kfree(name);
}

/* Takes dentry's reference; gives one to what is mounted on it, if anything. */
struct dentry *follow_mount(struct dentry *dentry)
{
	while (dentry->d_mounted) {
		struct dentry *root = dget(dentry->d_mounted);

		dput(dentry);
		dentry = root;
	}
	return dentry;
}

static struct dentry *follow_dotdot(struct dentry *dentry)
{
	struct dentry *parent;

	while (dentry != current->fs->root) {
		if (dentry->d_parent != dentry) {
			parent = dget(dentry->d_parent);
			dput(dentry);
			return follow_mount(parent);
		}
		if (!dentry->d_mountpoint)
			break;
		parent = dget(dentry->d_mountpoint);
		dput(dentry);
		dentry = parent;
	}
	return dentry;
}

/* The entry of that name, negative when there is none; dir stays referenced. */
struct dentry *lookup_one(struct dentry *dir, const char *name, unsigned int len)
{
	struct dentry *dentry = d_lookup(dir, name, len), *error;

	if (dentry)
		return dentry;
	dentry = d_alloc(dir, name, len);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	if (dir->d_inode->i_op && dir->d_inode->i_op->lookup) {
		error = dir->d_inode->i_op->lookup(dir->d_inode, dentry);
		if (IS_ERR(error)) {
			dput(dentry);
			return error;
		}
	}
	return dentry;
}

int vfs_readlink(struct dentry *dentry, char *buf, int size)
{
	struct inode *inode = dentry->d_inode;

	if (!S_ISLNK(inode->i_mode) || !inode->i_op->readlink)
		return -EINVAL;
	return inode->i_op->readlink(dentry, buf, size);
}

/* One walk: where it is, what is left, and the memory that rest lies in. */
struct nameidata {
	struct dentry *dentry;		/* referenced */
	const char *rest;
	char *buf;			/* NULL while rest is in the caller's path */
	unsigned int links;
};

static void nd_set(struct nameidata *nd, struct dentry *dentry)
{
	dput(nd->dentry);
	nd->dentry = dentry;
}

/* Replaces the link just met by what it says, followed by the rest. */
static int follow_link(struct nameidata *nd, struct dentry *link)
{
	char *buf;
	int len, rest_len;

	if (++nd->links > MAXSYMLINKS)
		return -ELOOP;
	if (link->d_inode->i_op->get_object) {
		struct dentry *object = link->d_inode->i_op->get_object(link);

		if (IS_ERR(object))
			return PTR_ERR(object);
		if (object) {
			nd_set(nd, object);
			return 0;
		}
	}
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	len = vfs_readlink(link, buf, PATH_MAX - 1);
	rest_len = strlen(nd->rest);
	if (len <= 0 || len + rest_len + 2 > PATH_MAX) {
		kfree(buf);
		if (len < 0)
			return len;
		return len ? -ENAMETOOLONG : -ENOENT;
	}
	/* A rest, even an empty one after a slash, makes the link a directory. */
	if (rest_len) {
		buf[len++] = '/';
		memcpy(buf + len, nd->rest, rest_len);
	}
	buf[len + rest_len] = '\0';
	kfree(nd->buf);
	nd->buf = buf;
	nd->rest = buf;
	if (buf[0] == '/')
		nd_set(nd, follow_mount(dget(current->fs->root)));
	return 0;
}

/* Goes one component down from nd->dentry. */
static int walk_component(struct nameidata *nd, const char *name,
			  unsigned int len, bool follow)
{
	struct dentry *next;
	int error = 0;

	if (len == 1 && name[0] == '.')
		return 0;
	if (len == 2 && name[0] == '.' && name[1] == '.') {
		nd->dentry = follow_dotdot(nd->dentry);
		return 0;
	}
	next = lookup_one(nd->dentry, name, len);
	if (IS_ERR(next))
		return PTR_ERR(next);
	if (!next->d_inode) {
		dput(next);
		return -ENOENT;
	}
	next = follow_mount(next);
	if (follow && S_ISLNK(next->d_inode->i_mode)) {
		error = follow_link(nd, next);
		dput(next);
		return error;
	}
	nd_set(nd, next);
	return 0;
}

static void set_last(struct qstr *last, const char *name, unsigned int len,
		    bool trailing)
{
	memcpy(last->name, name, len);
	last->name[len] = '\0';
	last->len = len;
	last->trailing_slash = trailing;
	last->dots = !len || !strcmp(last->name, ".") || !strcmp(last->name, "..");
}

static int link_path_walk(struct nameidata *nd, unsigned int flags,
			  struct qstr *last)
{
	int error;

	for (;;) {
		char name[NAME_MAX + 1];
		const char *p = nd->rest;
		unsigned int len;
		bool trailing, final;

		while (*p == '/')
			p++;
		if (!*p) {
			if (flags & LOOKUP_PARENT)
				set_last(last, p, 0, true);
			break;
		}
		if (!S_ISDIR(nd->dentry->d_inode->i_mode))
			return -ENOTDIR;
		error = inode_permission(nd->dentry->d_inode, MAY_EXEC);
		if (error)
			return error;
		for (len = 0; p[len] && p[len] != '/'; len++)
			;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(name, p, len);
		nd->rest = p + len;
		trailing = *nd->rest == '/';
		for (p = nd->rest; *p == '/'; p++)
			;
		final = !*p;
		if (final && (flags & LOOKUP_PARENT)) {
			set_last(last, name, len, trailing);
			break;
		}
		error = walk_component(nd, name, len,
				       !final || trailing ||
				       (flags & LOOKUP_FOLLOW));
		if (error)
			return error;
		/* If that was a link, nd->rest has its words now. */
		if (final && trailing)
			flags |= LOOKUP_DIRECTORY;
	}
	if ((flags & LOOKUP_DIRECTORY) && !S_ISDIR(nd->dentry->d_inode->i_mode))
		return -ENOTDIR;
	return 0;
}

/* Walks path from base. With LOOKUP_PARENT stops before *last. */
struct dentry *path_lookup_from(struct dentry *base, const char *path,
				unsigned int flags, struct qstr *last)
{
	struct nameidata nd = { .rest = path };
	int error;

	if (!*path && !(flags & LOOKUP_EMPTY))
		return ERR_PTR(-ENOENT);
	if (*path == '/')
		base = current->fs->root;
	nd.dentry = follow_mount(dget(base));
	error = link_path_walk(&nd, flags, last);
	/* The last component is looked up in a directory, or not at all. */
	if (!error && (flags & LOOKUP_PARENT) &&
	    !S_ISDIR(nd.dentry->d_inode->i_mode))
		error = -ENOTDIR;
	kfree(nd.buf);
	if (!error)
		return nd.dentry;
	dput(nd.dentry);
	return ERR_PTR(error);
}

struct dentry *fd_dentry(unsigned int fd)
{
	struct file *file __free(fput) = fget(fd);

	return file ? dget(file->f_dentry) : ERR_PTR(-EBADF);
}

/* Where a relative path of an *at() call starts. */
static struct dentry *dfd_base(int dfd, const char *path)
{
	if (*path == '/')
		return dget(current->fs->root);
	return dfd == AT_FDCWD ? dget(current->fs->pwd) : fd_dentry(dfd);
}

static struct dentry *lookup_at(int dfd, const char *path, unsigned int flags,
				struct qstr *last)
{
	struct dentry *base __free(dput) = dfd_base(dfd, path);

	return IS_ERR(base) ? no_free_ptr(base) :
			      path_lookup_from(base, path, flags, last);
}

struct dentry *path_lookupat(int dfd, const char *path, unsigned int flags)
{
	return lookup_at(dfd, path, flags, NULL);
}

static struct dentry *path_parentat(int dfd, const char *path, struct qstr *last)
{
	return lookup_at(dfd, path, LOOKUP_PARENT, last);
}

struct dentry *user_path_at(int dfd, const char __user *path, unsigned int flags)
{
	char *name __free(putname) = getname_flags(path, flags & LOOKUP_EMPTY);

	return IS_ERR(name) ? (void *)name : path_lookupat(dfd, name, flags);
}

struct dentry *user_path_parent(int dfd, const char __user *path, struct qstr *last)
{
	char *name __free(putname) = getname(path);

	return IS_ERR(name) ? (void *)name : path_parentat(dfd, name, last);
}

/* A negative dentry to be filled by mkdir and the like, or -EEXIST. */
struct dentry *path_create(int dfd, const char *path, bool is_dir)
{
	struct dentry *parent __free(dput) = NULL, *dentry __free(dput) = NULL;
	struct qstr last;
	int error;

	parent = path_parentat(dfd, path, &last);
	if (IS_ERR(parent))
		return no_free_ptr(parent);
	if (last.dots)
		return ERR_PTR(-EEXIST);
	dentry = lookup_one(parent, last.name, last.len);
	if (IS_ERR(dentry))
		return no_free_ptr(dentry);
	if (dentry->d_inode)
		return ERR_PTR(-EEXIST);
	if (last.trailing_slash && !is_dir)
		return ERR_PTR(-ENOENT);
	error = inode_permission(parent->d_inode, MAY_WRITE | MAY_EXEC);
	return error ? ERR_PTR(error) : no_free_ptr(dentry);
}

struct dentry *user_path_create(int dfd, const char __user *path, bool is_dir)
{
	char *name __free(putname) = getname(path);

	return IS_ERR(name) ? (void *)name : path_create(dfd, name, is_dir);
}
