/*
 * init: the first process. Runs one program as its child, reaps what is
 * orphaned, and powers the machine off with the child's status when it ends.
 *
 *	init [PROGRAM [ARGUMENT...]]
 *
 * Without arguments, the program and its arguments are the NUL-terminated
 * strings in /etc/init.args; without that file, /bin/demo.
 *
 * The power-off status is the child's exit status, or 128 plus the number of
 * the signal that killed it. Nothing is printed unless the program can't be
 * run: then a line says why, and the status is 127 for a program that is not
 * there, 126 for one that is.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REBOOT_MAGIC1		0xfee1dead
#define REBOOT_MAGIC2		672274793
#define REBOOT_CMD_POWER_OFF	0x4321fedc

/* Seconds that orphans of the child may go on after it: enough to print their
 * last lines, short enough that a daemon does not keep the machine up. */
#define GRACE_SECONDS		1

#define ARGS_FILE		"/etc/init.args"

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

/*
 * Makes this process the terminal's foreground group, so that Ctrl-C reaches
 * it. It does not lead the session: the orphans of a session leader get SIGHUP.
 */
static void foreground(void)
{
	signal(SIGTTOU, SIG_IGN);	/* it is a background group that asks */
	setpgid(0, 0);
	tcsetpgrp(0, getpid());
	signal(SIGTTOU, SIG_DFL);
}

static void on_alarm(int sig)
{
	(void)sig;		/* only interrupts waitpid */
}

/*
 * The argument vector in ARGS_FILE, or NULL. Both stay allocated: the child
 * that execs them is a copy of this process.
 */
static char **read_args(void)
{
	int fd = open(ARGS_FILE, O_RDONLY), n = 0;
	char **args, *text;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return NULL;
	text = calloc(1, st.st_size + 1);
	args = calloc(st.st_size + 1, sizeof(*args));
	if (!text || !args || read(fd, text, st.st_size) != st.st_size)
		return NULL;
	close(fd);
	for (char *p = text; p < text + st.st_size; p += strlen(p) + 1)
		args[n++] = p;
	return args;
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
	char **args = argv + 1;
	int status = 0;
	pid_t child, pid;

	open_console();
	setsid();
	ioctl(0, TIOCSCTTY, 1);
	if (argc < 2)
		args = read_args();
	if (!args)
		args = default_argv;
	child = fork();
	if (child == 0) {
		foreground();
		execve(args[0], args, envp);
		status = errno == ENOENT ? 127 : 126;
		dprintf(2, "init: %s: %s\n", args[0], strerror(errno));
		_exit(status);
	}
	if (child < 0) {
		dprintf(2, "init: fork: %s\n", strerror(errno));
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
