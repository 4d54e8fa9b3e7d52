// SPDX-License-Identifier: MIT
/* fcntl, ioctl and the other calls that ask a descriptor for something odd. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/pipe_fs_i.h>
#include <linux/syscalls.h>
#include <linux/termios.h>
#include <linux/uaccess.h>

#define SETFL_MASK	(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC)

static long f_dupfd(unsigned int from, struct file *file, int flags)
{
	int fd;

	if (from >= rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	fd = alloc_fd(from, flags);
	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}

static long do_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg,
		     struct file *file)
{
	struct files_struct *files = current->files;

	switch (cmd) {
	case F_DUPFD:
		return f_dupfd(arg, file, 0);
	case F_DUPFD_CLOEXEC:
		return f_dupfd(arg, file, O_CLOEXEC);
	case F_GETFD:
		return files->close_on_exec[fd] & FD_CLOEXEC;
	case F_SETFD:
		files->close_on_exec[fd] = arg & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return file->f_flags | (BITS_PER_LONG == 64 ? O_LARGEFILE : 0);
	}
	if (file->f_mode & FMODE_PATH)
		return -EBADF;
	switch (cmd) {
	case F_SETFL:
		file->f_flags = (arg & SETFL_MASK) | (file->f_flags & ~SETFL_MASK);
		return 0;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_GETLK64:
	case F_SETLK64:
	case F_SETLKW64:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(file, cmd, arg);
	case F_SETOWN:
	case F_SETSIG:
	case F_GETOWN:
	case F_GETSIG:
		return 0;
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		if (!file->f_inode->i_pipe)
			return -EBADF;
		/* The ring has the one size; a request is rounded up to it. */
		if (cmd == F_SETPIPE_SZ && arg > PIPE_DEF_BUFFERS * PAGE_SIZE)
			return -EPERM;
		return file->f_inode->i_pipe->nrbufs * PAGE_SIZE;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE3(fcntl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct file *file __free(fput) = fget(fd);

	return file ? do_fcntl(fd, cmd, arg, file) : -EBADF;
}

SYSCALL_DEFINE3(fcntl64, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	return sys_fcntl(fd, cmd, arg);
}

#define FIONBIO		0x5421
#define FIOCLEX		0x5451
#define FIONCLEX	0x5450

SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct file *file __free(fput) = fget(fd);
	int on;

	if (!file)
		return -EBADF;
	switch (cmd) {
	case FIOCLEX:
		current->files->close_on_exec[fd] |= FD_CLOEXEC;
		return 0;
	case FIONCLEX:
		current->files->close_on_exec[fd] &= ~FD_CLOEXEC;
		return 0;
	case FIONBIO:
		if (get_user(on, (int __user *)arg))
			return -EFAULT;
		file->f_flags &= ~O_NONBLOCK;
		if (on)
			file->f_flags |= O_NONBLOCK;
		return 0;
	}
	if (file->f_op->unlocked_ioctl)
		return file->f_op->unlocked_ioctl(file, cmd, arg);
	if (cmd == FIONREAD && S_ISREG(file->f_inode->i_mode))
		return put_user((int)(file->f_inode->i_size - file->f_pos),
				(int __user *)arg);
	return -ENOTTY;
}

/* Files are memory: they are as synced as they will ever be. */
SYSCALL_DEFINE1(fsync, unsigned int, fd)
{
	struct file *file __free(fput) = fget(fd);

	if (!file)
		return -EBADF;
	return S_ISREG(file->f_inode->i_mode) || S_ISDIR(file->f_inode->i_mode) ?
	       0 : -EINVAL;
}

SYSCALL_DEFINE1(fdatasync, unsigned int, fd)
{
	return sys_fsync(fd);
}

SYSCALL_DEFINE0(sync)
{
	return 0;
}

SYSCALL_DEFINE1(syncfs, int, fd)
{
	struct file *file __free(fput) = fget(fd);

	return file ? 0 : -EBADF;
}

static long do_fadvise(int fd, int advice)
{
	struct file *file __free(fput) = fget(fd);

	if (!file)
		return -EBADF;
	if (file->f_inode->i_pipe)
		return -ESPIPE;
	return advice < 0 || advice > 5 ? -EINVAL : 0;
}

SYSCALL_DEFINE4(fadvise64, int, fd, loff_t, offset, size_t, len, int, advice)
{
	return do_fadvise(fd, advice);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE5(ia32_fadvise64, int, fd, u32, offset_lo, u32, offset_hi,
		size_t, len, int, advice)
{
	return do_fadvise(fd, advice);
}

SYSCALL_DEFINE6(ia32_fadvise64_64, int, fd, u32, offset_lo, u32, offset_hi,
		u32, len_lo, u32, len_hi, int, advice)
{
	return do_fadvise(fd, advice);
}
#endif
