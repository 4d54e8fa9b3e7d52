/* Names that lead to open files, attributes, shared memory, and addresses without memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void say(const char *what, long ret)
{
	printf("%s: %s\n", what, ret < 0 ? strerror(errno) : "ok");
}

/* What comes out of a name for a descriptor. */
static void reopen(const char *what, const char *dir, int fd, int flags)
{
	char path[64], buf[16] = "";
	int f;

	snprintf(path, sizeof(path), "%s/%d", dir, fd);
	f = open(path, flags);
	if (f < 0) {
		say(what, f);
		return;
	}
	if ((flags & O_ACCMODE) == O_RDONLY)
		(void)!read(f, buf, 4);
	else
		(void)!write(f, "more", 4);
	printf("%s: \"%s\"\n", what, buf);
	close(f);
}

static void pipes(void)
{
	struct iovec v[2];
	char buf[16] = "", link[64];
	struct stat a, b;
	int p[2], n;

	(void)!pipe(p);
	(void)!write(p[1], "onetwo", 6);
	reopen("/dev/fd of a pipe", "/dev/fd", p[0], O_RDONLY);
	reopen("write to it", "/proc/self/fd", p[1], O_WRONLY);
	reopen("write to its reading end", "/dev/fd", p[0], O_WRONLY | O_NONBLOCK);
	n = read(p[0], buf, sizeof(buf) - 1);
	printf("%d \"%s\"\n", n, buf);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", p[0]);
	fstat(p[0], &a);
	stat(link, &b);
	printf("one inode: %d\n", a.st_ino == b.st_ino && S_ISFIFO(b.st_mode));
	n = readlink(link, buf, 6);
	printf("named %.*s\n", n, buf);
	reopen("a closed one", "/dev/fd", 99, O_RDONLY);
	dup2(p[0], 0);
	(void)!write(p[1], "stdin", 5);
	n = open("/dev/stdin", O_RDONLY);
	memset(buf, 0, sizeof(buf));
	v[0] = (struct iovec){ buf, 5 };
	v[1] = (struct iovec){ buf + 5, 5 };
	printf("%zd %s\n", readv(n, v, 2), buf);
	close(n);
	close(p[1]);
	printf("end: %zd\n", read(p[0], buf, 1));
	n = open(link, O_RDONLY);
	printf("end, reopened: %zd\n", read(n, buf, 1));
}

static void attributes(void)
{
	const char *proc = "/proc/self/status";
	int fd = open(proc, O_RDONLY);
	char buf[64];

	say("get", getxattr(proc, "security.none", buf, sizeof(buf)));
	say("get of a link", lgetxattr(proc, "security.none", buf, sizeof(buf)));
	say("get of a file", fgetxattr(fd, "security.none", buf, sizeof(buf)));
	say("set", setxattr(proc, "user.none", "x", 1, 0));
	say("set of a file", fsetxattr(fd, "user.none", "x", 1, 0));
	say("remove", lremovexattr(proc, "user.none"));
	printf("list: %zd\n", listxattr(proc, buf, sizeof(buf)));
	printf("list of a file: %zd\n", flistxattr(fd, buf, sizeof(buf)));
	say("of no file", getxattr("/nowhere", "user.none", buf, sizeof(buf)));
	say("list of no file", llistxattr("/nowhere", buf, sizeof(buf)));
	say("of no descriptor", fgetxattr(99, "user.none", buf, sizeof(buf)));
}

static void shared(void)
{
	char memory[32], turn[32];
	int fd, i, status;
	sem_t *sem;
	int *count;

	/* On a host several of us may run at once. */
	snprintf(memory, sizeof(memory), "/forkscope-count-%d", getpid());
	snprintf(turn, sizeof(turn), "/forkscope-turn-%d", getpid());
	fd = shm_open(memory, O_CREAT | O_RDWR, 0600);
	sem = sem_open(turn, O_CREAT, 0600, 1);
	say("shm_open", fd);
	say("sem_open", sem == SEM_FAILED ? -1 : 0);
	say("size", ftruncate(fd, 4096));
	count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (i = 0; i < 3; i++)
		if (!fork()) {
			for (i = 0; i < 100; i++) {
				sem_wait(sem);
				++*count;
				sem_post(sem);
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		;
	printf("counted %d\n", *count);
	shm_unlink(memory);
	sem_unlink(turn);
}

static void addresses(void)
{
	size_t big = sizeof(long) == 8 ? (size_t)1 << 36 : (size_t)1 << 30, page = 4096;
	char *p = mmap(NULL, big, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	say("addresses only", p == MAP_FAILED ? -1 : 0);
	say("a page of them", mprotect(p + big / 2, page, PROT_READ | PROT_WRITE));
	p[big / 2] = 42;
	fflush(stdout);
	if (!fork())
		_exit(p[big / 2]);
	wait(&status);
	printf("a child sees %d\n", WEXITSTATUS(status));
	say("mapped over", mmap(p, page, PROT_READ | PROT_WRITE,
				MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == p ? 0 : -1);
	p[page - 1] = 1;
	say("unmap", munmap(p, big));
	p = mmap(NULL, big, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	say("without a promise", p == MAP_FAILED ? -1 : 0);
	p[big - 1] = 1;
	say("unmap", munmap(p, big));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	pipes();
	attributes();
	shared();
	addresses();
	return 0;
}
