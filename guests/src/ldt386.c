/*
 * ldt386: modify_ldt: segments with bases and limits, 16-bit code, what is refused, and who has the table after fork, clone and exec.
 * (No access here is beyond a limit or against a segment's rights: QEMU lets those pass.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>

struct user_desc {
	unsigned int entry_number;
	unsigned int base_addr;
	unsigned int limit;
	unsigned int flags;
};

#define SEG_32BIT	0x01
#define CODE		(2 << 1)
#define CONFORMING	(3 << 1)
#define READ_EXEC_ONLY	0x08
#define LIMIT_IN_PAGES	0x10
#define NOT_PRESENT	0x20
#define USEABLE		0x40

static int block[4] = { 1000, 1001, 1002, 1003 };
static sigjmp_buf back;

static long ldt(int func, void *p, unsigned long n)
{
	return syscall(SYS_modify_ldt, func, p, n);
}

static void show(const char *what, long r)
{
	printf("ldt386: %s: %s\n", what, r == -1 ? strerror(errno) : "done");
}

static long set(int func, unsigned int entry, unsigned int base, unsigned int limit, unsigned int flags)
{
	struct user_desc d = { entry, base, limit, flags };

	return ldt(func, &d, sizeof(d));
}

static void caught(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	printf("ldt386: signal %d code %d trap %d error %#x\n", sig, info->si_code, (int)u->uc_mcontext.gregs[REG_TRAPNO],
	       (unsigned int)u->uc_mcontext.gregs[REG_ERR]);
	siglongjmp(back, 1);
}

static unsigned int selector(unsigned int entry) { return entry << 3 | 7; }

static void read_through(const char *what, unsigned int entry, unsigned int offset)
{
	unsigned int value;

	if (sigsetjmp(back, 1) == 0) {
		__asm__ volatile("movw %w1, %%fs\n\tmovl %%fs:(%2), %0" : "=r"(value) : "r"(selector(entry)), "r"(offset));
		printf("ldt386: %s: %u\n", what, value);
	} else {
		printf("ldt386: %s: refused\n", what);
	}
	__asm__ volatile("movw %w0, %%fs" : : "r"(0));
}

static void write_through(const char *what, unsigned int entry)
{
	if (sigsetjmp(back, 1) == 0) {
		__asm__ volatile("movw %w0, %%fs\n\tmovl $77, %%fs:0" : : "r"(selector(entry)));
		printf("ldt386: %s: %d\n", what, block[0]);
	} else {
		printf("ldt386: %s: refused\n", what);
	}
	block[0] = 1000;
	__asm__ volatile("movw %w0, %%fs" : : "r"(0));
}

/* What lar and lsl say of a selector. */
static void describe(unsigned int entry)
{
	unsigned int rights = 0, limit = 0;

	__asm__("larl %2, %0\n\tlsll %2, %1" : "+r"(rights), "+r"(limit) : "r"(selector(entry)) : "cc");
	printf("ldt386: entry %u: rights %#x, limit %#x\n", entry, rights & 0xf0fe00, limit);
}

/* Calls code of a segment of 16 bits, whose base is the code itself: it computes eax * 3 with 16-bit operands. */
static void code16(void)
{
	static const unsigned char text[] = {
		0x89, 0xc3,		/* movw %ax, %bx */
		0x01, 0xd8,		/* addw %bx, %ax */
		0x01, 0xd8,
		0x66, 0xcb,		/* lretl */
	};
	struct { unsigned int offset; unsigned short selector; } __attribute__((packed)) target = { 0, selector(4) };
	unsigned int eax = 0x12347001;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(page, text, sizeof(text));
	show("16-bit code", set(0x11, 4, (unsigned int)page, 4095, CODE));
	describe(4);
	__asm__ volatile("lcall *%1" : "+a"(eax) : "m"(target) : "ebx", "memory", "cc");
	printf("ldt386: 16-bit code computes %#x\n", eax);
}

static int thread(void *arg)
{
	(void)arg;
	return set(0x11, 3, (unsigned int)&block[3], 3, SEG_32BIT) != 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	unsigned int table[8];
	char *stack;
	int status;
	pid_t pid;

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	if (argc > 1) {
		printf("ldt386: after exec: %ld bytes\n", ldt(0, table, sizeof(table)));
		read_through("entry 0 after exec", 0, 0);
		return 0;
	}

	printf("ldt386: no table: %ld bytes\n", ldt(0, table, sizeof(table)));
	read_through("no table", 0, 0);

	show("a segment", set(0x11, 0, (unsigned int)block, sizeof(block) - 1, SEG_32BIT | USEABLE));
	read_through("first word", 0, 0);
	read_through("last word", 0, 12);
	write_through("written", 0);
	describe(0);
	show("in pages", set(1, 1, (unsigned int)block & ~4095, 0, SEG_32BIT | LIMIT_IN_PAGES | USEABLE));
	describe(1);
	show("read-only", set(0x11, 2, (unsigned int)block, 15, SEG_32BIT | READ_EXEC_ONLY));
	describe(2);
	read_through("read-only read", 2, 4);
	show("expand-down", set(0x11, 5, (unsigned int)block - 4096, 4095, SEG_32BIT | 1 << 1));
	describe(5);
	read_through("above its limit", 5, 4096 + 8);
	show("not present", set(0x11, 6, (unsigned int)block, 15, SEG_32BIT | NOT_PRESENT));
	describe(6);
	read_through("not present", 6, 0);
	code16();

	memset(table, 0xaa, sizeof(table));
	printf("ldt386: table of %ld bytes\n", ldt(0, table, sizeof(table)));
	table[0] = table[0] & 0xffff, table[1] &= 0x00f0fe00;	/* neither base nor accessed bit */
	table[4] = table[4] & 0xffff, table[5] &= 0x00f0fe00;
	printf("ldt386: entry 0 %#x %#x, entry 2 %#x %#x\n", table[0], table[1], table[4], table[5]);

	show("entry 8192", set(0x11, 8192, 0, 1, SEG_32BIT));
	show("entry 8191", set(0x11, 8191, (unsigned int)block, 15, SEG_32BIT));
	read_through("entry 8191", 8191, 8);
	show("conforming, new way", set(0x11, 7, 0, 1, CONFORMING));
	show("conforming, absent, new way", set(0x11, 7, 0, 1, CONFORMING | NOT_PRESENT));
	show("conforming, absent, old way", set(1, 7, 0, 1, CONFORMING | NOT_PRESENT));
	show("wrong size", ldt(1, table, 15));
	show("bad address", ldt(1, (void *)8, 16));
	show("reading to a bad address", ldt(0, (void *)8, 16));
	show("no such function", ldt(3, table, 16));
	show("cleared the old way", set(1, 2, 0, 0, 0));
	describe(2);
	read_through("cleared", 2, 0);

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		read_through("child has it", 0, 4);
		set(0x11, 0, (unsigned int)&block[2], 3, SEG_32BIT);
		sched_yield();
		read_through("child's own", 0, 0);
		exit(0);
	}
	waitpid(pid, &status, 0);
	read_through("parent's is as it was", 0, 0);

	stack = malloc(65536);
	fflush(stdout);
	pid = clone(thread, stack + 65536, CLONE_VM | SIGCHLD, NULL);
	waitpid(pid, &status, 0);
	read_through("set by one that shares the memory", 3, 0);

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl(argv[0], argv[0], "again", NULL);
		exit(1);
	}
	waitpid(pid, &status, 0);
	printf("ldt386: status %d\n", WEXITSTATUS(status));
	printf("ldt386: ok\n");
	return 0;
}
