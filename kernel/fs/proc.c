// SPDX-License-Identifier: MIT
/*
 * /proc: names that come and go with the tasks, and texts made when read.
 * An inode's i_private says whose it is; its dentry lives while in use.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "proc.h"

#define PROC_SUPER_MAGIC	0x9fa0

static const struct inode_operations proc_dir_iops;
static const struct file_operations proc_dir_fops;

static struct inode *proc_new_inode(struct super_block *sb, umode_t mode,
				    const struct proc_inode *info, u64 ino)
{
	struct inode *inode = new_inode(sb, mode);
	struct task_struct *task;

	if (!inode)
		return NULL;
	inode->i_private = kmemdup(info, sizeof(*info), GFP_KERNEL);
	if (!inode->i_private) {
		iput(inode);
		return NULL;
	}
	inode->i_ino = ino;
	/* A process's files are its user's, so that they can be private. */
	task = proc_task(inode);
	inode->i_uid = task ? task->euid : 0;
	inode->i_gid = task ? task->egid : 0;
	if (S_ISDIR(mode)) {
		inode->i_op = &proc_dir_iops;
		inode->i_fop = &proc_dir_fops;
	} else if (S_ISLNK(mode)) {
		inode->i_op = &proc_link_iops;
	} else {
		inode->i_op = &proc_file_iops;
		inode->i_fop = info->entry->fops ? info->entry->fops :
			       &proc_file_fops;
	}
	return inode;
}

struct task_struct *proc_task(struct inode *inode)
{
	return PROC_I(inode)->pid ? find_task_by_vpid(PROC_I(inode)->pid) : NULL;
}

void proc_evict(struct inode *inode)
{
	kfree(inode->i_private);
}

/* --- lookup --- */

/* A decimal number without leading zeros, or -1. */
static long name_to_int(const char *name, unsigned int len)
{
	long n = 0;
	unsigned int i;

	if (!len || len > 9 || (len > 1 && name[0] == '0'))
		return -1;
	for (i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		n = n * 10 + (name[i] - '0');
	}
	return n;
}

static const struct proc_entry *find_entry(const struct proc_entry *entries,
					   unsigned int nr, struct dentry *dentry)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (strlen(entries[i].name) == dentry->d_len &&
		    !memcmp(entries[i].name, dentry->d_name, dentry->d_len))
			return &entries[i];
	return NULL;
}

static struct dentry *proc_add(struct inode *dir, struct dentry *dentry,
			       umode_t mode, const struct proc_inode *info, u64 ino)
{
	struct inode *inode = proc_new_inode(dir->i_sb, mode, info, ino);

	if (!inode)
		return ERR_PTR(-ENOMEM);
	d_instantiate(dentry, inode);
	return NULL;
}

static struct dentry *lookup_pid(struct inode *dir, struct dentry *dentry)
{
	struct proc_inode info = { .kind = PROC_PID };
	long pid = name_to_int(dentry->d_name, dentry->d_len);

	if (pid <= 0 || !find_task_by_vpid(pid))
		return NULL;
	info.pid = pid;
	return proc_add(dir, dentry, S_IFDIR | 0555, &info, (u64)pid << 16);
}

static struct dentry *lookup_entry(struct inode *dir, struct dentry *dentry,
				   const struct proc_entry *entries,
				   unsigned int nr, pid_t pid)
{
	const struct proc_entry *entry = find_entry(entries, nr, dentry);
	struct proc_inode info = { .kind = PROC_FILE, .pid = pid, .entry = entry };

	if (!entry)
		return NULL;
	return proc_add(dir, dentry, entry->mode, &info,
			((u64)pid << 16) + 2 + (entry - entries));
}

static struct dentry *lookup_fd(struct inode *dir, struct dentry *dentry,
				pid_t pid)
{
	struct proc_inode info = { .kind = PROC_FD, .pid = pid };
	long fd = name_to_int(dentry->d_name, dentry->d_len);
	struct task_struct *task = find_task_by_vpid(pid);

	if (fd < 0 || !task || !proc_task_file(task, fd))
		return NULL;
	info.fd = fd;
	return proc_add(dir, dentry, S_IFLNK | 0700, &info,
			((u64)pid << 16) + 0x1000 + fd);
}

static struct dentry *proc_lookup(struct inode *dir, struct dentry *dentry)
{
	struct proc_inode *pi = PROC_I(dir);
	struct proc_inode info = { .pid = pi->pid };

	switch (pi->kind) {
	case PROC_ROOT:
		lookup_entry(dir, dentry, proc_root_entries,
			     nr_proc_root_entries, 0);
		return dentry->d_inode ? NULL : lookup_pid(dir, dentry);
	case PROC_PID:
		if (!find_task_by_vpid(pi->pid))
			return NULL;
		info.kind = PROC_FD_DIR;
		if (!strcmp(dentry->d_name, "fd"))
			return proc_add(dir, dentry, S_IFDIR | 0500, &info,
					((u64)pi->pid << 16) + 1);
		info.kind = PROC_TASK_DIR;
		if (!strcmp(dentry->d_name, "task"))
			return proc_add(dir, dentry, S_IFDIR | 0555, &info,
					((u64)pi->pid << 16) + 0xfff);
		return lookup_entry(dir, dentry, proc_pid_entries,
				    nr_proc_pid_entries, pi->pid);
	case PROC_TASK_DIR: {
		long tid = name_to_int(dentry->d_name, dentry->d_len);
		struct task_struct *t = tid > 0 ? find_task_by_vpid(tid) : NULL;

		return t && t->tgid == pi->pid ? lookup_pid(dir, dentry) : NULL;
	}
	case PROC_FD_DIR:
		return lookup_fd(dir, dentry, pi->pid);
	default:
		return ERR_PTR(-ENOTDIR);
	}
}

/* --- listing --- */

/* One entry; positions are spread so that a task's stays its own. */
static bool emit(struct dir_context *ctx, loff_t pos, const char *name,
		 u64 ino, umode_t mode)
{
	if (ctx->pos > pos)
		return true;
	if (!ctx->actor(ctx, name, strlen(name), pos, ino, (mode & S_IFMT) >> 12))
		return false;
	ctx->pos = pos + 1;
	return true;
}

static bool emit_number(struct dir_context *ctx, loff_t pos, unsigned int n,
			u64 ino, umode_t mode)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", n);
	return emit(ctx, pos, name, ino, mode);
}

static bool emit_entries(struct dir_context *ctx, const struct proc_entry *e,
			 unsigned int nr, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!emit(ctx, 2 + i, e[i].name, ((u64)pid << 16) + 2 + i, e[i].mode))
			return false;
	return true;
}

/* The lowest pid of a process (or of a thread of leader) not below from. */
static struct task_struct *next_task(pid_t from, pid_t leader)
{
	struct task_struct *g, *t, *best = NULL;

	for_each_process(g) {
		if (leader && g->pid != leader)
			continue;
		t = g;
		do {
			if (t->pid >= from && (!best || t->pid < best->pid))
				best = t;
			t = next_thread(t);
		} while (leader && t != g);
	}
	return best;
}

static void list_tasks(struct dir_context *ctx, loff_t base, pid_t leader)
{
	struct task_struct *t;
	pid_t from = ctx->pos > base ? ctx->pos - base : 1;

	while ((t = next_task(from, leader)) != NULL) {
		if (!emit_number(ctx, base + t->pid, t->pid, (u64)t->pid << 16, S_IFDIR))
			return;
		from = t->pid + 1;
	}
}

static int proc_iterate(struct file *file, struct dir_context *ctx)
{
	struct proc_inode *pi = PROC_I(file->f_inode);
	struct task_struct *task = proc_task(file->f_inode);
	unsigned int fd;

	if (pi->pid && !task)
		return -ENOENT;
	if (!emit(ctx, 0, ".", file->f_inode->i_ino, S_IFDIR) ||
	    !emit(ctx, 1, "..", 1, S_IFDIR))
		return 0;
	switch (pi->kind) {
	case PROC_ROOT:
		if (emit_entries(ctx, proc_root_entries, nr_proc_root_entries, 0))
			list_tasks(ctx, 256, 0);
		break;
	case PROC_PID:
		if (emit_entries(ctx, proc_pid_entries, nr_proc_pid_entries, pi->pid) &&
		    emit(ctx, 254, "fd", ((u64)pi->pid << 16) + 1, S_IFDIR))
			emit(ctx, 255, "task", ((u64)pi->pid << 16) + 0xfff, S_IFDIR);
		break;
	case PROC_TASK_DIR:
		list_tasks(ctx, 256, pi->pid);
		break;
	case PROC_FD_DIR:
		for (fd = 0; task->files && fd < task->files->max_fds; fd++)
			if (task->files->fd[fd] &&
			    !emit_number(ctx, 2 + fd, fd,
					 ((u64)pi->pid << 16) + 0x1000 + fd, S_IFLNK))
				break;
		break;
	default:
		break;
	}
	return 0;
}

static const struct inode_operations proc_dir_iops = {
	.lookup = proc_lookup,
	.evict = proc_evict,
};

static const struct file_operations proc_dir_fops = {
	.llseek = generic_file_llseek,
	.iterate = proc_iterate,
};

struct super_block *proc_mount(void)
{
	static const struct proc_inode root_info = { .kind = PROC_ROOT };
	struct super_block *sb = alloc_super("proc", PROC_SUPER_MAGIC);

	return sb ? set_root(sb, proc_new_inode(sb, S_IFDIR | 0555, &root_info, 1)) :
		    NULL;
}
