/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/types.h>
#include <linux/cleanup.h>
#include <linux/kernel.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/wait.h>
#include <linux/time.h>
#include <linux/poll.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/gfp.h>

#define PATH_MAX	4096
#define NAME_MAX	255
#define MAXSYMLINKS	40
#define NR_OPEN_MAX	65536		/* descriptors per process, at the most */
#define MAX_RW_COUNT	(0x7fffffffL & ~4095L)
#define UIO_MAXIOV	1024

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#define SEEK_DATA	3
#define SEEK_HOLE	4

#define MS_NOEXEC	8

#define MAY_EXEC	1
#define MAY_WRITE	2
#define MAY_READ	4

#define MAJOR(dev)	((unsigned int)(dev) >> 8)
#define MINOR(dev)	((unsigned int)(dev) & 0xff)
#define MKDEV(ma, mi)	(((ma) << 8) | (mi))

#define DT_DIR		4

struct inode;
struct dentry;
struct epitem;
struct file;
struct file_lock;
struct files_struct;
struct page;
struct pipe_inode_info;
struct pt_regs;
struct super_block;
struct task_struct;
struct vm_area_struct;

struct pollfd {
	int fd;
	short events;
	short revents;
};

/* --- readdir --- */

struct dir_context {
	loff_t pos;
	/* false when the caller's buffer is full: stop, do not advance pos */
	bool (*actor)(struct dir_context *ctx, const char *name, int namelen,
		      loff_t pos, u64 ino, unsigned int type);
};

struct file_operations {
	loff_t (*llseek)(struct file *file, loff_t off, int whence);
	ssize_t (*read)(struct file *file, char __user *buf, size_t n, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos);
	int (*iterate)(struct file *file, struct dir_context *ctx);
	unsigned int (*poll)(struct file *file, poll_table *pt);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd,
			       unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	/* Kernel buffer variant, for exec and the like. */
	ssize_t (*kread)(struct file *file, void *buf, size_t n, loff_t pos);
};

struct inode_operations {
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry);
	int (*create)(struct inode *dir, struct dentry *dentry, umode_t mode);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *dentry);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry, const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, umode_t mode,
		     dev_t dev);
	int (*rename)(struct inode *old_dir, struct dentry *old,
		      struct inode *new_dir, struct dentry *new);
	int (*truncate)(struct inode *inode, loff_t size);
	/* Returns the length put in buf (not terminated), at most size, or -errno. */
	int (*readlink)(struct dentry *dentry, char *buf, int size);
	/* A link that names an object, not a path (/proc/PID/fd/N). */
	struct dentry *(*get_object)(struct dentry *dentry);
	void (*evict)(struct inode *inode);
};

struct super_block {
	dev_t s_dev;
	const char *s_type;		/* "tmpfs", "proc", ... */
	unsigned long s_magic;
	unsigned long s_flags;		/* MS_NOEXEC */
	struct dentry *s_root;
	u64 s_next_ino;
};

struct inode {
	atomic_t i_count;
	umode_t i_mode;
	unsigned int i_nlink;
	uid_t i_uid;
	gid_t i_gid;
	u64 i_ino;
	dev_t i_rdev;
	loff_t i_size;
	struct timespec64 i_atime, i_mtime, i_ctime;
	struct super_block *i_sb;
	const struct inode_operations *i_op;
	const struct file_operations *i_fop;
	struct pipe_inode_info *i_pipe;	/* FIFOs */
	struct file_lock *i_flock;	/* locks held on it: see locks.c */
	struct page **i_pages;		/* tmpfs: page cache, NULL = hole */
	unsigned long i_nr_pages;	/* slots in i_pages */
	unsigned long i_blocks_used;	/* pages present */
	void *i_private;		/* symlink target, or the fs's own */
};

/*
 * A name in a directory. tmpfs keeps a reference to every live entry, so the
 * tree of dentries is the file system; procfs's go when nobody holds them.
 */
struct dentry {
	atomic_t d_count;
	unsigned int d_flags;		/* DCACHE_* */
	struct inode *d_inode;		/* NULL: negative */
	struct dentry *d_parent;	/* itself for a root */
	struct hlist_node d_hash;	/* by parent and name */
	struct list_head d_child;	/* in the parent's d_subdirs */
	struct list_head d_subdirs;
	loff_t d_pos;			/* stable readdir position */
	struct dentry *d_mounted;	/* root of what is mounted here */
	struct dentry *d_mountpoint;	/* of a mounted root: what it covers */
	unsigned int d_len;
	char *d_name;
};

#define DCACHE_UNHASHED	1		/* unlinked: no lookup finds it */
#define DCACHE_PSEUDO	2		/* d_name is all of its path: "pipe:[7]" */

struct file {
	atomic_t f_count;
	unsigned int f_flags;		/* O_* */
	unsigned int f_mode;		/* FMODE_* */
	loff_t f_pos;
	struct dentry *f_dentry;
	struct inode *f_inode;
	const struct file_operations *f_op;
	void *private_data;
	struct epitem *f_ep;		/* the epolls that watch it */
};

#define FMODE_READ	1
#define FMODE_WRITE	2
#define FMODE_PATH	4
#define FMODE_NOSEEK	8		/* pipes, ttys: lseek is -ESPIPE */

struct iovec {
	void __user *iov_base;
	size_t iov_len;
};

/* --- what a task holds --- */

struct files_struct {
	atomic_t count;
	unsigned int max_fds;		/* slots in fd[] */
	unsigned int next_fd;		/* no free slot below */
	struct file **fd;
	unsigned char *close_on_exec;	/* one byte a slot */
};

struct fs_struct {
	int users;
	int umask;
	struct dentry *root;
	struct dentry *pwd;
};

extern struct files_struct init_files;
extern struct fs_struct init_fs;

/* copy_files()/copy_fs() build on these; NULL with *errorp, or NULL. */
struct files_struct *dup_fd(struct files_struct *oldf, int *errorp);
void exit_files(struct task_struct *tsk);
int unshare_files(void);
void do_close_on_exec(struct files_struct *files);
struct fs_struct *copy_fs_struct(struct fs_struct *old);
void exit_fs(struct task_struct *tsk);

struct file *fget(unsigned int fd);
struct file *get_empty_filp(void);
void fput(struct file *file);
DEFINE_FREE(fput, struct file *, if (!IS_ERR_OR_NULL(_T)) fput(_T))
static inline struct file *get_file(struct file *f)
{
	atomic_inc(&f->f_count);
	return f;
}
/* The lowest free descriptor (from start), marked as taken, or -EMFILE. */
int alloc_fd(unsigned int start, unsigned int flags);
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);

/* --- boot --- */

/* Caches, root tmpfs, /dev, /proc. Before initramfs. */
void vfs_caches_init(void);
/* Unpacks the initramfs that setup_arch() found. */
void populate_rootfs(void);

/*
 * Character devices by major number. The tty driver's are TTY_MAJOR (minor
 * 64 = ttyS0), TTYAMA_MAJOR (64 = ttyAMA0) and TTYAUX_MAJOR (0 = /dev/tty,
 * 1 = /dev/console). VPORT_MAJOR is one of those that Linux gives out as they
 * are needed: the ports of a virtio console, by number.
 */
#define MEM_MAJOR	1
#define TTY_MAJOR	4
#define TTYAUX_MAJOR	5
#define TTYAMA_MAJOR	204
#define VPORT_MAJOR	250
int register_chrdev(unsigned int major, const char *name,
		    const struct file_operations *fops);

/* --- inodes and names --- */

struct inode *new_inode(struct super_block *sb, umode_t mode);
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
void iput(struct inode *inode);
struct dentry *d_alloc(struct dentry *parent, const char *name, unsigned int len);
struct dentry *d_make_root(struct inode *inode);
struct dentry *d_alloc_pseudo(struct inode *inode, const char *name);
void d_instantiate(struct dentry *dentry, struct inode *inode);
struct dentry *d_lookup(struct dentry *parent, const char *name,
			unsigned int len);
void d_drop(struct dentry *dentry);
void d_move(struct dentry *dentry, struct dentry *new_parent, char *name,
	    unsigned int len);
struct dentry *dget(struct dentry *dentry);
void dput(struct dentry *dentry);
DEFINE_FREE(dput, struct dentry *, if (!IS_ERR(_T)) dput(_T))
/* Absolute path at the end of buf, or ERR_PTR(-ENAMETOOLONG). */
char *d_path(struct dentry *dentry, char *buf, int size);
bool is_subdir(struct dentry *dentry, struct dentry *ancestor);

#define LOOKUP_FOLLOW		0x01u
#define LOOKUP_DIRECTORY	0x02u
#define LOOKUP_EMPTY		0x04u
#define LOOKUP_PARENT		0x10u

/* The last component of a walk to its parent. */
struct qstr {
	char name[NAME_MAX + 1];
	unsigned int len;
	bool trailing_slash;
	bool dots;			/* ".", "..", or the root itself */
};

/* A kernel copy of a user's path, or ERR_PTR. */
char *getname(const char __user *filename);
char *getname_flags(const char __user *filename, bool empty_ok);
void putname(char *name);
DEFINE_FREE(putname, char *, if (!IS_ERR(_T)) putname(_T))
/* These return a dentry the caller must dput(), or ERR_PTR. */
struct dentry *path_lookupat(int dfd, const char *path, unsigned int flags);
struct dentry *path_lookup_from(struct dentry *base, const char *path,
				unsigned int flags, struct qstr *last);
struct dentry *user_path_at(int dfd, const char __user *path, unsigned int flags);
struct dentry *user_path_parent(int dfd, const char __user *path, struct qstr *last);
struct dentry *user_path_create(int dfd, const char __user *path, bool is_dir);
/* What fd is open on. */
struct dentry *fd_dentry(unsigned int fd);
struct dentry *lookup_one(struct dentry *dir, const char *name, unsigned int len);
struct dentry *path_create(int dfd, const char *path, bool is_dir);
struct dentry *follow_mount(struct dentry *dentry);
int vfs_readlink(struct dentry *dentry, char *buf, int size);
int vfs_create(struct dentry *dentry, umode_t mode);
int vfs_mknod(struct dentry *dentry, umode_t mode, dev_t dev);
int vfs_mkdir(struct dentry *dentry, umode_t mode);
int vfs_symlink(struct dentry *dentry, const char *target);
int vfs_unlink(struct dentry *dentry);
int inode_permission(struct inode *inode, int mask);
struct file *filp_open(const char *filename, int flags, umode_t mode);
struct file *do_filp_open(int dfd, const char *path, int flags, umode_t mode);
struct file *dentry_open(struct dentry *dentry, int flags);
/* A descriptor of a file without a path, open for reading and writing. In name
 * a %llu is its inode's number; priv stays the caller's when this fails. */
int anon_inode_getfd(const char *name, umode_t mode,
		     const struct file_operations *fops, void *priv, int flags);
struct timespec64 current_time(void);

ssize_t vfs_read(struct file *file, char __user *buf, size_t n, loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t n, loff_t *pos);
loff_t generic_file_llseek(struct file *file, loff_t off, int whence);
loff_t noop_llseek(struct file *file, loff_t off, int whence);
ssize_t import_iovec(const struct iovec __user *uvec, unsigned long nr,
		     struct iovec **iovp);
unsigned int file_poll(struct file *file, poll_table *pt);
loff_t no_llseek(struct file *file, loff_t off, int whence);

/* drivers/virtio_console.c: the driver, and how many ports there are. */
void virtio_console_init(void);
unsigned int virtio_console_ports(void);

/* locks.c */
long fcntl_lock(struct file *file, unsigned int cmd, unsigned long arg);
void locks_remove_owner(struct file *file, const void *owner);

/* eventpoll.c: file is about to go. */
void eventpoll_release(struct file *file);

/* random.c: deterministic, so that two runs are the same run. */
void get_random_bytes(void *buf, size_t n);

/* --- the file systems --- */

extern const struct file_operations pipefifo_fops;
extern const struct file_operations def_chr_fops;

struct super_block *alloc_super(const char *type, unsigned long magic);
struct super_block *set_root(struct super_block *sb, struct inode *inode);
struct super_block *tmpfs_mount(const char *type, umode_t root_mode);
struct super_block *proc_mount(void);	/* NULL without memory */
/* An unlinked tmpfs file, behind shared anonymous memory. */
struct file *shmem_file_setup(const char *name, loff_t size);
int dcache_readdir(struct file *file, struct dir_context *ctx);

#endif
