/* SPDX-License-Identifier: MIT */
#ifndef _FS_PROC_H
#define _FS_PROC_H

#include <linux/fs.h>

struct task_struct;

/* A text being made; a write past the end only counts (see proc_printf). */
struct proc_buf {
	char *data;
	int size;
	int len;			/* may exceed size: then make it again */
	int error;			/* what it could not be made for */
};

void proc_printf(struct proc_buf *b, const char *fmt, ...) __printf(2, 3);
void proc_write(struct proc_buf *b, const char *data, int len);

/* One name under /proc (task is NULL there) or under /proc/PID. */
struct proc_entry {
	const char *name;
	umode_t mode;			/* type and rights */
	void (*show)(struct proc_buf *b, struct task_struct *task);
	const struct file_operations *fops;	/* in place of show */
	/* Links: the path they read as, or what is behind it, referenced. */
	void (*path)(char *buf, int size);
	struct dentry *(*object)(struct task_struct *task);
};

enum proc_kind { PROC_ROOT, PROC_FILE, PROC_PID, PROC_FD_DIR, PROC_FD, PROC_TASK_DIR };

struct proc_inode {
	enum proc_kind kind;
	pid_t pid;			/* 0 under /proc itself */
	unsigned int fd;		/* PROC_FD */
	const struct proc_entry *entry;	/* PROC_FILE */
};

#define PROC_I(inode)	((struct proc_inode *)(inode)->i_private)

extern const struct inode_operations proc_file_iops, proc_link_iops;
extern const struct file_operations proc_file_fops, proc_mem_fops;
void proc_evict(struct inode *inode);
/* Whose directory it is in, while there is somebody. */
struct task_struct *proc_task(struct inode *inode);

extern const struct proc_entry proc_pid_entries[];
extern const unsigned int nr_proc_pid_entries;
extern const struct proc_entry proc_root_entries[];
extern const unsigned int nr_proc_root_entries;

/* namespace.c */
void proc_show_mounts(struct proc_buf *b, struct task_struct *task);

/* The open file fd of a task, not counted, or NULL. */
struct file *proc_task_file(struct task_struct *task, unsigned int fd);

#endif
