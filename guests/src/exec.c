/*
 * exec: what a new program is given (arguments, environment, auxiliary
 * vector, descriptors, signals), and how execve fails.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FD_KEPT		20
#define FD_CLOSED	21

static void handler(int sig)
{
	(void)sig;
}

static int show(int argc, char **argv, char **envp)
{
	unsigned long random = getauxval(AT_RANDOM);
	const char *platform = (const char *)getauxval(AT_PLATFORM);
	const char *execfn = (const char *)getauxval(AT_EXECFN);
	struct sigaction sa;
	int n = 0;

	for (int i = 0; i < argc; i++)
		printf("exec: argv[%d] = \"%s\"\n", i, argv[i]);
	for (; envp[n]; n++)
		printf("exec: envp[%d] = \"%s\"\n", n, envp[n]);
	printf("exec: AT_PAGESZ %lu, AT_CLKTCK %lu, AT_PHENT %s, AT_PHNUM %s\n",
	       getauxval(AT_PAGESZ), getauxval(AT_CLKTCK),
	       getauxval(AT_PHENT) == (sizeof(long) == 8 ? 56 : 32) ? "right" : "wrong",
	       getauxval(AT_PHNUM) >= 2 ? "right" : "wrong");
	printf("exec: AT_PHDR %s, AT_ENTRY %s, AT_RANDOM %s, AT_SECURE %lu\n",
	       getauxval(AT_PHDR) ? "set" : "missing",
	       getauxval(AT_ENTRY) ? "set" : "missing",
	       random ? "set" : "missing", getauxval(AT_SECURE));
	printf("exec: AT_UID %lu, AT_EUID %lu, AT_GID %lu, AT_EGID %lu\n",
	       getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID),
	       getauxval(AT_EGID));
	printf("exec: AT_PLATFORM %s, AT_EXECFN %s\n",
	       platform ? platform : "missing", execfn ? execfn : "missing");
	printf("exec: stack is %saligned\n",
	       ((unsigned long)argv - sizeof(long)) % 16 ? "not " : "");
	printf("exec: descriptor %d is %s, %d is %s\n",
	       FD_KEPT, fcntl(FD_KEPT, F_GETFD) < 0 ? "closed" : "open",
	       FD_CLOSED, fcntl(FD_CLOSED, F_GETFD) < 0 ? "closed" : "open");
	sigaction(SIGUSR1, NULL, &sa);
	printf("exec: SIGUSR1 is %s\n", sa.sa_handler == SIG_DFL ? "default" :
	       sa.sa_handler == SIG_IGN ? "ignored" : "handled");
	sigaction(SIGUSR2, NULL, &sa);
	printf("exec: SIGUSR2 is %s\n", sa.sa_handler == SIG_DFL ? "default" :
	       sa.sa_handler == SIG_IGN ? "ignored" : "handled");
	fflush(stdout);
	return argc;
}

static void fails(const char *path, char **argv, const char *what)
{
	char *envp[] = { NULL };

	execve(path, argv, envp);
	printf("exec: %s: %s\n", what, strerror(errno));
}

static int run(const char *path, char **argv, char **envp)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve(path, argv, envp);
		printf("exec: %s: %s\n", path, strerror(errno));
		exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int main(int argc, char **argv, char **envp)
{
	char *args[] = { "exec", "--show", "", "two words", NULL };
	char *env[] = { "A=1", "EMPTY=", NULL };
	char *script_args[] = { "/tmp/script", "last", NULL };
	char *no_args[] = { NULL };
	char big[200000], *big_args[] = { "exec", big, NULL };
	int fd;

	if (argc > 1 && strcmp(argv[1], "--show") == 0)
		return show(argc, argv, envp);

	fd = open("/dev/null", O_RDWR);
	dup2(fd, FD_KEPT);
	dup3(fd, FD_CLOSED, O_CLOEXEC);
	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	printf("exec: status %d\n", run("/bin/exec", args, env));

	/* A script: its interpreter gets one argument, then the script's path. */
	fd = open("/tmp/script", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (fd < 0 || write(fd, "#! /bin/hello one argument \nrest\n", 33) != 33)
		return 1;
	close(fd);
	printf("exec: status %d\n", run("/tmp/script", script_args, env));

	fails("/bin/no-such", args, "absent");
	fails("/etc/motd/x", args, "below a file");
	fails("/etc/motd", args, "not executable");
	fails("/bin", args, "a directory");
	fd = open("/tmp/garbage", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (fd < 0 || write(fd, "garbage\n", 8) != 8)
		return 1;
	close(fd);
	fails("/tmp/garbage", args, "no known format");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	fails("/bin/exec", big_args, "argument too long");
	(void)no_args;
	unlink("/tmp/script");
	unlink("/tmp/garbage");
	printf("exec: ok\n");
	return 0;
}
