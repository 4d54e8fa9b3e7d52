/*
 * init: the first process. Runs one program as its child, reaps what is
 * orphaned, and powers the machine off with the child's status when it ends.
 *
 *	init [PROGRAM [ARGUMENT...]]
 *
 * Without arguments, the program and its arguments are the NUL-terminated
 * strings in /etc/init.args; without that file, /bin/demo.
 *
 * /etc/init.options, if it is there, holds more NUL-terminated strings:
 *
 *	wait-for-all	keep the machine up until no other process is left,
 *			where otherwise orphans get a moment to finish
 *	plain-console	the terminal echoes nothing and changes no line end:
 *			whoever is at its other end does that
 *	no-program	run none, and keep the machine up
 *	exec=PATH	the file to execute, if its name is not the first argument
 *	dir=PATH	working directory of the program
 *	stdin=PATH	standard input of the program; stdout=PATH and
 *			stderr=PATH likewise
 *	env=NAME=VALUE	a variable of its environment; the first one replaces
 *			the usual environment, and may be empty
 *	requests=PATH	a stream by which further programs are asked for
 *
 * A request is NUL-terminated strings as well, up to an empty one. It has exec=,
 * dir= and env= as above, and an arg= for each of the program's arguments, its
 * name first. In front of these it says what the program needs, each replacing
 * what is there:
 *
 *	mkdir=PATH	a directory, if there is none
 *	link=PATH	a symbolic link; where it leads is the next string
 *	file=MODE SIZE PATH
 *			a file, permissions in octal; its bytes follow
 *
 * The power-off status is the child's exit status, or 128 plus the number of
 * the signal that killed it. Nothing is printed unless the program can't be
 * run: then a line says why, and the status is 127 for a program that is not
 * there, 126 for one that is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define REBOOT_MAGIC1		0xfee1dead
#define REBOOT_MAGIC2		672274793
#define REBOOT_CMD_POWER_OFF	0x4321fedc

/* Seconds that orphans of the child may go on after it: enough to print their
 * last lines, short enough that a daemon does not keep the machine up. */
#define GRACE_SECONDS		1

#define ARGS_FILE		"/etc/init.args"
#define OPTIONS_FILE		"/etc/init.options"

/* What is run, and how. */
struct program {
	const char *exec;	/* NULL is the first argument */
	const char *dir;	/* NULL is init's own */
	char **args, **env;	/* NULL-terminated; no env is the usual one */
};

static struct {
	int wait_for_all, plain_console, no_program;
	const char *requests;		/* NULL is none */
	const char *stream[3];		/* NULL is the console */
	struct program program;
} options;

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

static void on_signal(int sig)
{
	(void)sig;		/* only interrupts waitpid */
}

/*
 * The NUL-terminated strings of a file as a vector that ends with NULL, or NULL.
 * Both stay allocated: the child that execs them is a copy of this process.
 */
static char **read_strings(const char *path)
{
	int fd = open(path, O_RDONLY), n = 0;
	char **strings, *text;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return NULL;
	text = calloc(1, st.st_size + 1);
	strings = calloc(st.st_size + 1, sizeof(*strings));
	if (!text || !strings || read(fd, text, st.st_size) != st.st_size)
		return NULL;
	close(fd);
	for (char *p = text; p < text + st.st_size; p += strlen(p) + 1)
		strings[n++] = p;
	return strings;
}

/* What follows name in s, or NULL if s begins otherwise. */
static char *value_of(char *s, const char *name)
{
	size_t n = strlen(name);

	return strncmp(s, name, n) ? NULL : s + n;
}

static void read_options(void)
{
	char **words = read_strings(OPTIONS_FILE), **env, *value;

	if (!words)
		return;
	env = words;		/* the variables move to the front of the vector */
	for (char **w = words; *w; w++) {
		if (!strcmp(*w, "wait-for-all"))
			options.wait_for_all = 1;
		else if (!strcmp(*w, "plain-console"))
			options.plain_console = 1;
		else if (!strcmp(*w, "no-program"))
			options.no_program = 1;
		else if ((value = value_of(*w, "exec=")))
			options.program.exec = value;
		else if ((value = value_of(*w, "dir=")))
			options.program.dir = value;
		else if ((value = value_of(*w, "stdin=")))
			options.stream[0] = value;
		else if ((value = value_of(*w, "stdout=")))
			options.stream[1] = value;
		else if ((value = value_of(*w, "stderr=")))
			options.stream[2] = value;
		else if ((value = value_of(*w, "requests=")))
			options.requests = value;
		else if ((value = value_of(*w, "env="))) {
			options.program.env = words;
			if (*value)
				*env++ = value;
		} else
			dprintf(2, "init: %s: unknown: %s\n", OPTIONS_FILE, *w);
	}
	*env = NULL;
}

static void make_console_plain(void)
{
	struct termios t;

	if (tcgetattr(0, &t) < 0)
		return;
	t.c_oflag &= ~OPOST;
	t.c_lflag &= ~(ECHO | ECHONL);
	tcsetattr(0, TCSANOW, &t);
}

/* Makes path the file behind fd, and complains if that can't be. */
static int redirect(int fd, const char *path)
{
	int from = open(path, (fd ? O_WRONLY : O_RDONLY) | O_NOCTTY);

	if (from < 0) {
		dprintf(2, "init: %s: %s\n", path, strerror(errno));
		return -1;
	}
	dup2(from, fd);
	close(from);
	return 0;
}

static void power_off(int status)
{
	syscall(SYS_reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_CMD_POWER_OFF, status);
	_exit(status);		/* not pid 1, or no such call: the best left */
}

/* --- requests ------------------------------------------------------------ */

static struct {
	int fd;			/* -1: there are none */
	size_t at, end;		/* in buf: read and not yet used */
	char buf[1 << 16];
	sigset_t before;	/* the signals that were blocked */
} requests = { .fd = -1 };

/*
 * From here on SIGCHLD comes only while next_end sleeps, which it interrupts: a
 * child that ends in between must not be slept through.
 */
static void open_requests(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t child;

	if (!options.requests)
		return;
	requests.fd = open(options.requests, O_RDONLY | O_CLOEXEC);
	if (requests.fd < 0) {
		dprintf(2, "init: %s: %s\n", options.requests, strerror(errno));
		return;
	}
	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &requests.before);
}

static void unblock_child_signal(void)
{
	if (requests.fd >= 0)
		sigprocmask(SIG_SETMASK, &requests.before, NULL);
}

/* Sees to it that there is something in buf. At the end of the stream there is not, and never will be. */
static int fill(void)
{
	ssize_t n;

	if (requests.at < requests.end)
		return 1;
	while ((n = read(requests.fd, requests.buf, sizeof(requests.buf))) < 0 && errno == EINTR)
		;
	requests.at = 0;
	requests.end = n > 0 ? n : 0;
	return n > 0;
}

/* As realloc, which must not fail: with this process the machine ends. */
static void *grow(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p) {
		dprintf(2, "init: out of memory\n");
		power_off(126);
	}
	return p;
}

/* The next string, allocated; "" at the end of the stream. */
static char *next_string(void)
{
	size_t n = 0, size = 64;
	char *s = grow(NULL, size);

	while (fill() && (s[n] = requests.buf[requests.at++])) {
		if (++n == size)
			s = grow(s, size *= 2);
	}
	s[n] = '\0';
	return s;
}

/* Takes the bytes of a file. It gets its name when it is complete: the one before it may be in use. */
static void receive_file(char *what)
{
	mode_t mode = strtoul(what, &what, 8);
	size_t size = strtoul(what, &what, 10);
	const char *path = what + 1;
	char *temporary = grow(NULL, strlen(path) + sizeof(".new"));
	int fd, bad = 0;

	strcat(strcpy(temporary, path), ".new");
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode);
	while (size && fill()) {
		size_t n = requests.end - requests.at;

		if (n > size)
			n = size;
		if (fd >= 0 && !bad && write(fd, requests.buf + requests.at, n) != (ssize_t)n)
			bad = errno;
		requests.at += n;
		size -= n;
	}
	if (fd < 0 || bad || fchmod(fd, mode) < 0 || rename(temporary, path) < 0) {
		dprintf(2, "init: %s: %s\n", path, strerror(bad ? bad : errno));
		unlink(temporary);
	}
	close(fd);
	free(temporary);
}

static void append(char ***vector, size_t *n, char *s)
{
	*vector = grow(*vector, (*n + 2) * sizeof(**vector));
	if (s)
		(*vector)[(*n)++] = s;
	(*vector)[*n] = NULL;
}

/* Receives one request. What it is made of is a few strings, which stay allocated. */
static void receive(struct program *p)
{
	size_t args = 0, vars = 0;
	char *s, *value;

	append(&p->args, &args, NULL);
	while (*(s = next_string())) {
		if ((value = value_of(s, "mkdir=")))
			mkdir(value, 0755);
		else if ((value = value_of(s, "link="))) {
			unlink(value);
			if (symlink(next_string(), value) < 0)
				dprintf(2, "init: %s: %s\n", value, strerror(errno));
		} else if ((value = value_of(s, "file=")))
			receive_file(value);
		else if ((value = value_of(s, "arg=")))
			append(&p->args, &args, value);
		else if ((value = value_of(s, "exec=")))
			p->exec = value;
		else if ((value = value_of(s, "dir=")))
			p->dir = value;
		else if ((value = value_of(s, "env=")))
			append(&p->env, &vars, *value ? value : NULL);
		else
			dprintf(2, "init: request: unknown: %s\n", s);
	}
}

/* The child: becomes the program, or says why not. */
static void run_program(const struct program *p)
{
	static char *usual[] = {
		"HOME=/", "PATH=/bin", "TERM=linux", NULL,
	};
	const char *path = p->exec ? p->exec : p->args[0];
	int status;

	foreground();
	if (p->dir && chdir(p->dir) < 0) {
		dprintf(2, "init: %s: %s\n", p->dir, strerror(errno));
		_exit(126);
	}
	for (int fd = 0; fd < 3; fd++)
		if (options.stream[fd] && redirect(fd, options.stream[fd]) < 0)
			_exit(126);
	unblock_child_signal();
	execve(path, p->args, p->env ? p->env : usual);
	status = errno == ENOENT ? 127 : 126;
	dprintf(2, "init: %s: %s\n", path, strerror(errno));
	_exit(status);
}

static void serve(void)
{
	struct program p = { 0 };

	receive(&p);
	if (p.args[0] && fork() == 0)
		run_program(&p);
}

/* Sleeps until a child has ended, or a request has come and is served. */
static void sleep_for_request(void)
{
	struct pollfd poll = { .fd = requests.fd, .events = POLLIN };

	if (ppoll(&poll, 1, NULL, &requests.before) <= 0)
		return;
	if (poll.revents & POLLIN)
		serve();
	else
		requests.fd = -1;	/* nobody will ask for anything any more */
}

/* As waitpid for any child, and serves requests meanwhile. */
static pid_t next_end(int *status)
{
	pid_t pid;

	while (requests.fd >= 0) {
		if ((pid = waitpid(-1, status, WNOHANG)))
			return pid;
		sleep_for_request();
	}
	return waitpid(-1, status, 0);
}

/* Without a program of its own, init only does what it is asked for. */
static void idle(void)
{
	if (next_end(NULL) > 0)
		return;
	if (requests.fd >= 0)
		sleep_for_request();
	else
		pause();
}

/* --- the end ------------------------------------------------------------- */

/* Waits for every child there still is, orphans among them. */
static void reap_all(void)
{
	while (next_end(NULL) > 0 || errno == EINTR)
		;
}

/* Waits for every remaining child, at most GRACE_SECONDS. */
static void reap_orphans(void)
{
	struct sigaction sa = { .sa_handler = on_signal };	/* no SA_RESTART */

	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		return;
	sigaction(SIGALRM, &sa, NULL);
	alarm(GRACE_SECONDS);
	while (waitpid(-1, NULL, 0) > 0)
		;
	alarm(0);
}

int main(int argc, char **argv)
{
	static char *default_argv[] = { "/bin/demo", NULL };
	char **args = argv + 1;
	int status = 0;
	pid_t child, pid;

	open_console();
	setsid();
	ioctl(0, TIOCSCTTY, 1);
	read_options();
	if (options.plain_console)
		make_console_plain();
	open_requests();
	while (options.no_program)
		idle();
	if (argc < 2)
		args = read_strings(ARGS_FILE);
	options.program.args = args ? args : default_argv;
	child = fork();
	if (child == 0)
		run_program(&options.program);
	if (child < 0) {
		dprintf(2, "init: fork: %s\n", strerror(errno));
		power_off(127);
	}
	do {
		pid = next_end(&status);
	} while (pid != child && (pid > 0 || errno == EINTR));
	if (pid != child)
		status = 127 << 8;
	if (options.wait_for_all)
		reap_all();
	else
		reap_orphans();
	power_off(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
