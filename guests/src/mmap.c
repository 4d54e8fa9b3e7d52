/*
 * mmap: brk, anonymous and file mappings, partial munmap, mprotect, and the
 * stack growing by faults.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE	4096UL

static sigjmp_buf back;

static void on_fault(int sig)
{
	siglongjmp(back, sig);
}

/* "yes" if a byte can be read (or written) there, else the signal's name. */
static const char *try(volatile char *p, int write)
{
	switch (sigsetjmp(back, 1)) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case 0:
		break;
	}
	if (write)
		*p = 1;
	else
		(void)*p;
	return "yes";
}

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("mmap: %s: wrong (%s)\n", what, strerror(errno));
	exit(1);
}

static void test_brk(void)
{
	char *start = (char *)syscall(SYS_brk, 0), *end;

	end = (char *)syscall(SYS_brk, start + 5 * PAGE + 100);
	check(end == start + 5 * PAGE + 100, "brk up");
	start[0] = 1;
	end[-1] = 2;
	check(start[PAGE] == 0 && end[-2] == 0, "brk gives zeros");
	end = (char *)syscall(SYS_brk, start + PAGE);
	check(end == start + PAGE, "brk down");
	end = (char *)syscall(SYS_brk, start + 2 * PAGE);
	check(start[PAGE + 50] == 0, "brk up again gives zeros");
	check((char *)syscall(SYS_brk, (char *)16) == start + 2 * PAGE, "brk too low");
	syscall(SYS_brk, start);
	printf("mmap: brk ok\n");
}

static void test_anonymous(void)
{
	char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *q;

	check(p != MAP_FAILED, "mmap");
	for (int i = 0; i < 8; i++)
		check(p[i * PAGE] == 0, "zeros");
	memset(p, 7, 8 * PAGE);

	check(munmap(p + 2 * PAGE, 2 * PAGE) == 0, "munmap of the middle");
	printf("mmap: hole: before %s, first %s, last %s, after %s\n",
	       try(p + 2 * PAGE - 1, 0), try(p + 2 * PAGE, 0),
	       try(p + 4 * PAGE - 1, 0), try(p + 4 * PAGE, 0));
	q = mmap(p + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0);
	check(q == p + 2 * PAGE && *q == 0, "MAP_FIXED into the hole");

	check(mprotect(p, PAGE, PROT_READ) == 0, "mprotect");
	printf("mmap: PROT_READ: read %s, write %s\n", try(p, 0), try(p, 1));
	check(mprotect(p, PAGE, PROT_NONE) == 0, "mprotect");
	printf("mmap: PROT_NONE: read %s, write %s\n", try(p, 0), try(p, 1));
	check(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
	printf("mmap: again PROT_WRITE: read %s, write %s, contents %s\n", try(p, 0),
	       try(p, 1), p[1] == 7 ? "kept" : "lost");

	q = mremap(p + 4 * PAGE, 4 * PAGE, 12 * PAGE, MREMAP_MAYMOVE);
	check(q != MAP_FAILED && q[0] == 7 && q[4 * PAGE - 1] == 7 && q[4 * PAGE] == 0,
	      "mremap");
	check(munmap(q, 12 * PAGE) == 0 && munmap(p, 4 * PAGE) == 0, "munmap");
	printf("mmap: anonymous ok\n");
}

static void test_file(void)
{
	int fd = open("/tmp/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *priv, *shared, c;

	check(fd >= 0 && write(fd, "0123456789", 10) == 10, "write");
	priv = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	check(priv != MAP_FAILED, "mmap of a file");
	printf("mmap: file: \"%.10s\", then %s, behind its last page %s\n", priv,
	       priv[10] == 0 && priv[PAGE - 1] == 0 ? "zeros" : "rubbish",
	       try(priv + PAGE, 0));
	priv[0] = 'X';
	check(pread(fd, &c, 1, 0) == 1 && c == '0', "private write stays private");
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED) {
		printf("mmap: shared file: %s\n", strerror(errno));
		exit(1);
	}
	shared[1] = 'Y';
	check(pread(fd, &c, 1, 1) == 1 && c == 'Y', "shared write reaches the file");
	munmap(shared, PAGE);
	munmap(priv, 2 * PAGE);
	close(fd);
	unlink("/tmp/mapped");
	printf("mmap: file ok\n");
}

static unsigned long __attribute__((noinline)) deep(int n)
{
	volatile char frame[2000];

	frame[0] = n;
	frame[1999] = n;
	return (n ? deep(n - 1) : 0) + frame[0] + frame[1999];
}

static void test_errors(void)
{
	char *p = mmap((void *)PAGE, PAGE, PROT_READ, MAP_PRIVATE, -1, 0);

	printf("mmap: bad descriptor: %s\n", p == MAP_FAILED ? strerror(errno) : "?");
	p = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("mmap: no length: %s\n", p == MAP_FAILED ? strerror(errno) : "?");
	p = mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0);
	printf("mmap: neither shared nor private: %s\n",
	       p == MAP_FAILED ? strerror(errno) : "?");
	printf("mmap: munmap off a page: %s\n",
	       munmap((void *)(PAGE + 1), PAGE) ? strerror(errno) : "?");
	printf("mmap: mprotect of nothing: %s\n",
	       mprotect((void *)(16 * PAGE), PAGE, PROT_READ) ? strerror(errno) : "?");
}

int main(void)
{
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	test_brk();
	test_anonymous();
	test_file();
	printf("mmap: a stack of 4 MB: %lu\n", deep(2000) & 0xff);
	test_errors();
	printf("mmap: ok\n");
	return 0;
}
