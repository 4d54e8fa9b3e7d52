/*
 * pkeys64: rights of protection keys belong to a thread: fork copies them, exec
 * and signal handlers begin with none but key 0's, and sigreturn brings them
 * back, as pkeys(7) says.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PKEY_DISABLE_ACCESS	1
#define PKEY_DISABLE_WRITE	2

#define INITIAL	0x55555554U		/* no access but by key 0 */

static sigjmp_buf back;
static char *page;
static char altstack[64 * 1024];

static int pkey_alloc(unsigned long flags, unsigned long rights)
{
	return syscall(SYS_pkey_alloc, flags, rights);
}

static int pkey_free(int key)
{
	return syscall(SYS_pkey_free, key);
}

static int pkey_mprotect(void *start, size_t len, int prot, int key)
{
	return syscall(SYS_pkey_mprotect, start, len, prot, key);
}

/* Bit 4 of CPUID 7's ecx: the kernel has switched them on. */
static int have_keys(void)
{
	unsigned int eax = 7, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	return ecx >> 4 & 1;
}

static unsigned int rdpkru(void)
{
	unsigned int eax, edx;

	__asm__ volatile("rdpkru" : "=a" (eax), "=d" (edx) : "c" (0));
	return eax;
}

static void wrpkru(unsigned int pkru)
{
	__asm__ volatile("wrpkru" : : "a" (pkru), "c" (0), "d" (0) : "memory");
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	printf("signal %d, code %d, key %u, address %s, handler's rights %x\n",
	       sig, info->si_code, *(unsigned int *)((char *)info + 32),	/* si_pkey */
	       (char *)info->si_addr == page ? "right" : "wrong", rdpkru());
	siglongjmp(back, 1);
}

static void on_signal(int sig)
{
	printf("signal %d, handler's rights %x\n", sig, rdpkru());
	wrpkru(0);
}

/* An access with the rights of key 1 as they are to be. */
static void try(const char *what, unsigned int rights, int write)
{
	wrpkru((INITIAL & ~0xcU) | rights << 2);
	printf("%s: ", what);
	if (!sigsetjmp(back, 1)) {
		if (write)
			*(volatile char *)page = 5;
		else
			(void)*(volatile char *)page;
		printf("fine\n");
	}
	wrpkru(INITIAL & ~0xcU);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };
	int key, more, fd;
	long got;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (!have_keys()) {
		key = pkey_alloc(0, 0);
		printf("no keys: %d, %s\n", key, strerror(errno));
		return 0;
	}
	if (argc > 1) {
		printf("after exec: rights %x, ", rdpkru());
		printf("key %d\n", pkey_alloc(0, 0));
		return 0;
	}
	printf("begin: rights %x\n", rdpkru());
	key = pkey_alloc(0, PKEY_DISABLE_WRITE);
	printf("key %d, rights %x\n", key, rdpkru());
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = 1;
	printf("pkey_mprotect: %d\n", pkey_mprotect(page, 4096, PROT_READ | PROT_WRITE, key));
	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	signal(SIGUSR1, on_signal);

	try("read, no write", PKEY_DISABLE_WRITE, 0);
	try("write, no write", PKEY_DISABLE_WRITE, 1);
	try("read, no access", PKEY_DISABLE_ACCESS, 0);
	try("write, all", 0, 1);
	wrpkru(INITIAL);
	fd = open("/dev/zero", O_RDONLY);
	got = read(fd, page, 4);
	printf("the kernel's write, no access: %ld, %s\n", got, strerror(errno));

	wrpkru(INITIAL & ~0xf0U);
	raise(SIGUSR1);
	printf("after the handler: rights %x\n", rdpkru());
	if (fork() == 0) {
		printf("child: rights %x, ", rdpkru());
		more = pkey_alloc(0, 0);
		printf("key %d\n", more);
		usleep(1000);
		printf("child, later: rights %x\n", rdpkru());
		execv("/proc/self/exe", (char *[]) { argv[0], "again", NULL });
	}
	wait(NULL);
	printf("parent: rights %x\n", rdpkru());
	printf("free: %d, ", pkey_free(key));
	printf("again: %d\n", pkey_free(key));
	printf("of a freed key: %d\n", pkey_mprotect(page, 4096, PROT_READ, key));
	for (more = 0; pkey_alloc(0, 0) > 0; more++)
		;
	printf("%d keys, then: %s\n", more, strerror(errno));
	return 0;
}
