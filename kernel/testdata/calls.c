/*
 * calls: system calls that only x86-64 has among the 64-bit machines, or whose structures are its own. Every line is
 * the same on any Linux.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

/* As getdents, which libraries do not call any more, gives it. */
struct old_dirent {
	unsigned long ino, off;
	unsigned short reclen;
	char name[];
};

static void files(void)
{
	struct utimbuf times = { 5, 1234567890 };
	struct timeval tv[2] = { { 50, 6 }, { 7, 8 } };
	struct statfs fs;
	struct stat st;
	int fd;

	fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);
	write(fd, "hello", 5);
	pwrite(fd, "x", 1, 5000);
	symlink("file", "link");
	memset(&st, 0xaa, sizeof(st));
	printf("fstat: %ld, mode %o, links %lu, size %ld, device %lx\n", syscall(SYS_fstat, fd, &st), st.st_mode,
	       (unsigned long)st.st_nlink, (long)st.st_size, (long)st.st_rdev);
	printf("lstat: %ld, mode %o, size %ld\n", syscall(SYS_lstat, "link", &st), st.st_mode, (long)st.st_size);
	printf("stat: %ld, type %o, ", syscall(SYS_stat, "/dev/null", &st), st.st_mode & S_IFMT);
	printf("device %d %d\n", major(st.st_rdev), minor(st.st_rdev));
	printf("utime: %ld, ", syscall(SYS_utime, "file", &times));
	stat("file", &st);
	printf("%ld %ld\n", st.st_atime, st.st_mtime);
	printf("utimes: %ld, ", syscall(SYS_utimes, "file", tv));
	stat("file", &st);
	printf("%ld.%ld %ld.%ld\n", st.st_atime, st.st_atim.tv_nsec, st.st_mtime, st.st_mtim.tv_nsec);
	tv[0].tv_usec = -1;
	printf("futimesat: %ld, ", syscall(SYS_futimesat, AT_FDCWD, "file", tv));
	printf("%s\n", strerror(errno));
	memset(&fs, 0xaa, sizeof(fs));
	printf("statfs: %ld, ", syscall(SYS_statfs, "/proc", &fs));
	printf("type %lx, names %ld, spare %d\n", (long)fs.f_type, (long)fs.f_namelen, (int)fs.f_spare[3]);
}

static void directory(void)
{
	char buf[4096];
	long n, entries = 0;
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	n = syscall(SYS_getdents, fd, buf, sizeof(buf));
	for (long at = 0; at < n; entries++) {
		struct old_dirent *d = (void *)(buf + at);

		if (!strcmp(d->name, "link"))
			printf("getdents: type %d, length %d\n", buf[at + d->reclen - 1], d->reclen);
		at += d->reclen;
	}
	printf("getdents: %ld entries\n", entries);
}

static void waiting(void)
{
	struct epoll_event events[3] = { { EPOLLIN, { .u64 = 0x1122334455667788 } }, { EPOLLOUT, { .u64 = 99 } } };
	struct timeval tv = { 0, 100 };
	int fds[2], ep = epoll_create(1), n;
	struct pollfd pfd;
	fd_set set;

	pipe(fds);
	write(fds[1], "x", 1);
	epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &events[0]);
	epoll_ctl(ep, EPOLL_CTL_ADD, fds[1], &events[1]);
	memset(events, 0, sizeof(events));
	n = syscall(SYS_epoll_wait, ep, events, 3, 0);
	printf("epoll: %d, %lx\n", n, events[0].data.u64 + events[1].data.u64);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	printf("select: %ld\n", syscall(SYS_select, fds[1] + 1, &set, NULL, NULL, &tv));
	pfd = (struct pollfd) { fds[0], POLLIN, 0 };
	printf("poll: %ld, %x\n", syscall(SYS_poll, &pfd, 1, 10), pfd.revents);
}

static void times_and_limits(void)
{
	long now = syscall(SYS_time, NULL), then = 0;
	struct rlimit limit = { 12345, 0x123456789 };

	syscall(SYS_time, &then);
	printf("time: %d\n", now > 1000000000 && then >= now && then < now + 60);
	setrlimit(RLIMIT_FSIZE, &limit);
	memset(&limit, 0, sizeof(limit));
	printf("getrlimit: %ld, ", syscall(SYS_getrlimit, RLIMIT_FSIZE, &limit));
	printf("%lx %lx\n", limit.rlim_cur, limit.rlim_max);
}

static int in_clone(void *arg)
{
	return *(int *)arg;
}

/* The arguments of clone have an order of their own here. */
static void clones(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	int value = 7, status, tid = 0;
	pid_t pid;

	pid = clone(in_clone, stack + sizeof(stack), CLONE_VM | CLONE_PARENT_SETTID | SIGCHLD, &value, &tid);
	waitpid(pid, &status, 0);
	printf("clone: tid right %d, status %x\n", tid == pid, status);
	pid = vfork();
	if (pid == 0)
		_exit(9);
	waitpid(pid, &status, 0);
	printf("vfork: status %x\n", status);
}

int main(void)
{
	unsigned long low;

	setvbuf(stdout, NULL, _IONBF, 0);
	mkdir("/tmp/calls", 0755);
	if (chdir("/tmp/calls"))
		return 1;
	files();
	directory();
	waiting();
	times_and_limits();
	clones();
	low = (unsigned long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	printf("MAP_32BIT: %d\n", low >> 31 == 0);
	unlink("file");
	unlink("link");
	return rmdir("/tmp/calls");
}
