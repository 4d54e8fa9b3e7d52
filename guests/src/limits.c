/*
 * limits: what the kernel refuses, and how: too many processes, unknown
 * calls, bad pointers, too much memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAD	((void *)8)
#define KERNEL	((void *)(-4096L * 16))

static const char *error(long r)
{
	return r == -1 ? strerror(errno) : "no error";
}

/* Forks children that stay, until the kernel has enough. */
static void fork_bomb(void)
{
	static pid_t pids[100000];
	int n = 0, err;

	fflush(stdout);
	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			for (;;)
				pause();
		}
		if (pid < 0)
			break;
		pids[n++] = pid;
	}
	err = errno;
	printf("limits: fork bomb: more than 100 processes: %s, then: %s\n",
	       n > 100 ? "yes" : "no", strerror(err));
	for (int i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	printf("limits: all killed; wait: %s\n", error(wait(NULL)));
}

static void nproc(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = 5;
	setrlimit(RLIMIT_NOFILE, &files);
	open("/dev/null", O_RDONLY);
	open("/dev/null", O_RDONLY);
	printf("limits: sixth descriptor: %s\n", error(open("/dev/null", O_RDONLY)));
	close(3);
	close(4);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void bad_pointers(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	struct iovec iov = { BAD, 1 };
	int fd[2], zero = open("/dev/zero", O_RDONLY);
	ssize_t n;

	munmap(page + 4096, 4096);
	if (pipe(fd))
		exit(1);
	printf("limits: write from 8: %s\n", error(write(fd[1], BAD, 10)));
	printf("limits: write from the kernel: %s\n", error(write(fd[1], KERNEL, 10)));
	printf("limits: read to 8: %s\n", error(read(zero, BAD, 10)));
	printf("limits: read to the kernel: %s\n", error(read(zero, KERNEL, 10)));
	printf("limits: open at 8: %s\n", error(syscall(SYS_openat, AT_FDCWD, BAD, 0)));
	printf("limits: pipe to 8: %s\n", error(syscall(SYS_pipe2, BAD, 0)));
	printf("limits: writev of 8: %s\n", error(writev(fd[1], &iov, 1)));
	printf("limits: execve at 8: %s\n", error(syscall(SYS_execve, BAD, BAD, BAD)));
	printf("limits: argv at 8: %s\n", error(syscall(SYS_execve, "/bin/hello", BAD, 0)));
	printf("limits: wait to the kernel: %s\n",
	       error(syscall(SYS_wait4, -1, KERNEL, 0, 0)));
	n = write(fd[1], page + 4090, 100);
	printf("limits: write across the end of memory: %s\n",
	       n == 6 || (n == -1 && errno == EFAULT) ? "cut short or refused" : "?");
	n = syscall(SYS_getcwd, page + 4095, 100);
	printf("limits: getcwd across the end of memory: %s\n", error(n));
	printf("limits: descriptor -1: %s\n", error(read(-1, page, 1)));
	close(fd[0]);
	close(fd[1]);
	close(zero);
}

static void calls(void)
{
	printf("limits: call 999: %s\n", error(syscall(999)));
	printf("limits: call -1: %s\n", error(syscall(-1)));
	printf("limits: call 100000: %s\n", error(syscall(100000)));
	printf("limits: thread without shared handlers: %s\n",
	       error(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0)));
	printf("limits: shared handlers without memory: %s\n",
	       error(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0)));
	printf("limits: kill with signal 100: %s\n", error(kill(getpid(), 100)));
	printf("limits: kill of nobody: %s\n", error(kill(30000, 0)));
	printf("limits: wait4 with bad options: %s\n",
	       error(syscall(SYS_wait4, -1, 0, 0x1000, 0)));
	printf("limits: handler for SIGKILL: %s\n",
	       signal(SIGKILL, SIG_IGN) == SIG_ERR ? strerror(errno) : "no error");
	printf("limits: nanosleep of a negative time: %s\n",
	       error(nanosleep(&(struct timespec){ 0, -1 }, NULL)));
}

static void memory(void)
{
	size_t size = 1UL << 20, got = 0;
	char *p;

	p = mmap(NULL, (size_t)-1 / 2 + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("limits: mmap of half of everything: %s\n",
	       p == MAP_FAILED ? strerror(errno) : "no error");
	/* More than the machine has, touched: the process dies, not the machine. */
	fflush(stdout);
	pid_t pid = fork();

	if (pid == 0) {
		while ((p = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED &&
		       got < (2000UL << 20)) {
			for (size_t i = 0; i < size; i += 4096)
				p[i] = 1;
			got += size;
		}
		_exit(p == MAP_FAILED ? 3 : 4);
	}
	int status;

	waitpid(pid, &status, 0);
	printf("limits: touching too much memory: %s\n",
	       WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? "refused" :
	       WIFEXITED(status) && WEXITSTATUS(status) == 3 ? "refused" : "granted");
}

int main(void)
{
	calls();
	bad_pointers();
	nproc();
	memory();		/* first: the kernel names the pid it kills */
	fork_bomb();
	fflush(stdout);
	if (fork() == 0) {
		printf("limits: fork still works\n");
		exit(0);
	}
	wait(NULL);
	printf("limits: ok\n");
	return 0;
}
