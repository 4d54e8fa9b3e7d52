/*
 * orphan: zombies wait for their parent, orphans go to init, and init reaps.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap(void)
{
	struct timespec ms = { 0, 10 * 1000 * 1000 };

	nanosleep(&ms, NULL);
}

int main(void)
{
	int fd[2], status, n;
	pid_t pid, orphan, parent;
	siginfo_t info;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(5);
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
	printf("orphan: zombie: kill(pid, 0) %s, status %d\n",
	       kill(pid, 0) ? strerror(errno) : "finds it", info.si_status);
	waitpid(pid, &status, 0);
	printf("orphan: reaped: kill(pid, 0): %s, status %d\n",
	       kill(pid, 0) ? strerror(errno) : "finds it", WEXITSTATUS(status));
	printf("orphan: wait without children: %s\n", wait(NULL) < 0 ? strerror(errno) : "?");

	/* The middle process dies first; its child sees another parent. */
	if (pipe(fd))
		return 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		parent = getpid();
		if (fork() == 0) {
			while (getppid() == parent)
				nap();
			parent = getppid();
			orphan = getpid();
			if (write(fd[1], &parent, sizeof(parent)) != sizeof(parent) ||
			    write(fd[1], &orphan, sizeof(orphan)) != sizeof(orphan))
				_exit(1);
			_exit(0);
		}
		_exit(0);
	}
	close(fd[1]);
	waitpid(pid, NULL, 0);
	if (read(fd[0], &parent, sizeof(parent)) != sizeof(parent) ||
	    read(fd[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		return 1;
	printf("orphan: the orphan's parent is %d\n", parent);
	for (n = 0; n < 500 && kill(orphan, 0) == 0; n++)
		nap();
	printf("orphan: init %s\n", n < 500 ? "reaped it" : "left a zombie");

	/* SIGCHLD ignored: no zombies at all. */
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			_exit(i);
	while (wait(NULL) > 0)
		;
	printf("orphan: SIGCHLD ignored: %s\n", strerror(errno));
	signal(SIGCHLD, SIG_DFL);

	/* WNOHANG and process groups. */
	if (pipe(fd))
		return 1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		char c;

		setpgid(0, 0);
		close(fd[1]);
		_exit(read(fd[0], &c, 1) == 1 ? 6 : 7);
	}
	setpgid(pid, pid);
	close(fd[0]);
	printf("orphan: WNOHANG: %d\n", (int)waitpid(pid, &status, WNOHANG));
	printf("orphan: another group: %s\n",
	       waitpid(0, &status, 0) < 0 ? strerror(errno) : "?");
	if (write(fd[1], "x", 1) != 1)
		return 1;
	n = waitpid(-pid, &status, 0) == pid;
	printf("orphan: its own group: %s, status %d\n", n ? "found" : "lost",
	       WEXITSTATUS(status));
	printf("orphan: ok\n");
	return 0;
}
