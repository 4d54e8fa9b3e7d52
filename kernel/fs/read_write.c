// SPDX-License-Identifier: MIT
/* Moving bytes and the position they move at. */
#include <linux/binfmts.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>

loff_t generic_file_llseek(struct file *file, loff_t off, int whence)
{
	loff_t size = file->f_inode->i_size;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		off += file->f_pos;
		break;
	case SEEK_END:
		off += size;
		break;
	case SEEK_DATA:
		if (off < 0 || off >= size)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if (off < 0 || off >= size)
			return -ENXIO;
		off = size;
		break;
	default:
		return -EINVAL;
	}
	if (off < 0)
		return -EINVAL;
	file->f_pos = off;
	return off;
}

loff_t no_llseek(struct file *file, loff_t off, int whence)
{
	return -ESPIPE;
}

/* For devices whose position means nothing but may be asked for. */
loff_t noop_llseek(struct file *file, loff_t off, int whence)
{
	return file->f_pos;
}

static bool can_seek(struct file *file)
{
	return !(file->f_mode & FMODE_NOSEEK) && file->f_op->llseek;
}

static loff_t vfs_llseek(struct file *file, loff_t off, int whence)
{
	if (!can_seek(file))
		return -ESPIPE;
	return file->f_op->llseek(file, off, whence);
}

SYSCALL_DEFINE3(lseek, unsigned int, fd, long, offset, unsigned int, whence)
{
	struct file *file __free(fput) = fget(fd);
	loff_t res;

	if (!file)
		return -EBADF;
	res = vfs_llseek(file, offset, whence);
	return res > LONG_MAX ? -EOVERFLOW : (long)res;
}

/* Linux's name for what i386 calls _llseek. */
SYSCALL_DEFINE5(llseek, unsigned int, fd, unsigned long, offset_high,
		unsigned long, offset_low, loff_t __user *, result,
		unsigned int, whence)
{
	struct file *file __free(fput) = fget(fd);
	loff_t res;

	if (!file)
		return -EBADF;
	res = vfs_llseek(file, (loff_t)((u64)offset_high << 32 | offset_low),
			 whence);
	return res < 0 ? res : put_user(res, result);
}

/* What is wrong with moving *np bytes at pos, if anything; cuts them to what one call does. */
static int rw_verify_area(const void __user *buf, size_t *np, loff_t pos)
{
	if ((ssize_t)*np < 0)
		return -EINVAL;
	if (!access_ok(buf, *np))
		return -EFAULT;
	if (pos < 0)
		return -EINVAL;
	*np = min_t(size_t, *np, MAX_RW_COUNT);
	return 0;
}

ssize_t vfs_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	ssize_t ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read)
		return S_ISDIR(file->f_inode->i_mode) ? -EISDIR : -EINVAL;
	ret = rw_verify_area(buf, &n, *pos);
	if (ret)
		return ret;
	ret = file->f_op->read(file, buf, n, pos);
	if (ret > 0 && !(file->f_flags & O_NOATIME))
		file->f_inode->i_atime = current_time();
	return ret;
}

/* How much of n may go to pos by RLIMIT_FSIZE; the signal is Linux's. */
static ssize_t fsize_room(loff_t pos, size_t n)
{
	unsigned long limit = rlimit(RLIMIT_FSIZE);

	if (limit == RLIM_INFINITY)
		return n;
	if (pos >= (loff_t)limit) {
		send_sig(SIGXFSZ, current, 0);
		return -EFBIG;
	}
	return min_t(loff_t, n, (loff_t)limit - pos);
}

ssize_t vfs_write(struct file *file, const char __user *buf, size_t n,
		  loff_t *pos)
{
	ssize_t ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write)
		return -EINVAL;
	ret = rw_verify_area(buf, &n, *pos);
	if (ret)
		return ret;
	if (S_ISREG(file->f_inode->i_mode)) {
		if (file->f_flags & O_APPEND)
			*pos = file->f_inode->i_size;
		if (!n)
			return 0;
		ret = fsize_room(*pos, n);
		if (ret < 0)
			return ret;
		n = ret;
	}
	return file->f_op->write(file, buf, n, pos);
}

/* One piece, whichever way it goes. */
static ssize_t vfs_rw(struct file *file, void __user *buf, size_t n, loff_t *pos,
		      bool write)
{
	return write ? vfs_write(file, buf, n, pos) : vfs_read(file, buf, n, pos);
}

ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t pos)
{
	if (!file->f_op->kread)
		return -EINVAL;
	return file->f_op->kread(file, buf, count, pos);
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
{
	struct file *file __free(fput) = fget(fd);

	return file ? vfs_read(file, buf, count, &file->f_pos) : -EBADF;
}

SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf, size_t, count)
{
	struct file *file __free(fput) = fget(fd);

	return file ? vfs_write(file, buf, count, &file->f_pos) : -EBADF;
}

static ssize_t do_prw(unsigned int fd, void __user *buf, size_t n, loff_t pos,
		      bool write)
{
	struct file *file __free(fput) = NULL;

	if (pos < 0)
		return -EINVAL;
	file = fget(fd);
	if (!file)
		return -EBADF;
	return can_seek(file) ? vfs_rw(file, buf, n, &pos, write) : -ESPIPE;
}

/* The position comes in two longs; on 64-bit machines the low one is all. */
static loff_t pos_from_hilo(unsigned long high, unsigned long low)
{
	return BITS_PER_LONG == 64 ? (loff_t)low :
	       (loff_t)((u64)high << 32 | low);
}

SYSCALL_DEFINE4(pread64, unsigned int, fd, char __user *, buf, size_t, count,
		loff_t, pos)
{
	return do_prw(fd, buf, count, pos, false);
}

SYSCALL_DEFINE4(pwrite64, unsigned int, fd, const char __user *, buf,
		size_t, count, loff_t, pos)
{
	return do_prw(fd, (void __user *)buf, count, pos, true);
}

#if BITS_PER_LONG == 32
SYSCALL_DEFINE5(ia32_pread64, unsigned int, fd, char __user *, buf,
		size_t, count, u32, poslo, u32, poshi)
{
	return do_prw(fd, buf, count, pos_from_hilo(poshi, poslo), false);
}

SYSCALL_DEFINE5(ia32_pwrite64, unsigned int, fd, const char __user *, buf,
		size_t, count, u32, poslo, u32, poshi)
{
	return do_prw(fd, (void __user *)buf, count, pos_from_hilo(poshi, poslo), true);
}
#endif

/* A checked kernel copy of a user's vector: how many bytes, or -errno. */
ssize_t import_iovec(const struct iovec __user *uvec, unsigned long nr,
		     struct iovec **iovp)
{
	struct iovec *iov __free(kfree) = NULL;
	size_t total = 0;
	unsigned long i;

	*iovp = NULL;
	if (nr > UIO_MAXIOV)
		return -EINVAL;
	if (!nr)
		return 0;
	iov = kmalloc(nr * sizeof(*iov), GFP_KERNEL);
	if (!iov)
		return -ENOMEM;
	if (copy_from_user(iov, uvec, nr * sizeof(*iov)))
		return -EFAULT;
	for (i = 0; i < nr; i++) {
		if ((ssize_t)iov[i].iov_len < 0)
			return -EINVAL;
		iov[i].iov_len = min_t(size_t, iov[i].iov_len, MAX_RW_COUNT - total);
		total += iov[i].iov_len;
	}
	*iovp = no_free_ptr(iov);
	return total;
}

static ssize_t do_iov(struct file *file, const struct iovec __user *uvec,
		      unsigned long nr, loff_t *pos, bool write)
{
	struct iovec *iov __free(kfree) = NULL;
	ssize_t total = 0, ret = import_iovec(uvec, nr, &iov);
	unsigned long i;

	/* With nothing to move, the file still has its say on the mode. */
	if (ret <= 0)
		return ret ? ret : vfs_rw(file, NULL, 0, pos, write);
	for (i = 0; i < nr; i++) {
		if (!iov[i].iov_len)
			continue;
		/* What came is enough: only the first piece is waited for. */
		if (total && !write && !(file_poll(file, NULL) & POLLIN))
			break;
		ret = vfs_rw(file, iov[i].iov_base, iov[i].iov_len, pos, write);
		if (ret < 0)
			break;
		total += ret;
		if ((size_t)ret < iov[i].iov_len)
			break;
	}
	return total ? total : ret;
}

static ssize_t do_iov_fd(unsigned long fd, const struct iovec __user *vec,
			 unsigned long nr, const loff_t *at, bool write)
{
	struct file *file __free(fput) = fget(fd);
	loff_t pos;

	if (!file)
		return -EBADF;
	if (!at)
		return do_iov(file, vec, nr, &file->f_pos, write);
	if (!can_seek(file))
		return -ESPIPE;
	pos = *at;
	return pos < 0 ? -EINVAL : do_iov(file, vec, nr, &pos, write);
}

SYSCALL_DEFINE3(readv, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen)
{
	return do_iov_fd(fd, vec, vlen, NULL, false);
}

SYSCALL_DEFINE3(writev, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen)
{
	return do_iov_fd(fd, vec, vlen, NULL, true);
}

SYSCALL_DEFINE5(preadv, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h)
{
	loff_t pos = pos_from_hilo(pos_h, pos_l);

	return do_iov_fd(fd, vec, vlen, &pos, false);
}

SYSCALL_DEFINE5(pwritev, unsigned long, fd, const struct iovec __user *, vec,
		unsigned long, vlen, unsigned long, pos_l, unsigned long, pos_h)
{
	loff_t pos = pos_from_hilo(pos_h, pos_l);

	return do_iov_fd(fd, vec, vlen, &pos, true);
}
