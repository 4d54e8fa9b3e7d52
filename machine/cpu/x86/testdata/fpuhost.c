/*
 * Executes a few instructions on the host's processor, as 32-bit user code, for comparison with the emulated one.
 * Reads records of struct in from standard input and writes one struct out for each. It needs no C library, so that a
 * plain x86-64 gcc can build it: gcc -m32 -static -nostdlib -O1 -mgeneral-regs-only.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define CODE 0x100000
#define DATA 0x101000

struct in {
	u8 code[48];	/* padded with zeros; length in len */
	u32 len;
	u32 regs[8];	/* as encoded; ESP is ignored */
	u32 eflags;
	u8 fx[512];	/* FXSAVE image */
	u8 mem[704];	/* at DATA */
};

struct out {
	u32 signal;	/* 0: completed */
	u32 trap;	/* vector */
	u32 regs[8];
	u32 eflags;
	u8 fx[512];
	u8 mem[704];
};

static struct in in __attribute__((aligned(64)));
static struct out out __attribute__((aligned(64)));
u8 fxin[512] __attribute__((aligned(16)));
u8 fxout[512] __attribute__((aligned(16)));
u32 regs[8], flags, host_esp;
void execute(void);
void resume(void);
void restorer(void);

asm(".text\n"
    "execute:\n"
    "	pushal\n"
    "	pushfl\n"
    "	movl %esp, host_esp\n"
    "	fxrstor fxin\n"
    "	pushl flags\n"
    "	popfl\n"
    "	movl regs, %eax\n"
    "	movl regs+4, %ecx\n"
    "	movl regs+8, %edx\n"
    "	movl regs+12, %ebx\n"
    "	movl regs+20, %ebp\n"
    "	movl regs+24, %esi\n"
    "	movl regs+28, %edi\n"
    "	movl $0x100000, host_jump\n"
    "	jmp *host_jump\n"
    ".globl finish\n"
    "finish:\n"
    "	movl %eax, regs\n"
    "	movl %ecx, regs+4\n"
    "	movl %edx, regs+8\n"
    "	movl %ebx, regs+12\n"
    "	movl %ebp, regs+20\n"
    "	movl %esi, regs+24\n"
    "	movl %edi, regs+28\n"
    "	pushfl\n"
    "	popl flags\n"
    "	fxsave fxout\n"
    "resume:\n"
    "	movl host_esp, %esp\n"
    "	cld\n"
    "	popfl\n"
    "	popal\n"
    "	ret\n"
    "restorer:\n"
    "	movl $173, %eax\n"	/* rt_sigreturn */
    "	int $0x80\n"
    ".data\n"
    "host_jump: .long 0\n"
    ".text\n");
void finish(void);

static int syscall3(int n, u32 a, u32 b, u32 c)
{
	int r;
	asm volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
	return r;
}

static int syscall4(int n, u32 a, u32 b, u32 c, u32 d)
{
	int r;
	asm volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
	return r;
}

static void copy(void *to, const void *from, u32 n)
{
	u8 *t = to;
	const u8 *f = from;
	while (n--)
		*t++ = *f++;
}

static void die(int status)
{
	syscall3(1, status, 0, 0);
}

/* The part of struct ucontext (i386) that is of use: mcontext starts at word 5. */
enum { UC_EDI = 9, UC_ESI, UC_EBP, UC_ESP, UC_EBX, UC_EDX, UC_ECX, UC_EAX, UC_TRAP, UC_ERR, UC_EIP, UC_CS, UC_FLAGS, UC_ESP2, UC_SS, UC_FP };

static void handler(int sig, void *info, u32 *uc)
{
	u8 *fp = (u8 *)uc[UC_FP];
	static const u8 map[8] = { UC_EAX, UC_ECX, UC_EDX, UC_EBX, UC_ESP, UC_EBP, UC_ESI, UC_EDI };
	(void)info;
	out.signal = sig;
	out.trap = uc[UC_TRAP];
	for (int i = 0; i < 8; i++)
		regs[i] = uc[map[i]];
	flags = uc[UC_FLAGS];
	copy(fxout, fp + 112, 512);	/* struct _fpstate_32: the FXSAVE image follows the old FSAVE one */
	uc[UC_EIP] = (u32)resume;
}

static u8 stack[16384] __attribute__((aligned(16)));

static void setup(void)
{
	u32 map[6] = { CODE, 0x3000, 7, 0x32, -1, 0 };	/* private, fixed, anonymous */
	if (syscall3(90, (u32)map, 0, 0) != CODE)
		die(3);
	u32 ss[3] = { (u32)stack, 0, sizeof stack };
	syscall3(186, (u32)ss, 0, 0);
	static const int sigs[] = { 4, 5, 7, 8, 11 };
	for (int i = 0; i < 5; i++) {
		/* SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_NODEFER */
		u32 sa[5] = { (u32)handler, 0x4c000004, (u32)restorer, 0, 0 };
		if (syscall4(174, sigs[i], (u32)sa, 0, 8) != 0)
			die(4);
	}
}

/* Returns 0 at the end of the input. */
static int fill(u8 *p, u32 n)
{
	while (n) {
		int r = syscall3(3, 0, (u32)p, n);
		if (r <= 0)
			return 0;
		p += r;
		n -= r;
	}
	return 1;
}

__attribute__((force_align_arg_pointer)) void _start(void)
{
	setup();
	while (fill((u8 *)&in, sizeof in)) {
		u8 *code = (u8 *)CODE;
		copy(code, in.code, in.len);
		code[in.len] = 0xe9;
		u32 rel = (u32)finish - (CODE + in.len + 5);
		copy(code + in.len + 1, &rel, 4);
		copy((void *)DATA, in.mem, sizeof in.mem);
		copy(fxin, in.fx, 512);
		copy(regs, in.regs, sizeof regs);
		flags = in.eflags;
		out.signal = out.trap = 0;
		execute();
		copy(out.regs, regs, sizeof regs);
		out.eflags = flags;
		copy(out.fx, fxout, 512);
		copy(out.mem, (void *)DATA, sizeof out.mem);
		u8 *p = (u8 *)&out;
		u32 n = sizeof out;
		while (n) {
			int w = syscall3(4, 1, (u32)p, n);
			if (w <= 0)
				die(5);
			p += w;
			n -= w;
		}
	}
	die(0);
}
