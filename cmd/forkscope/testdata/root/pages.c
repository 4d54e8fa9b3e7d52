/*
 * pages FILE...: what the files hold, by every way of reading them, while they
 * are changed, cut, made longer and replaced; the sums of all show whether a
 * change to one is seen in another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE	4096
#define MOST	32	/* files */

static unsigned char buf[1 << 17];

static void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static unsigned sum(const unsigned char *p, size_t n)
{
	unsigned s = 1;

	while (n--)
		s = s * 31 + *p++;
	return s;
}

static unsigned sum_of(const char *name)
{
	int fd = open(name, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf));

	close(fd);
	return sum(buf, n);
}

static void print_all(const char *when, char **names)
{
	printf("%s:", when);
	for (; *names; names++)
		printf(" %08x", sum_of(*names));
	printf("\n");
}

static void look(const char *name)
{
	int fd = open(name, O_RDWR);
	struct stat st;
	size_t whole;
	unsigned char *own, *shared;

	need(fd >= 0 && fstat(fd, &st) == 0, name);
	printf("%s: %d bytes, %d links, %08x", name, (int)st.st_size, (int)st.st_nlink, sum_of(name));
	if (st.st_size) {
		whole = (st.st_size + PAGE - 1) & -PAGE;
		own = mmap(0, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
		shared = mmap(0, whole, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		need(own != MAP_FAILED && shared != MAP_FAILED, "mmap");
		printf(", mapped %08x %08x", sum(own, whole), sum(shared, whole));
		own[0] ^= 0xff;
		own[st.st_size - 1] ^= 0xff;
		printf(", after a private change %08x", sum_of(name));
		shared[st.st_size - 1] ^= 0x55;
		printf(", after a shared one %08x", sum_of(name));
		munmap(own, whole);
		munmap(shared, whole);
	}
	printf("\n");
	close(fd);
}

static void change(const char *name)
{
	int fd = open(name, O_RDWR);
	struct stat st;

	need(fd >= 0 && fstat(fd, &st) == 0, name);
	need(pwrite(fd, "over the end", 12, st.st_size ? st.st_size - 1 : 0) == 12, "pwrite");
	printf("%s: written %08x", name, sum_of(name));
	need(ftruncate(fd, st.st_size / 2) == 0, "ftruncate");
	printf(", cut %08x", sum_of(name));
	need(ftruncate(fd, st.st_size + PAGE + 1) == 0, "ftruncate");
	printf(", longer %08x\n", sum_of(name));
	close(fd);
}

/* A file in the place of one, whose pages may be those that it had. */
static void replace(const char *name)
{
	int fd;

	need(unlink(name) == 0, "unlink");
	fd = open(name, O_RDWR | O_CREAT, 0644);
	memset(buf, 'n', sizeof(buf));
	need(fd >= 0 && write(fd, buf, 5 * PAGE + 7) == 5 * PAGE + 7, "write");
	close(fd);
}

int main(int argc, char **argv)
{
	char *args[MOST + 2] = { 0 };
	int i;

	if (!strcmp(argv[1], "again")) {
		print_all(argv[0], argv + 2);
		return 0;
	}
	for (i = 1; i < argc; i++)
		look(argv[i]);
	print_all("seen", argv + 1);
	for (i = 1; i < argc; i += 2)
		change(argv[i]);
	print_all("changed", argv + 1);
	for (i = 1; i < argc; i += 3)
		replace(argv[i]);
	print_all("replaced", argv + 1);
	fflush(stdout);
	args[0] = "./again";
	args[1] = "again";
	for (i = 1; i < argc && i < MOST; i++)
		args[i + 1] = argv[i];
	execv(args[0], args);
	/* QEMU's user emulation can't where the host has no use for the file. */
	return errno == ENOEXEC ? 0 : 1;
}
