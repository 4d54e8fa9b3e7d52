/*
 * Runs test cases at CPL 3 on whatever machine this is booted on, in the tables of native_test.go: with the page, segment and descriptor
 * tables of the machine under test, so that every fault can be compared. Cases are in physical memory at CASES, behind their number and sum;
 * results go to RESULTS.
 */
typedef unsigned char u8;
typedef unsigned int u32;

#define KERNEL 0x7f000000u
#define CODE (KERNEL + 0xc000)	/* the pages of user code and data */
#define DATA (KERNEL + 0xd000)
#define CASES (KERNEL + 0x1000000)
#define RESULTS (KERNEL + 0x2000000)
#define USER_CODE 0x10000000u
#define WINDOW 1024
#define CODE_MAX 512
#define END_VECTOR 0xf0
#define DONE 0x656e6f64		/* behind the last result */

/* nativeCase and nativeResult of native_test.go. */
struct test_case {
	u32 regs[8], eflags, segs[6], code_len;
	u8 fx[512], code[CODE_MAX], window[WINDOW];
};

struct result {
	u32 regs[8], eflags, eip, trap, error, cr2, segs[6];
	u8 fx[512], window[WINDOW];
};

struct frame {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, esp0, ebx, edx, ecx, eax;
	u32 vector;
	u32 rest[6];
};

extern u8 fx_out[512];
void enter(const u32 regs[8], const u32 segs[6], const u32 frame[5], const u8 fx[512]);

static struct result *out;
static u8 fx_in[512] __attribute__((aligned(16)));

static void copy(void *to, const void *from, u32 n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void fill(void *to, u8 v, u32 n)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(v) : "memory");
}

void collected(const struct frame *f)
{
	const u32 *p = f->rest;
	u32 cr2;

	out->regs[0] = f->eax;
	out->regs[1] = f->ecx;
	out->regs[2] = f->edx;
	out->regs[3] = f->ebx;
	out->regs[5] = f->ebp;
	out->regs[6] = f->esi;
	out->regs[7] = f->edi;
	if (f->vector != END_VECTOR) {
		out->trap = f->vector + 1;
		if (f->vector == 8 || (f->vector >= 10 && f->vector <= 14) || f->vector == 17)
			out->error = *p++;
		if (f->vector == 14) {
			__asm__("mov %%cr2, %0" : "=r"(cr2));
			out->cr2 = cr2;
		}
		out->segs[0] = f->es & 0xffff;
		out->segs[1] = p[1] & 0xffff;
		out->segs[2] = p[4] & 0xffff;
		out->segs[3] = f->ds & 0xffff;
		out->segs[4] = f->fs & 0xffff;
		out->segs[5] = f->gs & 0xffff;
	}
	out->eip = p[0];
	if (!(p[1] & 4))
		out->eip -= USER_CODE;
	if (f->vector == END_VECTOR)
		out->eip -= 2;
	out->eflags = p[2];
	out->regs[4] = p[3];
	copy(out->fx, fx_out, 512);
	copy(out->window, (u8 *)DATA + 4096 - WINDOW, WINDOW);
}

/*
 * Bochs reads a file into one piece of its memory, but decides where a block of 128 KiB lies when it is first touched: in that order. So the
 * cases are read from first to last before anything else is touched. Should a Bochs do otherwise, the sum tells.
 */
static int complete(const u32 *header)
{
	const u32 *p = header + 4, *end = p + header[0] * (sizeof(struct test_case) / 4);
	u32 sum = 0;

	while (p < end)
		sum += *p++;
	return sum == header[1];
}

void run_all(void)
{
	const struct test_case *t = (const struct test_case *)(CASES + 16);
	u32 n = *(const u32 *)CASES;

	if (!complete((const u32 *)CASES))
		return;
	out = (struct result *)RESULTS;
	for (; n--; t++, out++) {
		static const u32 plain[6] = { 0x2b, 0x23, 0x2b, 0x2b, 0, 0 };
		const u32 *segs = t->segs[1] ? t->segs : plain;
		u8 *code = (u8 *)CODE;
		u32 frame[5] = { segs[1] & 4 ? 0 : USER_CODE, segs[1], t->eflags | 0x202, t->regs[4], segs[2] };

		fill(code, 0xcc, 4096);
		copy(code, t->code, t->code_len);
		if (!t->segs[1]) {
			code[t->code_len] = 0xcd;
			code[t->code_len + 1] = END_VECTOR;
		}
		fill((u8 *)DATA, 0, 4096 - WINDOW);
		copy((u8 *)DATA + 4096 - WINDOW, t->window, WINDOW);
		copy(fx_in, t->fx, 512);
		fill(out, 0, sizeof *out);
		enter(t->regs, segs, frame, fx_in);
	}
	*(u32 *)out = DONE;
}
