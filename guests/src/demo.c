/*
 * demo: fork() seen from the inside. One call returns in two processes; the same
 * address then holds two values, because the first write gave the writer its
 * own copy of the page; a pipe and wait() bring the two together again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int value = 1;		/* one address, shared until somebody writes */

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void child(int to_parent, pid_t parent)
{
	printf("demo: child:  fork() returned 0 in pid %d, whose parent is %d\n",
	       getpid(), getppid());
	printf("demo: child:  value is %d, as the parent left it\n", value);
	value = 2;
	printf("demo: child:  value is %d after writing 2\n", value);
	fflush(stdout);
	if (getppid() != parent)
		exit(2);
	if (write(to_parent, &value, sizeof(value)) != sizeof(value))
		fail("write");
	exit(42);
}

int main(void)
{
	int fd[2], status, theirs;
	pid_t self = getpid(), pid;

	printf("demo: pid %d calls fork()\n", self);
	fflush(stdout);		/* or both would own a copy of the line */
	if (pipe(fd) < 0)
		fail("pipe");

	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		close(fd[0]);
		child(fd[1], self);
	}

	close(fd[1]);
	if (read(fd[0], &theirs, sizeof(theirs)) != sizeof(theirs))
		fail("read");
	printf("demo: parent: fork() returned %d in pid %d\n", pid, getpid());
	printf("demo: parent: the child sends value %d; here it is still %d\n",
	       theirs, value);
	if (waitpid(pid, &status, 0) != pid)
		fail("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 42 || value != 1 || theirs != 2) {
		printf("demo: failed: status %#x\n", status);
		return 1;
	}
	printf("demo: parent: child %d ended with status %d\n", pid, WEXITSTATUS(status));
	printf("demo: done\n");
	return 0;
}
