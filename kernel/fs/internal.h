/* SPDX-License-Identifier: MIT */
/* What fs/'s files share with each other only. */
#ifndef _FS_INTERNAL_H
#define _FS_INTERNAL_H

#include <linux/fs.h>

void dcache_init(void);
void inode_init(void);
void files_init(void);
void chrdev_init(void);
void devtmpfs_populate(struct dentry *dev);

extern const struct file_operations urandom_fops;

/* tmpfs.c and tmpfs_dir.c */
extern const struct inode_operations tmpfs_dir_iops;
struct inode *tmpfs_get_inode(struct super_block *sb, umode_t mode, dev_t dev);
void tmpfs_evict(struct inode *inode);
/* Kernel memory into a tmpfs file; bytes written or -errno. */
ssize_t tmpfs_kwrite(struct inode *inode, const void *buf, size_t n, loff_t pos);
/* The whole pages of a new file's contents, if they begin at a page's edge in
 * reserved memory, become the file's own; returns how many bytes they are. */
size_t tmpfs_adopt(struct inode *inode, const void *data, size_t n);

#endif
