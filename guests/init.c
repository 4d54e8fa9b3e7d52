/*
 * init: the first process. Runs one program as its child, reaps what is
 * orphaned, and powers the machine off with the child's status when it ends.
 *
 *	init [PROGRAM [ARGUMENT...]]		default: /bin/demo
 *
 * The power-off status is the child's exit status, or 128 plus the number of
 * the signal that killed it. Nothing is printed unless the program can't be run.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REBOOT_MAGIC1		0xfee1dead
#define REBOOT_MAGIC2		672274793
#define REBOOT_CMD_POWER_OFF	0x4321fedc

/* Seconds that orphans of the child may go on after it: enough to print their
 * last lines, short enough that a daemon does not keep the machine up. */
#define GRACE_SECONDS		1

static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;		/* the kernel gave us its own, or there is none */
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void on_alarm(int sig)
{
	(void)sig;		/* only interrupts waitpid */
}

/* Waits for every remaining child, at most GRACE_SECONDS. */
static void reap_orphans(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };	/* no SA_RESTART */

	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		return;
	sigaction(SIGALRM, &sa, NULL);
	alarm(GRACE_SECONDS);
	while (waitpid(-1, NULL, 0) > 0)
		;
	alarm(0);
}

static void power_off(int status)
{
	syscall(SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_CMD_POWER_OFF, status);
	_exit(status);		/* not pid 1, or no such call: the best left */
}

int main(int argc, char **argv)
{
	static char *default_argv[] = { "/bin/demo", NULL };
	static char *envp[] = {
		"HOME=/", "PATH=/bin", "TERM=linux", NULL,
	};
	char **args = argc > 1 ? argv + 1 : default_argv;
	int status = 0;
	pid_t child, pid;

	open_console();
	child = fork();
	if (child == 0) {
		setsid();
		ioctl(0, TIOCSCTTY, 1);
		execve(args[0], args, envp);
		dprintf(2, "init: cannot run %s: %s\n", args[0], strerror(errno));
		_exit(127);
	}
	if (child < 0) {
		dprintf(2, "init: cannot fork: %s\n", strerror(errno));
		power_off(127);
	}
	do {
		pid = waitpid(-1, &status, 0);
	} while (pid != child && (pid > 0 || errno == EINTR));
	reap_orphans();
	if (pid != child)
		power_off(127);
	power_off(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
