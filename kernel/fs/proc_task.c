// SPDX-License-Identifier: MIT
/* The texts of /proc/PID. Nothing sleeps while one is made. */
#include <linux/arch.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "proc.h"

struct file *proc_task_file(struct task_struct *task, unsigned int fd)
{
	struct files_struct *files = task->files;

	if (!files || fd >= files->max_fds || !files->fd[fd])
		return NULL;
	return files->fd[fd];
}

static char state_letter(struct task_struct *task)
{
	if (task->exit_state == EXIT_ZOMBIE)
		return 'Z';
	if (task->exit_state)
		return 'X';
	if (task->state & __TASK_STOPPED)
		return 'T';
	if (task->state & TASK_UNINTERRUPTIBLE)
		return 'D';
	return task->state & TASK_INTERRUPTIBLE ? 'S' : 'R';
}

static const char *state_name(char letter)
{
	switch (letter) {
	case 'Z': return "zombie";
	case 'X': return "dead";
	case 'T': return "stopped";
	case 'D': return "disk sleep";
	case 'S': return "sleeping";
	default: return "running";
	}
}

static pid_t parent_tgid(struct task_struct *task)
{
	return task->real_parent ? task->real_parent->tgid : 0;
}

static int num_threads(struct task_struct *task)
{
	return task->signal ? task->signal->nr_threads : 1;
}

/* 52 numbers, in the order of proc(5). */
static void show_stat(struct proc_buf *b, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct signal_struct *sig = task->signal;
	bool user = mm && !task->exit_state;

	proc_printf(b, "%d (%s) %c %d %d %d 0 -1 %u %lu %lu %lu %lu",
		    task->pid, task->comm, state_letter(task), parent_tgid(task),
		    pid_vnr(task_pgrp(task)), pid_vnr(task_session(task)),
		    task->flags, task->min_flt, sig ? sig->cmin_flt : 0,
		    task->maj_flt, sig ? sig->cmaj_flt : 0);
	proc_printf(b, " %llu %llu %llu %llu", nsec_to_clock_t(task->utime),
		    nsec_to_clock_t(task->stime),
		    sig ? nsec_to_clock_t(sig->cutime) : 0,
		    sig ? nsec_to_clock_t(sig->cstime) : 0);
	proc_printf(b, " %d %d %d 0 %llu %lu %lu %lu", 20 + task->prio, task->prio,
		    num_threads(task), nsec_to_clock_t(task->start_time),
		    mm ? mm->total_vm << PAGE_SHIFT : 0, mm ? get_mm_rss(mm) : 0,
		    sig ? sig->rlim[RLIMIT_RSS].rlim_cur : 0);
	proc_printf(b, " %lu %lu %lu 0 0 %lu %lu 0 0 0 0 0 %d 0 0 0 0 0 0",
		    user ? mm->start_code : 0, user ? mm->end_code : 0,
		    user ? mm->start_stack : 0, task->pending.signal.sig[0],
		    task->blocked.sig[0], task->exit_signal);
	proc_printf(b, " %lu %lu %lu %lu %lu %lu %lu %d\n",
		    user ? mm->start_data : 0, user ? mm->end_data : 0,
		    user ? mm->start_brk : 0, user ? mm->arg_start : 0,
		    user ? mm->arg_end : 0, user ? mm->env_start : 0,
		    user ? mm->env_end : 0, task->exit_code);
}

static void show_statm(struct proc_buf *b, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;

	if (!mm)
		proc_printf(b, "0 0 0 0 0 0 0\n");
	else
		proc_printf(b, "%lu %lu 0 %lu 0 %lu 0\n", mm->total_vm,
			    get_mm_rss(mm), mm->exec_vm, mm->data_vm + mm->stack_vm);
}

static void show_sigset(struct proc_buf *b, const char *name, const sigset_t *set)
{
	int i;

	proc_printf(b, "%s:\t", name);
	for (i = _NSIG_WORDS - 1; i >= 0; i--)
		proc_printf(b, "%0*lx", (int)(2 * sizeof(long)), set->sig[i]);
	proc_printf(b, "\n");
}

static void show_signals(struct proc_buf *b, struct task_struct *task)
{
	sigset_t ignored, caught, none;
	int i;

	sigemptyset(&ignored);
	sigemptyset(&caught);
	sigemptyset(&none);
	for (i = 1; task->sighand && i <= _NSIG; i++) {
		__sighandler_t handler = task->sighand->action[i - 1].sa.sa_handler;

		if (handler == SIG_IGN)
			sigaddset(&ignored, i);
		else if (handler != SIG_DFL)
			sigaddset(&caught, i);
	}
	show_sigset(b, "SigPnd", &task->pending.signal);
	show_sigset(b, "ShdPnd", task->signal ?
		    &task->signal->shared_pending.signal : &none);
	show_sigset(b, "SigBlk", &task->blocked);
	show_sigset(b, "SigIgn", &ignored);
	show_sigset(b, "SigCgt", &caught);
}

static void show_status(struct proc_buf *b, struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	char letter = state_letter(task);
	unsigned long kb = PAGE_SIZE / 1024;
	int i;

	proc_printf(b, "Name:\t%s\n", task->comm);
	if (task->fs)
		proc_printf(b, "Umask:\t%04o\n", task->fs->umask);
	proc_printf(b, "State:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n",
		    letter, state_name(letter), task->tgid, task->pid,
		    parent_tgid(task));
	proc_printf(b, "TracerPid:\t0\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
		    task->uid, task->euid, task->suid, task->fsuid, task->gid,
		    task->egid, task->sgid, task->fsgid);
	proc_printf(b, "FDSize:\t%u\nGroups:\t",
		    task->files ? task->files->max_fds : 0);
	for (i = 0; i < task->ngroups; i++)
		proc_printf(b, "%u ", task->groups[i]);
	proc_printf(b, "\n");
	if (mm) {
		proc_printf(b, "VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t%8lu kB\n",
			    mm->hiwater_vm * kb, mm->total_vm * kb,
			    mm->locked_vm * kb);
		proc_printf(b, "VmHWM:\t%8lu kB\nVmRSS:\t%8lu kB\n",
			    mm->hiwater_rss * kb, get_mm_rss(mm) * kb);
		proc_printf(b, "VmData:\t%8lu kB\nVmStk:\t%8lu kB\nVmExe:\t%8lu kB\n",
			    mm->data_vm * kb, mm->stack_vm * kb, mm->exec_vm * kb);
		proc_printf(b, "VmPTE:\t%8lu kB\n", (mm->nr_ptes + mm->nr_pmds) * kb);
	}
	proc_printf(b, "Threads:\t%d\n", num_threads(task));
	show_signals(b, task);
	proc_printf(b, "voluntary_ctxt_switches:\t%lu\n", task->nvcsw);
	proc_printf(b, "nonvoluntary_ctxt_switches:\t%lu\n", task->nivcsw);
}

/* Bytes [start, end) of the task's own memory. */
static void show_memory(struct proc_buf *b, struct mm_struct *mm,
			unsigned long start, unsigned long end)
{
	char *page __free(kfree) = kmalloc(PAGE_SIZE, GFP_KERNEL);
	int len, got;

	if (!page)
		b->error = -ENOMEM;
	for (; page && start < end; start += got) {
		len = min_t(unsigned long, end - start, PAGE_SIZE);
		got = access_remote_vm(mm, start, page, len, FOLL_FORCE);
		proc_write(b, page, got);
		if (got < len)
			break;
	}
}

static void show_cmdline(struct proc_buf *b, struct task_struct *task)
{
	if (task->mm)
		show_memory(b, task->mm, task->mm->arg_start, task->mm->arg_end);
}

static void show_environ(struct proc_buf *b, struct task_struct *task)
{
	if (task->mm)
		show_memory(b, task->mm, task->mm->env_start, task->mm->env_end);
}

static void show_auxv(struct proc_buf *b, struct task_struct *task)
{
	unsigned int n = 0;

	if (!task->mm)
		return;
	do
		n += 2;
	while (n < AT_VECTOR_SIZE && task->mm->saved_auxv[n - 2]);
	proc_write(b, (const char *)task->mm->saved_auxv, n * sizeof(long));
}

static void show_comm(struct proc_buf *b, struct task_struct *task)
{
	proc_printf(b, "%s\n", task->comm);
}

/* The column at which names start, by the width of the machine's addresses. */
#define MAPS_NAME_COLUMN	((int)(25 + sizeof(void *) * 6))

static const char *vma_name(struct vm_area_struct *vma, char *buf, int size)
{
	struct mm_struct *mm = vma->vm_mm;
	const char *name;

	if (vma->vm_file) {
		char *path = d_path(vma->vm_file->f_dentry, buf, size);

		return IS_ERR(path) ? "" : path;
	}
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk &&
	    mm->brk > mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	name = arch_vma_name(vma);
	return name ? name : "";
}

static void show_maps(struct proc_buf *b, struct task_struct *task)
{
	char *buf __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	struct vm_area_struct *vma = task->mm ? task->mm->mmap : NULL;

	if (!buf)
		b->error = -ENOMEM;
	for (; buf && vma; vma = vma->vm_next) {
		unsigned long flags = vma->vm_flags;
		struct inode *inode = vma->vm_file ? vma->vm_file->f_inode : NULL;
		dev_t dev = inode ? inode->i_sb->s_dev : 0;
		const char *name = vma_name(vma, buf, PATH_MAX);
		int start = b->len, pad;

		proc_printf(b, "%08lx-%08lx %c%c%c%c %08llx %02x:%02x %llu",
			    vma->vm_start, vma->vm_end,
			    flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
			    flags & VM_EXEC ? 'x' : '-',
			    flags & VM_MAYSHARE ? 's' : 'p',
			    inode ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0,
			    MAJOR(dev), MINOR(dev), inode ? inode->i_ino : 0);
		if (*name) {
			pad = MAPS_NAME_COLUMN - (b->len - start);
			proc_printf(b, "%*s%s", pad > 1 ? pad : 1, "", name);
		}
		proc_printf(b, "\n");
	}
}

static struct dentry *exe_object(struct task_struct *task)
{
	if (!task->mm || !task->mm->exe_file)
		return ERR_PTR(-ENOENT);
	return dget(task->mm->exe_file->f_dentry);
}

static struct dentry *cwd_object(struct task_struct *task)
{
	return task->fs ? dget(task->fs->pwd) : ERR_PTR(-ENOENT);
}

static struct dentry *root_object(struct task_struct *task)
{
	return task->fs ? dget(task->fs->root) : ERR_PTR(-ENOENT);
}

const struct proc_entry proc_pid_entries[] = {
	{ .name = "auxv", .mode = S_IFREG | 0400, .show = show_auxv },
	{ .name = "cmdline", .mode = S_IFREG | 0444, .show = show_cmdline },
	{ .name = "comm", .mode = S_IFREG | 0444, .show = show_comm },
	{ .name = "cwd", .mode = S_IFLNK | 0777, .object = cwd_object },
	{ .name = "environ", .mode = S_IFREG | 0400, .show = show_environ },
	{ .name = "exe", .mode = S_IFLNK | 0777, .object = exe_object },
	{ .name = "maps", .mode = S_IFREG | 0444, .show = show_maps },
	{ .name = "mem", .mode = S_IFREG | 0600, .fops = &proc_mem_fops },
	{ .name = "mounts", .mode = S_IFREG | 0444, .show = proc_show_mounts },
	{ .name = "root", .mode = S_IFLNK | 0777, .object = root_object },
	{ .name = "stat", .mode = S_IFREG | 0444, .show = show_stat },
	{ .name = "statm", .mode = S_IFREG | 0444, .show = show_statm },
	{ .name = "status", .mode = S_IFREG | 0444, .show = show_status },
};

const unsigned int nr_proc_pid_entries = ARRAY_SIZE(proc_pid_entries);
