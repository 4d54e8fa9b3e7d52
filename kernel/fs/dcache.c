// SPDX-License-Identifier: MIT
/*
 * Names. A directory's children hang on its d_subdirs in the order they were
 * made. A dentry holds its parent and its inode; a negative one (no inode) is
 * on no list and lives only as long as the call that looked for it.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "internal.h"

static struct kmem_cache *dentry_cachep;

/* Never repeats, so that a readdir position stays good as entries come and go. */
static loff_t next_d_pos = 2;

/* Finds a name in a large directory without walking all of it. */
#define DENTRY_HASH_SIZE	1024

static struct hlist_head dentry_hashtable[DENTRY_HASH_SIZE];

static struct hlist_head *d_bucket(const struct dentry *parent,
				   const char *name, unsigned int len)
{
	u32 hash = (u32)((unsigned long)parent >> 5);

	while (len--)
		hash = (hash ^ (unsigned char)*name++) * 16777619u;	/* FNV-1a */
	hash ^= hash >> 15;
	return &dentry_hashtable[hash % DENTRY_HASH_SIZE];
}

static void d_rehash(struct dentry *dentry)
{
	hlist_del_init(&dentry->d_hash);
	hlist_add_head(&dentry->d_hash, d_bucket(dentry->d_parent,
						 dentry->d_name, dentry->d_len));
}

/* The live entry of that name, counted, or NULL. */
struct dentry *d_lookup(struct dentry *parent, const char *name,
			unsigned int len)
{
	struct dentry *dentry;

	hlist_for_each_entry(dentry, d_bucket(parent, name, len), d_hash)
		if (dentry->d_parent == parent && dentry->d_len == len &&
		    !memcmp(dentry->d_name, name, len))
			return dget(dentry);
	return NULL;
}

void dcache_init(void)
{
	dentry_cachep = kmem_cache_create("dentry", sizeof(struct dentry));
}

/* A negative dentry for name in parent; parent NULL makes a root. */
struct dentry *d_alloc(struct dentry *parent, const char *name, unsigned int len)
{
	struct dentry *dentry = kmem_cache_zalloc(dentry_cachep, GFP_KERNEL);

	if (!dentry)
		return NULL;
	dentry->d_name = kstrndup(name, len, GFP_KERNEL);
	if (!dentry->d_name) {
		kmem_cache_free(dentry_cachep, dentry);
		return NULL;
	}
	dentry->d_len = len;
	atomic_set(&dentry->d_count, 1);
	INIT_LIST_HEAD(&dentry->d_subdirs);
	INIT_LIST_HEAD(&dentry->d_child);
	dentry->d_parent = parent ? dget(parent) : dentry;
	return dentry;
}

struct dentry *d_make_root(struct inode *inode)
{
	struct dentry *root = d_alloc(NULL, "/", 1);

	if (root)
		root->d_inode = inode;
	return root;
}

/* A name for what has no place in a tree; takes over inode's reference. */
struct dentry *d_alloc_pseudo(struct inode *inode, const char *name)
{
	struct dentry *dentry = d_alloc(NULL, name, strlen(name));

	if (!dentry) {
		iput(inode);
		return NULL;
	}
	dentry->d_flags |= DCACHE_PSEUDO;
	dentry->d_inode = inode;
	return dentry;
}

/* Gives dentry its inode, taking over the caller's reference; it is found now. */
void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	dentry->d_inode = inode;
	if (dentry->d_parent != dentry && list_empty(&dentry->d_child)) {
		dentry->d_pos = next_d_pos++;
		list_add_tail(&dentry->d_child, &dentry->d_parent->d_subdirs);
		d_rehash(dentry);
	}
}

/* No lookup finds it from now on; holders keep it, and its parent. */
void d_drop(struct dentry *dentry)
{
	dentry->d_flags |= DCACHE_UNHASHED;
	hlist_del_init(&dentry->d_hash);
	if (!list_empty(&dentry->d_child))
		list_del_init(&dentry->d_child);
}

/*
 * rename: a new name, whose memory dentry owns from now on, in a new place.
 * The inode and all holders come along.
 */
void d_move(struct dentry *dentry, struct dentry *new_parent, char *name,
	    unsigned int len)
{
	struct dentry *old_parent = dentry->d_parent;

	kfree(dentry->d_name);
	dentry->d_name = name;
	dentry->d_len = len;
	list_del(&dentry->d_child);
	dentry->d_pos = next_d_pos++;
	dentry->d_parent = dget(new_parent);
	list_add_tail(&dentry->d_child, &new_parent->d_subdirs);
	d_rehash(dentry);
	dput(old_parent);
}

struct dentry *dget(struct dentry *dentry)
{
	atomic_inc(&dentry->d_count);
	return dentry;
}

void dput(struct dentry *dentry)
{
	while (dentry && atomic_dec_and_test(&dentry->d_count)) {
		struct dentry *parent = dentry->d_parent;

		d_drop(dentry);
		if (dentry->d_inode)
			iput(dentry->d_inode);
		kfree(dentry->d_name);
		kmem_cache_free(dentry_cachep, dentry);
		if (parent == dentry)
			break;
		dentry = parent;
	}
}

/* Is dentry ancestor itself or somewhere below it? Mounts are crossed. */
bool is_subdir(struct dentry *dentry, struct dentry *ancestor)
{
	for (;;) {
		if (dentry == ancestor)
			return true;
		if (dentry->d_mountpoint)
			dentry = dentry->d_mountpoint;
		else if (dentry->d_parent == dentry)
			return false;
		else
			dentry = dentry->d_parent;
	}
}

static char *prepend(char *p, char *buf, const char *s, int len)
{
	if (!p || p - buf < len)
		return NULL;
	return memcpy(p - len, s, len);
}

char *d_path(struct dentry *dentry, char *buf, int size)
{
	static const char deleted[] = " (deleted)";
	struct dentry *root = current->fs ? current->fs->root : NULL;
	char *p = buf + size;

	p = prepend(p, buf, "", 1);
	if (dentry->d_flags & DCACHE_PSEUDO) {
		p = prepend(p, buf, dentry->d_name, dentry->d_len);
		return p ? p : ERR_PTR(-ENAMETOOLONG);
	}
	if (dentry->d_flags & DCACHE_UNHASHED)
		p = prepend(p, buf, deleted, sizeof(deleted) - 1);
	if (dentry == root || (dentry->d_parent == dentry &&
			       !(dentry->d_flags & DCACHE_UNHASHED) &&
			       !dentry->d_mountpoint)) {
		p = prepend(p, buf, "/", 1);
		return p ? p : ERR_PTR(-ENAMETOOLONG);
	}
	while (p && dentry != root) {
		if (dentry->d_mountpoint) {
			dentry = dentry->d_mountpoint;
			continue;
		}
		if (dentry->d_parent == dentry &&
		    !(dentry->d_flags & DCACHE_UNHASHED))
			break;
		p = prepend(p, buf, dentry->d_name, dentry->d_len);
		p = prepend(p, buf, "/", 1);
		if (dentry->d_parent == dentry)
			break;
		dentry = dentry->d_parent;
	}
	return p ? p : ERR_PTR(-ENAMETOOLONG);
}
