/*
 * cow: copy-on-write in every kind of private memory, and sharing where
 * sharing is asked for. Parent and child write to the same addresses in turn
 * and each must see only what it should.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	16

static int data = 100;
static int bss[PAGE];

static void check(const char *what, long got, long want)
{
	if (got == want)
		return;
	printf("cow: %s is %ld, not %ld\n", what, got, want);
	exit(1);
}

static long sum(const char *p)
{
	long n = 0;

	for (int i = 0; i < PAGES * PAGE; i++)
		n += p[i];
	return n;
}

static void sync_write(int fd)
{
	if (write(fd, "x", 1) != 1)
		exit(1);
}

static void sync_read(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		exit(1);
}

int main(void)
{
	int to_child[2], to_parent[2], status, local = 200;
	int *heap = malloc(sizeof(*heap));
	char *anon = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (anon == MAP_FAILED || shared == MAP_FAILED || !heap ||
	    pipe(to_child) || pipe(to_parent)) {
		perror("cow");
		return 1;
	}
	*heap = 300;
	memset(anon, 1, PAGES * PAGE);
	*shared = 400;
	fflush(stdout);

	if (fork() == 0) {
		/* What the parent had. */
		check("child's data", data, 100);
		check("child's stack", local, 200);
		check("child's heap", *heap, 300);
		check("child's pages", sum(anon), PAGES * PAGE);
		/* Change all of it before the parent looks. */
		data = 101;
		local = 201;
		*heap = 301;
		bss[7] = 5;
		for (int i = 0; i < PAGES; i += 2)
			memset(anon + i * PAGE, 2, PAGE);
		*shared = 401;
		sync_write(to_parent[1]);
		sync_read(to_child[0]);
		/* The parent changed its own. */
		check("child's data", data, 101);
		check("child's bss", bss[7], 5);
		check("child's pages", sum(anon), PAGES * PAGE * 3 / 2);
		check("child's shared page", *shared, 402);
		exit(0);
	}

	sync_read(to_parent[0]);
	check("data", data, 100);
	check("stack", local, 200);
	check("heap", *heap, 300);
	check("bss", bss[7], 0);
	check("pages", sum(anon), PAGES * PAGE);
	check("shared page", *shared, 401);
	printf("cow: child's writes to data, bss, stack, heap and pages stayed there\n");
	printf("cow: child's write to the shared page arrived\n");
	data = 102;
	bss[7] = 6;
	memset(anon, 3, PAGES * PAGE);
	*shared = 402;
	sync_write(to_child[1]);
	wait(&status);
	check("child's status", status, 0);
	check("pages", sum(anon), PAGES * PAGE * 3);
	printf("cow: parent's writes stayed with the parent\n");

	/* A chain: each generation adds one in its own copy. */
	fflush(stdout);
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			return 1;
		}
		if (pid > 0) {
			wait(&status);
			if (i > 0)
				exit(WEXITSTATUS(status) == data ?
				     data - 1 : 99);
			break;
		}
		data++;
		if (i == 4)
			exit(data - 1);
	}
	check("data at the end of the chain", WEXITSTATUS(status), 102);
	check("data at its start", data, 102);
	printf("cow: five generations, five copies\n");
	printf("cow: ok\n");
	return 0;
}
