// SPDX-License-Identifier: MIT
/* Open files and the descriptor tables that point at them. */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include "internal.h"

#define NR_OPEN_DEFAULT	32

static struct kmem_cache *filp_cachep, *files_cachep;

static struct file *init_fds[NR_OPEN_DEFAULT];
static unsigned char init_cloexec[NR_OPEN_DEFAULT];

struct files_struct init_files = {
	.count = ATOMIC_INIT(1),
	.max_fds = NR_OPEN_DEFAULT,
	.fd = init_fds,
	.close_on_exec = init_cloexec,
};

void files_init(void)
{
	filp_cachep = kmem_cache_create("filp", sizeof(struct file));
	files_cachep = kmem_cache_create("files_cache",
			sizeof(struct files_struct));
}

struct file *get_empty_filp(void)
{
	struct file *file = kmem_cache_zalloc(filp_cachep, GFP_KERNEL);

	if (file)
		atomic_set(&file->f_count, 1);
	return file;
}

void fput(struct file *file)
{
	if (!atomic_dec_and_test(&file->f_count))
		return;
	eventpoll_release(file);
	locks_remove_owner(file, file);
	if (file->f_op && file->f_op->release)
		file->f_op->release(file->f_inode, file);
	dput(file->f_dentry);
	kmem_cache_free(filp_cachep, file);
}

/* fput for a reference that was a descriptor of files. */
static void filp_close(struct file *file, struct files_struct *files)
{
	/* Any close of a file gives up the process's record locks on it. */
	locks_remove_owner(file, files);
	fput(file);
}

/* The open file behind a descriptor, counted; NULL when there is none. */
struct file *fget(unsigned int fd)
{
	struct files_struct *files = current->files;

	if (fd >= files->max_fds || !files->fd[fd])
		return NULL;
	return get_file(files->fd[fd]);
}

static int alloc_fd_arrays(struct files_struct *files, unsigned int nr)
{
	files->fd = kcalloc(nr, sizeof(*files->fd), GFP_KERNEL);
	if (!files->fd)
		return -ENOMEM;
	files->close_on_exec = kzalloc(nr, GFP_KERNEL);
	if (!files->close_on_exec) {
		kfree(files->fd);
		return -ENOMEM;
	}
	files->max_fds = nr;
	return 0;
}

static void free_fd_arrays(struct files_struct *files)
{
	if (files->fd == init_fds)
		return;
	kfree(files->fd);
	kfree(files->close_on_exec);
}

/* Makes the table large enough for slot nr. */
static int expand_files(struct files_struct *files, unsigned int nr)
{
	struct files_struct new;
	unsigned int size = files->max_fds;
	int error;

	if (nr < files->max_fds)
		return 0;
	while (size <= nr)
		size *= 2;
	error = alloc_fd_arrays(&new, size);
	if (error)
		return error;
	memcpy(new.fd, files->fd, files->max_fds * sizeof(*files->fd));
	memcpy(new.close_on_exec, files->close_on_exec, files->max_fds);
	free_fd_arrays(files);
	files->fd = new.fd;
	files->close_on_exec = new.close_on_exec;
	files->max_fds = size;
	return 0;
}

/*
 * A slot that is free but promised: fd[] holds NULL, and no other search
 * returns it because next_fd has passed it and close_on_exec marks it.
 */
#define FD_RESERVED	0x80

/* The lowest free descriptor from start up, or -EMFILE. */
int alloc_fd(unsigned int start, unsigned int flags)
{
	struct files_struct *files = current->files;
	unsigned long limit = min_t(unsigned long, rlimit(RLIMIT_NOFILE),
				    NR_OPEN_MAX);
	unsigned int fd = max(start, files->next_fd);
	int error;

	while (fd < files->max_fds &&
	       (files->fd[fd] || (files->close_on_exec[fd] & FD_RESERVED)))
		fd++;
	if (fd >= limit)
		return -EMFILE;
	error = expand_files(files, fd);
	if (error)
		return error;
	if (start <= files->next_fd)
		files->next_fd = fd + 1;
	files->close_on_exec[fd] = FD_RESERVED |
				   (flags & O_CLOEXEC ? FD_CLOEXEC : 0);
	return fd;
}

int get_unused_fd_flags(unsigned int flags)
{
	return alloc_fd(0, flags);
}

static void release_slot(struct files_struct *files, unsigned int fd)
{
	files->fd[fd] = NULL;
	files->close_on_exec[fd] = 0;
	if (fd < files->next_fd)
		files->next_fd = fd;
}

void put_unused_fd(unsigned int fd)
{
	release_slot(current->files, fd);
}

/* Fills a slot of get_unused_fd_flags() with the caller's reference. */
void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	files->close_on_exec[fd] &= ~FD_RESERVED;
	files->fd[fd] = file;
}

static struct file *take_fd(struct files_struct *files, unsigned int fd)
{
	struct file *file;

	if (fd >= files->max_fds || !files->fd[fd])
		return NULL;
	file = files->fd[fd];
	release_slot(files, fd);
	return file;
}

SYSCALL_DEFINE1(close, unsigned int, fd)
{
	struct file *file = take_fd(current->files, fd);

	if (!file)
		return -EBADF;
	filp_close(file, current->files);
	return 0;
}

SYSCALL_DEFINE3(close_range, unsigned int, fd, unsigned int, max_fd,
		unsigned int, flags)
{
	struct files_struct *files;
	int error;

	if ((flags & ~6U) || fd > max_fd)
		return -EINVAL;
	if (flags & 2) {			/* CLOSE_RANGE_UNSHARE */
		error = unshare_files();
		if (error)
			return error;
	}
	files = current->files;
	for (; fd <= max_fd && fd < files->max_fds; fd++) {
		struct file *file;

		if (flags & 4) {		/* CLOSE_RANGE_CLOEXEC */
			if (files->fd[fd])
				files->close_on_exec[fd] |= FD_CLOEXEC;
			continue;
		}
		file = take_fd(files, fd);
		if (file)
			filp_close(file, files);
	}
	return 0;
}

/* Makes newfd a second name of oldfd, closing what it was. */
static long do_dup2(unsigned int oldfd, unsigned int newfd, unsigned int flags)
{
	struct files_struct *files = current->files;
	struct file *file __free(fput) = fget(oldfd);
	struct file *victim;
	int error;

	if (!file || newfd >= rlimit(RLIMIT_NOFILE) || newfd >= NR_OPEN_MAX)
		return -EBADF;
	error = expand_files(files, newfd);
	if (error)
		return error;
	/* Another thread is about to fill this slot. */
	if (!files->fd[newfd] && (files->close_on_exec[newfd] & FD_RESERVED))
		return -EBUSY;
	victim = files->fd[newfd];
	files->fd[newfd] = no_free_ptr(file);
	files->close_on_exec[newfd] = flags & O_CLOEXEC ? FD_CLOEXEC : 0;
	if (victim)
		filp_close(victim, files);
	return newfd;
}

SYSCALL_DEFINE3(dup3, unsigned int, oldfd, unsigned int, newfd, int, flags)
{
	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	return do_dup2(oldfd, newfd, flags);
}

SYSCALL_DEFINE2(dup2, unsigned int, oldfd, unsigned int, newfd)
{
	struct file *file __free(fput) = fget(oldfd);

	if (oldfd != newfd)
		return do_dup2(oldfd, newfd, 0);
	return file ? (long)newfd : -EBADF;
}

SYSCALL_DEFINE1(dup, unsigned int, fildes)
{
	struct file *file __free(fput) = fget(fildes);
	int fd;

	if (!file)
		return -EBADF;
	fd = get_unused_fd_flags(0);
	if (fd >= 0)
		fd_install(fd, no_free_ptr(file));
	return fd;
}

/* fork: a table of its own that shares the open files. */
struct files_struct *dup_fd(struct files_struct *oldf, int *errorp)
{
	struct files_struct *newf = kmem_cache_zalloc(files_cachep, GFP_KERNEL);
	unsigned int i, last = 0;

	*errorp = -ENOMEM;
	if (!newf)
		return NULL;
	atomic_set(&newf->count, 1);
	for (i = 0; i < oldf->max_fds; i++)
		if (oldf->fd[i])
			last = i;
	if (alloc_fd_arrays(newf, max_t(unsigned int, NR_OPEN_DEFAULT,
					ALIGN(last + 1, NR_OPEN_DEFAULT)))) {
		kmem_cache_free(files_cachep, newf);
		return NULL;
	}
	newf->next_fd = oldf->next_fd;
	for (i = 0; i <= last; i++) {
		if (oldf->fd[i]) {
			newf->fd[i] = get_file(oldf->fd[i]);
			newf->close_on_exec[i] = oldf->close_on_exec[i];
		} else if (i < newf->next_fd) {
			/* Promised to another thread of the old table only. */
			newf->next_fd = i;
		}
	}
	if (newf->next_fd > last + 1)
		newf->next_fd = last + 1;
	*errorp = 0;
	return newf;
}

static void put_files_struct(struct files_struct *files)
{
	unsigned int i;

	if (!files || !atomic_dec_and_test(&files->count))
		return;
	for (i = 0; i < files->max_fds; i++)
		if (files->fd[i])
			filp_close(files->fd[i], files);
	free_fd_arrays(files);
	if (files != &init_files)
		kmem_cache_free(files_cachep, files);
}

void exit_files(struct task_struct *tsk)
{
	struct files_struct *files = tsk->files;

	tsk->files = NULL;
	put_files_struct(files);
}

/* exec: current stops sharing its table with other processes. */
int unshare_files(void)
{
	struct files_struct *old = current->files, *new;
	int error;

	if (atomic_read(&old->count) == 1)
		return 0;
	new = dup_fd(old, &error);
	if (!new)
		return error;
	current->files = new;
	put_files_struct(old);
	return 0;
}

void do_close_on_exec(struct files_struct *files)
{
	unsigned int fd;

	for (fd = 0; fd < files->max_fds; fd++)
		if (files->fd[fd] && (files->close_on_exec[fd] & FD_CLOEXEC))
			filp_close(take_fd(files, fd), files);
}
