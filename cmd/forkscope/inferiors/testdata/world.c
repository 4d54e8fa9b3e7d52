/* What a program finds when it starts, and what becomes of what it prints. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void look(int argc, char **argv)
{
	sigset_t mask;
	char text[4096];
	int i, n;

	printf("%d arguments, %s\n", argc, argv[0]);
	printf("directory %s\n", getcwd(text, sizeof text));
	n = readlink("/proc/self/exe", text, sizeof text - 1);
	text[n < 0 ? 0 : n] = 0;
	printf("program %s\n", text);
	for (i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) != -1)
			printf("file %d is open\n", i);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (i = 1; i < 32; i++)
		if (sigismember(&mask, i))
			printf("signal %d is blocked\n", i);
	printf("has a parent %d, leads its group %d\n", getppid() > 0, getpgrp() == getpid());
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
