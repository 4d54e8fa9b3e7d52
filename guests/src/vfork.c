/*
 * vfork: the parent stands still until the child execs or exits, and the two
 * share their memory until then.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int value;

/*
 * musl has no vfork on arm64, only fork by that name. Inline, so that the child
 * does not return through a frame that the parent still needs.
 */
#ifdef __aarch64__
#define CLONE_VM	0x100
#define CLONE_VFORK	0x4000

static inline __attribute__((always_inline)) pid_t do_vfork(void)
{
	register long x0 __asm__("x0") = CLONE_VM | CLONE_VFORK | SIGCHLD;
	register long x1 __asm__("x1") = 0;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register long x8 __asm__("x8") = SYS_clone;

	__asm__ volatile("svc #0" : "+r" (x0)
			 : "r" (x1), "r" (x2), "r" (x3), "r" (x4), "r" (x8) : "memory");
	return x0;
}
#else
#define do_vfork	vfork
#endif

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc > 1) {
		printf("vfork: the new program's argument is %s\n", argv[1]);
		return 7;
	}

	printf("vfork: value is %d\n", value);
	fflush(stdout);
	pid = do_vfork();
	if (pid < 0) {
		perror("vfork");
		return 1;
	}
	if (pid == 0) {
		value = 42;
		_exit(3);
	}
	/* The child was first, or value would still be 0. */
	printf("vfork: value is %d after the child exited\n", value);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	printf("vfork: the child's status is %d\n", WEXITSTATUS(status));
	fflush(stdout);

	pid = do_vfork();
	if (pid == 0) {
		value = 43;
		execl("/proc/self/exe", "vfork", "again", NULL);
		execl("/bin/vfork", "vfork", "again", NULL);
		_exit(127);
	}
	if (value != 43)
		return 1;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	printf("vfork: the exec'ed child's status is %d\n", WEXITSTATUS(status));
	printf("vfork: ok\n");
	return 0;
}
