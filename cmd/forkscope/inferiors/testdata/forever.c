/* Sleeps, or spins, until someone sets done; the child, if one is asked for, does so while the parent waits. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "rawcall.h"

static volatile int done;
static volatile unsigned count;
static int child_pid;
static int nothing[2], told[2];

/* From here on the process is on the line that says so, for the user and for the parent. */
#define SAY_READY (RAW_CALL(SYS_write, 1, "ready\n", 6) + RAW_CALL(SYS_write, told[1], "", 1))

static void spin(void)
{
	alarm(300); /* nothing is left behind if nobody comes */
	while (!done) if (!count++ && SAY_READY != 7) return; /* on one line, wherever it is stopped */
}

static void nap(void)
{
	char c;

	while (!done) if (SAY_READY != 7 || RAW_CALL(SYS_read, nothing[0], &c, 1) != 1) return;
}

int main(int argc, char **argv)
{
	int status = 0;
	char c = 0;

	if (pipe(nothing) || pipe(told))
		return 9;
	if (argc > 2) {
		child_pid = fork();
		if (child_pid) {
			if (read(told[0], &c, 1) != 1)
				return 8;
			waitpid(child_pid, &status, 0);
			printf("the child left %d\n", WEXITSTATUS(status));
			return 0;
		}
	}
	if (strcmp(argv[1], "spin") == 0)
		spin();
	else
		nap();
	return 3;
}
