/*
 * tls386: set_thread_area and get_thread_area, thread-local segments across
 * switches and fork, and CLONE_SETTLS with good and bad descriptors.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct user_desc {
	unsigned int entry_number;
	unsigned int base_addr;
	unsigned int limit;
	unsigned int flags;
};

#define SEG_32BIT	0x01
#define READ_EXEC_ONLY	0x08
#define LIMIT_IN_PAGES	0x10
#define NOT_PRESENT	0x20
#define USEABLE		0x40
#define FLAGS		(SEG_32BIT | LIMIT_IN_PAGES | USEABLE)

static int block[4][16];

static const char *error(long r)
{
	return r == -1 ? strerror(errno) : "no error";
}

static unsigned int fs_read(unsigned int entry)
{
	unsigned int value;

	__asm__ volatile("movw %w1, %%fs\n\tmovl %%fs:4, %0"
			 : "=r" (value) : "r" (entry * 8 + 3));
	return value;
}

static unsigned int fs_now(void)
{
	unsigned int value;

	__asm__ volatile("movl %%fs:4, %0" : "=r" (value));
	return value;
}

static long clone_with_tls(struct user_desc *desc)
{
	/* No new stack: fork, but for the segment. */
	return syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, 0, desc, 0);
}

int main(void)
{
	struct user_desc desc, got;
	unsigned int first;
	int status;
	pid_t pid;

	for (int i = 0; i < 4; i++)
		block[i][1] = 1000 + i;

	memset(&desc, 0, sizeof(desc));
	desc.entry_number = -1;
	desc.base_addr = (unsigned int)block[0];
	desc.limit = 0xfffff;
	desc.flags = FLAGS;
	if (syscall(SYS_set_thread_area, &desc)) {
		perror("set_thread_area");
		return 1;
	}
	first = desc.entry_number;
	printf("tls386: libc has entry 6, next free is %u\n", first);
	printf("tls386: through it: %u\n", fs_read(first));

	memset(&got, 0, sizeof(got));
	got.entry_number = first;
	if (syscall(SYS_get_thread_area, &got))
		return 1;
	printf("tls386: get_thread_area: base %s, limit %#x, flags %#x\n",
	       got.base_addr == desc.base_addr ? "right" : "wrong", got.limit, got.flags);

	/* A forked child has the segment, and changes only its own. */
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (fs_now() != 1000)
			_exit(1);
		desc.base_addr = (unsigned int)block[1];
		syscall(SYS_set_thread_area, &desc);
		if (fs_read(first) != 1001)
			_exit(2);
		sched_yield();
		_exit(fs_now() == 1001 ? 0 : 3);
	}
	waitpid(pid, &status, 0);
	printf("tls386: child's own segment: status %d; here still %u\n",
	       WEXITSTATUS(status), fs_now());

	desc.entry_number = first;
	desc.base_addr = (unsigned int)block[2];
	fflush(stdout);
	pid = clone_with_tls(&desc);
	if (pid == 0)
		_exit(fs_now() == 1002 ? 0 : 1);
	waitpid(pid, &status, 0);
	printf("tls386: CLONE_SETTLS: status %d; here still %u\n", WEXITSTATUS(status),
	       fs_now());

	printf("tls386: CLONE_SETTLS at 8: %s\n", error(clone_with_tls((void *)8)));
	desc.entry_number = 5;
	printf("tls386: CLONE_SETTLS entry 5: %s\n", error(clone_with_tls(&desc)));
	desc.entry_number = 9;
	printf("tls386: CLONE_SETTLS entry 9: %s\n", error(clone_with_tls(&desc)));
	memset(&desc, 0, sizeof(desc));
	desc.entry_number = 7;
	desc.flags = READ_EXEC_ONLY | NOT_PRESENT;
	printf("tls386: CLONE_SETTLS empty: %s\n", error(clone_with_tls(&desc)));

	printf("tls386: set_thread_area at 8: %s\n", error(syscall(SYS_set_thread_area, 8)));
	desc.entry_number = 12;
	printf("tls386: set_thread_area entry 12: %s\n",
	       error(syscall(SYS_set_thread_area, &desc)));
	got.entry_number = 2;
	printf("tls386: get_thread_area entry 2: %s\n",
	       error(syscall(SYS_get_thread_area, &got)));

	/* Cleared: the selector can no longer be loaded. */
	desc.entry_number = first;
	if (syscall(SYS_set_thread_area, &desc))
		return 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(fs_read(first));
	waitpid(pid, &status, 0);
	printf("tls386: after clearing it: %s\n", WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGSEGV ? "SIGSEGV" : "?");
	printf("tls386: ok\n");
	return 0;
}
