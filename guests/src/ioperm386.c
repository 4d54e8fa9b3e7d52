/*
 * ioperm386: the I/O permission bitmap: refused without, granted port by port,
 * copied by fork and not shared.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT	0x61		/* readable on every PC without harm */

static const char *error(long r)
{
	return r == -1 ? strerror(errno) : "no error";
}

/* A child tries to read the port. */
static const char *try(int port)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		inb(port);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "allowed";
}

int main(void)
{
	int status;
	pid_t pid;

	printf("ioperm386: at first: %s\n", try(PORT));
	printf("ioperm386: beyond the last port: %s\n", error(ioperm(65535, 2, 1)));
	printf("ioperm386: no ports: %s\n", error(ioperm(PORT, 0, 1)));
	if (ioperm(PORT, 1, 1)) {
		perror("ioperm");
		return 1;
	}
	inb(PORT);
	printf("ioperm386: granted, and inherited by fork: %s\n", try(PORT));
	printf("ioperm386: the next port: %s\n", try(PORT + 1));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		ioperm(PORT, 1, 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	inb(PORT);
	printf("ioperm386: given up by a child: still %s\n", try(PORT));
	ioperm(PORT, 1, 0);
	printf("ioperm386: given up: %s\n", try(PORT));
	printf("ioperm386: ok\n");
	return 0;
}
