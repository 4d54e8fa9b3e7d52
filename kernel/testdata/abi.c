/*
 * abi: what an x86-64 program sees of its kernel beside the system calls' results: exceptions as signals, the
 * frames of handlers, what sigreturn accepts, segments and their bases. Every line is the same on any Linux.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define KERNEL_TEXT	0xffffffff80000000UL
#define DIRECT_MAP	0xffff888000000000UL
#define NONCANONICAL	0x8000000000000000UL

static sigjmp_buf back;
static char altstack[64 * 1024];

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	printf("signal %d, code %d, trap %lld, error %llx\n", sig, info->si_code,
	       uc->uc_mcontext.gregs[REG_TRAPNO], uc->uc_mcontext.gregs[REG_ERR]);
	siglongjmp(back, 1);
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigaction(sig, &sa, NULL);
}

static void handle_faults(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };

	for (unsigned int i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		handle(signals[i], on_fault, SA_ONSTACK);
}

/* What happens at something that faults. */
#define FAULT(what, ...)				\
	do {						\
		printf("%s: ", what);			\
		if (!sigsetjmp(back, 1)) {		\
			__VA_ARGS__;			\
			printf("no signal\n");		\
		}					\
	} while (0)

static void jump(unsigned long address)
{
	((void (*)(void))address)();
}

static void exceptions(void)
{
	unsigned short cw = 0x37b;		/* division by zero is not masked */
	char *volatile page;
	int fd;

	FAULT("read of 16", *(volatile int *)16);
	FAULT("write of 16", *(volatile int *)16 = 1);
	FAULT("read of the kernel", *(volatile int *)KERNEL_TEXT);
	FAULT("write of the kernel's map", *(volatile int *)DIRECT_MAP = 1);
	FAULT("read beyond 47 bits", *(volatile int *)NONCANONICAL);
	FAULT("read of the last page", *(volatile int *)0x7ffffffff000);
	FAULT("jump to the kernel", jump(KERNEL_TEXT));
	FAULT("jump beyond 47 bits", jump(NONCANONICAL));
	FAULT("division by zero", __asm__ volatile("xorl %%edx, %%edx; divl %0" : : "r" (0) : "rax", "rdx"));
	FAULT("ud2", __asm__ volatile("ud2"));
	FAULT("int3", __asm__ volatile("int3"));
	FAULT("int $4", __asm__ volatile("int $4"));
	FAULT("hlt", __asm__ volatile("hlt"));
	FAULT("cli", __asm__ volatile("cli"));
	FAULT("inb", __asm__ volatile("inb $0x80, %%al" : : : "rax"));
	FAULT("x87 division by zero",
	      __asm__ volatile("fldcw %0; fld1; fldz; fdivrp; fwait" : : "m" (cw)));
	__asm__ volatile("fninit");

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = 0xc3;				/* ret */
	FAULT("execution of data", jump((unsigned long)page));
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	FAULT("execution after mprotect", jump((unsigned long)page));

	fd = open("/tmp/abi", O_RDWR | O_CREAT | O_TRUNC, 0600);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	FAULT("write beyond a file", page[5000] = 1);
}

static volatile int steps;

static void on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	if (++steps == 1)
		printf("step: code %d, trap %lld\n", info->si_code, uc->uc_mcontext.gregs[REG_TRAPNO]);
	if (steps == 10)
		uc->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}

/* The trap flag, over system calls. */
static void single_steps(void)
{
	handle(SIGTRAP, on_step, 0);
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq\n"
			 "movl $39, %%eax; syscall; nop; movl $39, %%eax; syscall\n"
			 ".rept 20; nop; .endr\n" : : : "rax", "rcx", "r11", "memory", "cc");
	printf("steps: %d\n", steps);
}

static unsigned short selector(ucontext_t *uc, int i)
{
	return uc->uc_mcontext.gregs[REG_CSGSFS] >> (16 * i);
}

static void on_info(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct _libc_fpstate *fp = uc->uc_mcontext.fpregs;
	unsigned int *sw = (unsigned int *)((char *)fp + 464), eax, ebx, ecx, edx, mxcsr, xmm15;
	unsigned short cw;

	(void)sig;
	__asm__ volatile("movd %%xmm15, %0; fnstcw %1; stmxcsr %2" : "=r" (xmm15), "=m" (cw), "=m" (mxcsr));
	printf("handler: control %x, mxcsr %x, xmm15 %x\n", cw, mxcsr, xmm15);
	printf("frame: cs %x, gs %x, fs %x, ss %x, stack %lu, fp state %lu\n", selector(uc, 0), selector(uc, 1),
	       selector(uc, 2), selector(uc, 3), (unsigned long)__builtin_frame_address(0) % 16, (unsigned long)fp % 64);
	printf("frame: siginfo at %ld, control %x, mxcsr %x, xmm15 %x\n", (long)((char *)info - (char *)uc),
	       fp->cwd, fp->mxcsr, fp->_xmm[15].element[0]);
	__cpuid(1, eax, ebx, ecx, edx);
	if (ecx & (1 << 27)) {			/* the kernel uses XSAVE */
		__cpuid_count(0xd, 0, eax, ebx, ecx, edx);
		printf("frame: xsave %d\n", uc->uc_flags == 7 && sw[0] == 0x46505853 && sw[1] == ebx + 4 &&
		       sw[4] == ebx && *(unsigned int *)((char *)fp + ebx) == 0x46505845);
	} else {
		printf("frame: xsave %d\n", uc->uc_flags == 6 && sw[0] == 0);
	}
	fp->_xmm[15].element[0] = 0x1234;
}

/* A handler begins with new registers, and what it changes in the frame counts. */
static void signal_frame(void)
{
	unsigned short cw = 0x27f;
	unsigned int mxcsr = 0x3f80, x = 0xabcd;
	long pid = getpid(), xmm15, near, far;

	handle(SIGUSR1, on_info, 0);
	__asm__ volatile("fldcw %3; ldmxcsr %4; movd %5, %%xmm15\n"
			 "movq $0x1111, -8(%%rsp); movq $0x2222, -128(%%rsp)\n"
			 "movl $10, %%esi; movl $62, %%eax; syscall\n"
			 "movd %%xmm15, %k0; movq -8(%%rsp), %1; movq -128(%%rsp), %2\n"
			 : "=&b" (xmm15), "=&r" (near), "=&r" (far)
			 : "m" (cw), "m" (mxcsr), "r" (x), "D" (pid)
			 : "rax", "rsi", "rcx", "r11", "memory", "xmm15");
	printf("after: xmm15 %lx, red zone %lx %lx\n", xmm15, near, far);
	mxcsr = 0x1f80;
	__asm__ volatile("fninit; ldmxcsr %0" : : "m" (mxcsr));
}

static const struct change {
	const char *what;
	int reg;			/* -1: the pointer to the fp state */
	int shift;			/* of 16 bits, -1: all of it */
	unsigned long value;
} changes[] = {
	{ "cs of the kernel", REG_CSGSFS, 0, 0x13 },
	{ "cs null", REG_CSGSFS, 0, 0 },
	{ "cs that is none", REG_CSGSFS, 0, 0x7b },
	{ "ss of the kernel", REG_CSGSFS, 48, 0x1b },
	{ "ss null", REG_CSGSFS, 48, 0 },
	{ "rip beyond 47 bits", REG_RIP, -1, NONCANONICAL },
	{ "rip in the kernel", REG_RIP, -1, KERNEL_TEXT },
	{ "rip in the last page", REG_RIP, -1, 0x7fffffffffff },
	{ "flags of the kernel's", REG_EFL, -1, 0x3000 | 0x20000 | 0x4000 | 0x202 },
	{ "a bad fp state", -1, -1, 1 },
	{ "no fp state", -1, -1, 0 },
};

static const struct change *change;

static void on_change(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *reg = &uc->uc_mcontext.gregs[change->reg];

	(void)sig, (void)info;
	if (change->reg < 0)
		uc->uc_mcontext.fpregs = (void *)change->value;
	else if (change->shift < 0)
		*reg = change->value;
	else
		*reg = (*reg & ~(0xffffL << change->shift)) | change->value << change->shift;
}

/* A return from a handler to what cannot be, or must not. */
static void changed_frames(void)
{
	unsigned long flags;
	int status;

	handle_faults();
	handle(SIGUSR2, on_change, 0);
	for (unsigned int i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		change = &changes[i];
		if (fork() == 0) {
			FAULT(change->what, raise(SIGUSR2));
			__asm__ volatile("pushfq; popq %0" : "=r" (flags));
			printf("flags %lx\n", flags & 0x3f7300);
			_exit(0);
		}
		wait(&status);
		if (status)
			printf("status %x\n", status);
	}
}

static long arch_prctl(int option, unsigned long arg)
{
	return syscall(SYS_arch_prctl, option, arg) ? errno : 0;
}

static void bases(void)
{
	static long cell = 0x77;
	unsigned long base, value;

	printf("get fs: %ld, ", arch_prctl(0x1003, (unsigned long)&base));
	printf("right %d\n", base == (unsigned long)__builtin_thread_pointer());
	printf("set gs: %ld\n", arch_prctl(0x1001, (unsigned long)&cell));
	usleep(1000);
	__asm__("movq %%gs:0, %0" : "=r" (value));
	arch_prctl(0x1004, (unsigned long)&base);
	printf("gs: %lx, base right %d\n", value, base == (unsigned long)&cell);
	printf("set fs to the kernel: %ld\n", arch_prctl(0x1002, DIRECT_MAP));
	printf("get fs to nowhere: %ld\n", arch_prctl(0x1003, 16));
	printf("no such option: %ld\n", arch_prctl(0x9999, 0));
}

/* Selectors stay with a task, and go to its children. */
static void segments(void)
{
	struct user_desc desc = {
		.entry_number = 1, .base_addr = 0x1000, .limit = 0xfffff,
		.seg_32bit = 1, .limit_in_pages = 1, .useable = 1,
	};
	unsigned int ds = 0x2b, gs = 0xf, cs, ss, es, fs;
	unsigned long base;

	__asm__("movl %%cs, %0; movl %%ss, %1; movl %%es, %2; movl %%fs, %3" : "=r" (cs), "=r" (ss), "=r" (es), "=r" (fs));
	printf("cs %x, ss %x, es %x, fs %x\n", cs, ss, es, fs);
	printf("modify_ldt: %ld\n", syscall(SYS_modify_ldt, 1, &desc, sizeof(desc)));
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %1, %%gs" : : "r" (ds), "r" (gs));
	usleep(1000);
	fflush(stdout);
	for (int child = fork() == 0; ; child = 0) {
		__asm__ volatile("movl %%ds, %0; movl %%es, %1; movl %%gs, %2" : "=r" (ds), "=r" (es), "=r" (gs));
		arch_prctl(0x1004, (unsigned long)&base);
		if (!child)
			wait(NULL);
		printf("ds %x, es %x, gs %x, base %lx\n", ds, es, gs, base);
		if (child)
			_exit(0);
		break;
	}
	ds = 0;
	__asm__ volatile("movl %0, %%ds; movl %0, %%es; movl %0, %%gs" : : "r" (ds));
	printf("set_thread_area: %ld, ", syscall(SYS_set_thread_area, &desc));
	printf("%s\n", strerror(errno));
}

int main(void)
{
	stack_t ss = { .ss_sp = altstack, .ss_size = sizeof(altstack) };

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaltstack(&ss, NULL);
	handle_faults();
	exceptions();
	single_steps();
	signal_frame();
	changed_frames();
	bases();
	segments();
	return 0;
}
