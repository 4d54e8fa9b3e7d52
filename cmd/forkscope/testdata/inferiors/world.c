/* What a program finds when it starts, and what becomes of what it prints. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void look(int argc, char **argv)
{
	struct sigaction act;
	struct rlimit limit;
	sigset_t mask;
	char text[4096];
	int i, n;

	printf("%d arguments, %s\n", argc, argv[0]);
	printf("directory %s\n", getcwd(text, sizeof text));
	n = readlink("/proc/self/exe", text, sizeof text - 1);
	text[n < 0 ? 0 : n] = 0;
	printf("program %s\n", text);
	for (i = 0; i < 10; i++)
		if (fcntl(i, F_GETFD) != -1)
			printf("file %d is open\n", i);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (i = 1; i < 32; i++) {
		if (sigismember(&mask, i))
			printf("signal %d is blocked\n", i);
		if (sigaction(i, NULL, &act) == 0 && act.sa_handler != SIG_DFL)
			printf("signal %d is not by default\n", i);
	}
	getrlimit(RLIMIT_STACK, &limit);
	printf("stack %ld, has a parent %d\n", (long)limit.rlim_cur, getppid() > 0);
	printf("leads its group %d, umask %o\n", getpgrp() == getpid(), umask(0));
	printf("typed: %d\n", (int)read(0, text, sizeof text));
}

static void talk(void)
{
	int i;

	for (i = 0; i < 3000; i++)
		printf("line %d, which is one of many\n", i);
	for (i = 0; i < 256; i++)
		putchar(i);
	putchar('\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		talk();
	else
		look(argc, argv);
	return 0;
}
