/*
 * clonestop: clone with CLONE_STOPPED. The child does not run until SIGCONT.
 * (Linux dropped the flag in 2.6.38; text and kernel here are older.)
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OLD_CLONE_STOPPED	0x02000000

int main(void)
{
	struct timespec nap = { 0, 50 * 1000 * 1000 };
	volatile int *ran = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (ran == MAP_FAILED)
		return 1;
	fflush(stdout);
	pid = syscall(SYS_clone, OLD_CLONE_STOPPED | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0) {
		perror("clone");
		return 1;
	}
	if (pid == 0) {
		*ran = 1;
		_exit(8);
	}
	nanosleep(&nap, NULL);
	printf("clonestop: before SIGCONT the child %s\n", *ran ? "ran" : "waits");
	kill(pid, SIGCONT);
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	printf("clonestop: after it the child %s, status %d\n", *ran ? "ran" : "waits",
	       WEXITSTATUS(status));
	printf("clonestop: ok\n");
	return 0;
}
