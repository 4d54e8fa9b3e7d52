/*
 * Provokes exceptions and prints what the processor says of them on the PL011 of the virt board. The Go test runs
 * it on the interpreter and on QEMU and compares the two outputs.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

struct result {
	u64 vector, esr, far, elr, spsr, x0, x1, x2, x3;
};
extern volatile struct result result;
extern char stubs_start[];
void run(u64 spsr, u64 pc, u64 x1, u64 x2, u64 sp_el0);

#define EL0 0x3c0UL
#define EL1 0x3c5UL
#define EL1T 0x3c4UL
#define PAN (1UL << 22)

#define read_reg(r) ({ u64 v_; __asm__ volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define write_reg(r, v) __asm__ volatile("msr " #r ", %0; isb" : : "r"((u64)(v)) : "memory")

static void put(char c)
{
	*(volatile u32 *)0x09000000 = c;
}

static void puts_(const char *s)
{
	while (*s)
		put(*s++);
}

static void hex(u64 v)
{
	int started = 0;

	for (int i = 60; i >= 0; i -= 4) {
		int d = v >> i & 15;

		if (d || started || i == 0) {
			put(d < 10 ? '0' + d : 'a' + d - 10);
			started = 1;
		}
	}
}

static void show(const char *name, u64 v)
{
	put(' ');
	puts_(name);
	put('=');
	hex(v);
}

/* The tables: a root with the first gigabytes as blocks, and one chain down to a page table for tests. */
static u64 root[512] __attribute__((aligned(4096)));
static u64 low[512] __attribute__((aligned(4096)));
static u64 upper[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 leaf[512] __attribute__((aligned(4096)));
static u64 data[2][512] __attribute__((aligned(4096)));
static u64 code_page[512] __attribute__((aligned(4096)));

#define TEST 0x8000000000UL /* root entry 1 */
#define STUBS (TEST + 0x100000)
#define CODE (TEST + 0x101000)
#define NORMAL (0UL << 2 | 3UL << 8)
#define DEVICE (1UL << 2)
#define AF (1UL << 10)
#define AP(n) ((u64)(n) << 6)
#define PXN (1UL << 53)
#define UXN (1UL << 54)

static void flush(void)
{
	__asm__ volatile("dsb sy; tlbi vmalle1; dsb sy; isb" : : : "memory");
}

static u64 stub(const void *f)
{
	return STUBS + ((u64)f - (u64)stubs_start);
}

/* Runs a stub and prints the exception; the address of the stub itself is printed relative to its start. */
static void attempt(const char *what, u64 mode, const void *f, u64 x1, u64 x2)
{
	u64 pc = stub(f);

	run(mode, pc, x1, x2, (u64)data + 2048);
	puts_(what);
	puts_(mode == EL0 ? " EL0" : mode == EL1 ? " EL1" : mode == EL1T ? " EL1t" : " EL1+PAN");
	show("vector", result.vector);
	show("esr", result.esr);
	/* FAR is unknown after exceptions that do not set it. */
	u64 ec = result.esr >> 26;
	if ((ec >= 0x20 && ec <= 0x25))
		show("far", result.far);
	show("elr", result.elr - pc < 64 ? result.elr - pc : result.elr);
	show("spsr", result.spsr);
	show("x0", result.x0);
	if (result.x1 != x1)
		show("x1", result.x1);
	put('\n');
}

#define TRY(mode, name, x1, x2) do { extern char name[]; attempt(#name, mode, name, x1, x2); } while (0)

static void map_page(int i, u64 descriptor)
{
	leaf[i] = descriptor;
	flush();
}

static void permissions(void)
{
	static const u64 modes[] = { EL0, EL1 };

	for (int ap = 0; ap < 4; ap++) {
		for (int xn = 0; xn < 4; xn++) {
			u64 d = (u64)data | NORMAL | AF | AP(ap) | (xn & 1 ? PXN : 0) | (xn & 2 ? UXN : 0) | 3;

			puts_("page");
			show("ap", ap);
			show("xn", xn);
			put('\n');
			map_page(0, d);
			data[0][0] = 0xd4000001 | 0x55 << 5; /* svc #0x55 */
			for (int m = 0; m < 2; m++) {
				TRY(modes[m], stub_load, TEST, 0);
				TRY(modes[m], stub_store, TEST, data[0][0]);
				TRY(modes[m], stub_call, TEST, 0);
			}
			TRY(EL1, stub_ldtr, TEST, 0);
			TRY(EL1, stub_sttr, TEST, data[0][0]);
			for (int at = 0; at < 4; at++) {
				u64 par;

				switch (at) {
				case 0: __asm__ volatile("at s1e1r, %0; isb" : : "r"(TEST)); break;
				case 1: __asm__ volatile("at s1e1w, %0; isb" : : "r"(TEST)); break;
				case 2: __asm__ volatile("at s1e0r, %0; isb" : : "r"(TEST)); break;
				case 3: __asm__ volatile("at s1e0w, %0; isb" : : "r"(TEST)); break;
				}
				par = read_reg(par_el1);
				show("par", par & 1 ? par : par & 0xfffffffff000);
			}
			put('\n');
		}
	}
}

static void table_attributes(void)
{
	for (int t = 0; t < 16; t++) {
		middle[0] = (u64)leaf | 3 | (u64)t << 59;
		map_page(0, (u64)data | NORMAL | AF | AP(1) | 3);
		puts_("table");
		show("bits", t);
		put('\n');
		data[0][0] = 0xd4000001 | 0x55 << 5;
		TRY(EL0, stub_load, TEST, 0);
		TRY(EL0, stub_store, TEST, data[0][0]);
		TRY(EL0, stub_call, TEST, 0);
		TRY(EL1, stub_store, TEST, data[0][0]);
		map_page(0, (u64)data | NORMAL | AF | AP(3) | 3);
		TRY(EL1, stub_call, TEST, 0);
	}
	middle[0] = (u64)leaf | 3;
	flush();
}

static void levels(void)
{
	u64 page = (u64)data | NORMAL | AF | AP(1) | 3;

	puts_("levels\n");
	TRY(EL1, stub_load, 2UL << 39, 0);        /* level 0 */
	TRY(EL1, stub_load, TEST + (1UL << 30), 0); /* level 1 */
	TRY(EL1, stub_load, TEST + (1UL << 21), 0); /* level 2 */
	TRY(EL1, stub_load, TEST + 0x5000, 0);    /* level 3 */
	TRY(EL0, stub_store, 2UL << 39, 0);
	TRY(EL0, stub_call, TEST + (1UL << 21), 0);
	TRY(EL0, stub_store, TEST + 0x5ff8, 0);
	map_page(0, page & ~AF);
	TRY(EL1, stub_load, TEST, 0);
	TRY(EL0, stub_store, TEST, 0);
	TRY(EL0, stub_call, TEST, 0);
	map_page(0, (page & ~3UL) | 1); /* reserved at level 3 */
	TRY(EL1, stub_load, TEST, 0);
	/* Blocks at levels 1 and 2. */
	upper[2] = 0x40000000UL | NORMAL | AF | AP(0) | 1;
	middle[3] = ((u64)data & ~0x1fffffUL) | NORMAL | AF | AP(2) | 1;
	flush();
	TRY(EL1, stub_load_byte, TEST + (2UL << 30) + ((u64)data & 0x3fffffff), 0);
	TRY(EL0, stub_load, TEST + (2UL << 30), 0);
	TRY(EL1, stub_store, TEST + (3UL << 21) + 64, 0);
	upper[2] &= ~AF;
	middle[3] &= ~AF;
	flush();
	TRY(EL1, stub_load, TEST + (2UL << 30), 0);
	TRY(EL1, stub_load, TEST + (3UL << 21), 0);
	/* Addresses that no table covers. */
	TRY(EL1, stub_load, 0x0123000000000000, 0);
	TRY(EL1, stub_load, 0xffff000000000000, 0);
	TRY(EL0, stub_load, 0xfffe000000000000, 0);
	TRY(EL0, stub_call, 0xffff800000000000, 0);
	TRY(EL1, stub_call, 0x0001000000000000, 0);
	/* An output address beyond the physical address size. */
	write_reg(tcr_el1, read_reg(tcr_el1) & ~(7UL << 32)); /* 32 bits */
	flush();
	map_page(0, page | 1UL << 33);
	TRY(EL1, stub_load, TEST, 0);
	write_reg(tcr_el1, read_reg(tcr_el1) | 2UL << 32);
	map_page(0, page);
}

static void crossing(void)
{
	puts_("crossing\n");
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	map_page(1, 0);
	TRY(EL1, stub_load, TEST + 0xffc, 0);
	TRY(EL0, stub_store, TEST + 0xffd, ~0UL);
	TRY(EL1, stub_load_pair, TEST + 0xff8, 0);
	TRY(EL0, stub_store_pair, TEST + 0xff4, ~0UL);
	TRY(EL1, stub_ldq, TEST + 0xff8, 0);
	map_page(1, (u64)data[1] | NORMAL | AF | AP(3) | 3);
	data[0][511] = 0x1122334455667788;
	data[1][0] = 0x99aabbccddeeff00;
	TRY(EL1, stub_load, TEST + 0xffc, 0);
	TRY(EL0, stub_store, TEST + 0xffb, ~0UL);
	TRY(EL1, stub_load_post, TEST + 0xffc, 0);
	show("word", data[0][511]);
	map_page(1, (u64)data[1] | NORMAL | AF | AP(1) | 3);
	TRY(EL0, stub_store, TEST + 0xffb, 0x0102030405060708);
	show("words", data[0][511]);
	show("and", data[1][0]);
	put('\n');
}

static void alignment(void)
{
	puts_("alignment\n");
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	TRY(EL1, stub_ldxr, TEST + 4, 0);
	TRY(EL0, stub_ldxr, TEST + 1, 0);
	TRY(EL1, stub_ldar, TEST + 4, 0);
	TRY(EL1, stub_stlr, TEST + 2, 0);
	TRY(EL1, stub_call, CODE + 2, 0);
	TRY(EL0, stub_call, CODE + 1, 0);
	write_reg(sctlr_el1, read_reg(sctlr_el1) | 2);
	TRY(EL1, stub_load, TEST + 4, 0);
	TRY(EL1, stub_load_byte, TEST + 3, 0);
	TRY(EL0, stub_store, TEST + 1, 0);
	TRY(EL0, stub_store_pair, TEST + 8, 1);
	TRY(EL0, stub_store_pair, TEST + 12, 1);
	write_reg(sctlr_el1, read_reg(sctlr_el1) & ~2UL);
	/* The stack pointer, at EL0 and at EL1 with SP_EL0. */
	for (int check = 0; check < 4; check++) {
		extern char stub_sp_load[], stub_sp_store[];
		static const u64 modes[] = { EL0, EL1T };

		write_reg(sctlr_el1, (read_reg(sctlr_el1) & ~0x18UL) | (u64)check << 3);
		for (int m = 0; m < 2; m++) {
			for (int off = 0; off <= 8; off += 8) {
				run(modes[m], stub(stub_sp_load), 0, 0, TEST + 512 + off);
				puts_("sp");
				show("check", check);
				show("el", m);
				show("off", off);
				show("esr", result.esr);
				run(modes[m], stub(stub_sp_store), 0, 7, TEST + 512 + off);
				show("esr", result.esr);
				show("sp", read_reg(sp_el0) - TEST);
				put('\n');
			}
		}
	}
}

static void instructions(void)
{
	static const u64 modes[] = { EL0, EL1 };

	puts_("instructions\n");
	for (int m = 0; m < 2; m++) {
		TRY(modes[m], stub_svc, 0, 0);
		TRY(modes[m], stub_brk, 0, 0);
		TRY(modes[m], stub_udf, 0, 0);
		TRY(modes[m], stub_hlt, 0, 0);
		TRY(modes[m], stub_nzcv, 0, 0);
		TRY(modes[m], stub_tpidr, 0, 5);
		TRY(modes[m], stub_tpidrro, 0, 5);
		TRY(modes[m], stub_dczid, 0, 0);
		TRY(modes[m], stub_sctlr, 0, 0);
		TRY(modes[m], stub_sp_el0, 0, 0);
		TRY(modes[m], stub_current, 0, 0);
		TRY(modes[m], stub_smc, 0, 0);
		TRY(modes[m], stub_hcr, 0, 0);
		TRY(modes[m], stub_pan, 0, 0);
		TRY(modes[m], stub_lse, TEST, 0);
	}
	TRY(EL1T, stub_sp_el0, 0, 0);
	TRY(EL1T, stub_current, 0, 0);
	TRY(EL1T, stub_svc, 0, 0);
	TRY(EL1T, stub_udf, 0, 0);
	TRY(EL0, stub_set_vbar, 0, 0);
	TRY(EL0, stub_midr, 0, 0);
	TRY(EL0, stub_tlbi, 0, 0);
	TRY(EL0, stub_eret, 0, 0);
	TRY(EL0, stub_spsel, 0, 0);
	TRY(EL0, stub_ivac, TEST, 0);
	TRY(EL1, stub_daif, 0, 0);
	TRY(EL1, stub_daifset, 0, 0);
	TRY(EL1, stub_daifclr, 0, 0);
}

static void traps(void)
{
	u64 sctlr = read_reg(sctlr_el1);

	puts_("traps\n");
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	for (int on = 0; on < 2; on++) {
		u64 bits = 1UL << 9 | 1 << 14 | 1 << 15 | 1 << 18 | 1 << 26; /* UMA DZE UCT nTWE UCI */

		write_reg(sctlr_el1, on ? sctlr | bits : sctlr & ~bits);
		write_reg(cntkctl_el1, on ? 0x303 : 0);
		TRY(EL0, stub_ctr, 0, 0);
		TRY(EL0, stub_dczid, 0, 0);
		TRY(EL0, stub_zva, TEST + 0x40, 0);
		TRY(EL0, stub_cvau, TEST, 0);
		TRY(EL0, stub_civac, TEST, 0);
		TRY(EL0, stub_ivau, TEST, 0);
		TRY(EL0, stub_daif, 0, 0);
		TRY(EL0, stub_daifset, 0, 0);
		TRY(EL0, stub_daifclr, 0, 0);
		TRY(EL0, stub_cntvct, 0, 0);
		TRY(EL0, stub_cntpct, 0, 0);
		TRY(EL0, stub_cntfrq, 0, 0);
		TRY(EL0, stub_cntv_ctl, 0, 0);
		TRY(EL0, stub_cntp_ctl, 0, 0);
	}
	write_reg(sctlr_el1, sctlr);
	map_page(0, 0);
	TRY(EL1, stub_zva, TEST + 0x44, 0);
	TRY(EL1, stub_cvau, TEST, 0);
	TRY(EL1, stub_civac, TEST + 8, 0);
	for (int fpen = 0; fpen < 4; fpen++) {
		write_reg(cpacr_el1, (u64)fpen << 20);
		show("fpen", fpen);
		put('\n');
		TRY(EL0, stub_fadd, 0, 0);
		TRY(EL0, stub_simd, 0, 0);
		TRY(EL0, stub_ldq, (u64)TEST, 0);
		TRY(EL1, stub_fadd, 0, 0);
		TRY(EL1, stub_fpcr, 0, 0);
		TRY(EL0, stub_fpcr, 0, 0);
	}
}

static void illegal(void)
{
	/* Returns to modes that do not exist: the next instruction finds PSTATE.IL. */
	static const u64 bad[] = { 0x3c1, 0x3c2, 0x3c8, 0x3c9, 0x3cc, 0x3cd, 0x3d3, 0x1003c0, 0x1003c5 };
	extern char stub_svc[];

	puts_("illegal\n");
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		run(bad[i], stub(stub_svc), 0, 0, 0);
		show("to", bad[i]);
		show("vector", result.vector);
		show("esr", result.esr);
		show("elr", result.elr - stub(stub_svc));
		show("spsr", result.spsr);
		put('\n');
	}
}

static void tags(void)
{
	u64 tcr = read_reg(tcr_el1);

	puts_("tags\n");
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	for (int tbi = 0; tbi < 2; tbi++) {
		write_reg(tcr_el1, tbi ? tcr | 1UL << 37 : tcr & ~(1UL << 37));
		flush();
		TRY(EL0, stub_load, TEST | 0x5aUL << 56, 0);
		TRY(EL1, stub_store, TEST | 0xffUL << 56, 77);
		TRY(EL0, stub_call, CODE | 0x12UL << 56, 0);
		TRY(EL0, stub_load, (TEST + 0x5000) | 0x34UL << 56, 0);
	}
	write_reg(tcr_el1, tcr);
	flush();
}

/* Atomic instructions: which of their faults are reads, alignment, and that the write permission counts either way. */
static void atomics(void)
{
	static const u64 modes[] = { EL0, EL1 };

	for (int ap = 0; ap < 5; ap++) {
		puts_("atomics");
		show("ap", ap);
		put('\n');
		map_page(0, ap == 4 ? 0 : (u64)data[0] | NORMAL | AF | AP(ap) | 3);
		for (int m = 0; m < 2; m++) {
			data[0][0] = 41;
			TRY(modes[m], stub_ldadd, TEST, 1);
			TRY(modes[m], stub_ldaddb, TEST + 3, 1);
			TRY(modes[m], stub_swp, TEST, 2);
			TRY(modes[m], stub_cas, TEST, 5);
			TRY(modes[m], stub_casp, TEST, 5);
			TRY(modes[m], stub_ldapr, TEST, 5);
			TRY(modes[m], stub_cvap, TEST, 5);
			show("word", data[0][0]);
			put('\n');
			if (ap == 1) {
				TRY(modes[m], stub_ldadd, TEST + 4, 1);
				TRY(modes[m], stub_swp, TEST + 1, 1);
				TRY(modes[m], stub_cas, TEST + 2, 1);
				TRY(modes[m], stub_casp, TEST + 8, 1);
				TRY(modes[m], stub_ldadd, TEST + 0xffc, 1);
			}
		}
	}
}

static void privileged_access_never(void)
{
	extern char stub_svc[];
	u64 sctlr = read_reg(sctlr_el1);

	for (int ap = 0; ap < 4; ap++) {
		puts_("pan");
		show("ap", ap);
		put('\n');
		for (int at = 0; at < 4; at++) {
			u64 par;

			middle[0] = (u64)leaf | 3 | (u64)at << 61;
			map_page(0, (u64)data[0] | NORMAL | AF | AP(ap) | PXN | UXN | 3);
			TRY(EL1 | PAN, stub_load, TEST, 0);
			TRY(EL1 | PAN, stub_store, TEST, 9);
			if (at & 1) /* the stubs themselves are out of EL0's reach then */
				continue;
			TRY(EL0 | PAN, stub_store, TEST, 9);
			TRY(EL1 | PAN, stub_ldtr, TEST, 0);
			TRY(EL1 | PAN, stub_sttr, TEST, 9);
			TRY(EL1 | PAN, stub_ldadd, TEST, 9);
			TRY(EL1 | PAN, stub_store_simd, TEST, 9);
			TRY(EL1 | PAN, stub_zva, TEST, 9);
			for (int on = 0; on < 2; on++) {
				if (on)
					__asm__ volatile("msr s3_0_c4_c2_3, %0" : : "r"(PAN));
				else
					__asm__ volatile("msr s3_0_c4_c2_3, xzr");
				__asm__ volatile(".arch armv8.2-a\n\tat s1e1rp, %0; isb" : : "r"(TEST) : "memory");
				par = read_reg(par_el1);
				show("read", par & 1 ? par : par & 0xfffffffff000);
				__asm__ volatile("at s1e1wp, %0; isb" : : "r"(TEST) : "memory");
				par = read_reg(par_el1);
				show("write", par & 1 ? par : par & 0xfffffffff000);
				__asm__ volatile("at s1e1w, %0; isb" : : "r"(TEST) : "memory");
				par = read_reg(par_el1);
				show("plain", par & 1 ? par : par & 0xfffffffff000);
			}
			put('\n');
			__asm__ volatile("msr s3_0_c4_c2_3, xzr");
		}
	}
	middle[0] = (u64)leaf | 3;
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	/* SCTLR_EL1.SPAN decides about exceptions. */
	for (int span = 0; span < 2; span++) {
		write_reg(sctlr_el1, span ? sctlr | 1UL << 23 : sctlr & ~(1UL << 23));
		run(EL0, stub(stub_svc), 0, 0, 0);
		show("span", span);
		show("pan", read_reg(s3_0_c4_c2_3));
		__asm__ volatile("msr s3_0_c4_c2_3, xzr");
		put('\n');
	}
	write_reg(sctlr_el1, sctlr);
	TRY(EL1 | PAN, stub_pan_clear, 0, 0);
	TRY(EL1 | PAN, stub_pan_read, 0, 0);
	TRY(EL1, stub_pan_read, 0, 0);
	TRY(EL1, stub_pan_write, 0, ~0UL);
	TRY(EL1 | PAN, stub_pan_write, 0, 0);
	TRY(EL0, stub_pan_read, 0, 0);
	TRY(EL0, stub_pan_write, 0, ~0UL);
}

/* Software step: what is stepped, what the exception says, and what other exceptions keep of PSTATE.SS. */
static void software_step(void)
{
	static const u64 modes[] = { EL0, EL1, EL1 & ~0x200UL };
	extern char stub_nops[], stub_svc[], stub_load[], stub_ldxr[], stub_branch[], stub_udf[], stub_brk[], stub_clear_d[], stub_call[];
	char *const stubs[] = { stub_nops, stub_svc, stub_load, stub_ldxr, stub_branch, stub_udf, stub_brk, stub_clear_d, stub_call };

	__asm__ volatile("msr oslar_el1, xzr; isb");
	for (int kde = 0; kde < 2; kde++) {
		for (unsigned m = 0; m < 3; m++) {
			for (int ss = 0; ss < 4; ss++) {
				puts_("step");
				show("kde", kde);
				show("mode", modes[m]);
				show("ss", ss);
				put('\n');
				for (unsigned i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
					u64 pc = stub(stubs[i]);

					if (i == 7 && m == 0) /* traps, with another syndrome on QEMU */
						continue;
					write_reg(mdscr_el1, (ss & 1) | (u64)kde << 13);
					run(modes[m] | (u64)(ss >> 1) << 21, pc, i == 8 ? CODE : TEST, 0, 0);
					write_reg(mdscr_el1, 0);
					show("stub", i);
					show("vector", result.vector);
					show("esr", result.esr);
					show("elr", result.elr - pc < 64 ? result.elr - pc : result.elr);
					show("spsr", result.spsr);
					put('\n');
				}
			}
		}
	}
}

static void sizes(void)
{
	u64 tcr = read_reg(tcr_el1);

	/* TTBR1 with the same tables and other sizes: the root is then at a lower level. */
	puts_("sizes\n");
	for (int t1sz = 16; t1sz <= 32; t1sz++) {
		u64 base = 0UL - (1UL << (64 - t1sz));

		write_reg(tcr_el1, (tcr & ~(63UL << 16 | 1UL << 23)) | (u64)t1sz << 16);
		write_reg(ttbr1_el1, t1sz < 25 ? (u64)root : (u64)upper);
		flush();
		show("t1sz", t1sz);
		TRY(EL1, stub_load_byte, base, 0);
		TRY(EL1, stub_load_byte, base - 8, 0);
		TRY(EL1, stub_load_byte, base + (t1sz < 25 ? TEST : 0) + 0x1000, 0);
		TRY(EL1, stub_load_byte, base + (t1sz < 25 ? TEST : 0) + 0x5000, 0);
	}
	write_reg(tcr_el1, tcr | 1UL << 23); /* EPD1 */
	flush();
	TRY(EL1, stub_load, ~0xfffUL, 0);
	write_reg(tcr_el1, tcr);
	flush();
}

#include "debug.h"

void main(void)
{
	puts_("start\n");
	show("el", read_reg(currentel));
	put('\n');
	/* 2 GB as blocks: devices, RAM; executable at EL1 only. */
	low[0] = 0 | DEVICE | AF | UXN | PXN | 1;
	low[1] = 0x40000000UL | NORMAL | AF | UXN | 1;
	root[0] = (u64)low | 3;
	root[1] = (u64)upper | 3;
	upper[0] = (u64)middle | 3;
	middle[0] = (u64)leaf | 3;
	leaf[(STUBS >> 12) & 511] = (u64)stubs_start | NORMAL | AF | AP(3) | 3;
	leaf[(CODE >> 12) & 511] = (u64)code_page | NORMAL | AF | AP(3) | 3;
	code_page[0] = 0xd4000001 | 0x66 << 5;
	write_reg(mair_el1, 0x00ff); /* attribute 0 is Normal write-back, 1 is Device-nGnRnE */
	write_reg(tcr_el1, 16UL | 16UL << 16 | 2UL << 30 | 2UL << 32 | 1UL << 23 | 0x3500);
	write_reg(ttbr0_el1, root);
	write_reg(ttbr1_el1, root);
	flush();
	write_reg(sctlr_el1, read_reg(sctlr_el1) | 1);
	write_reg(cpacr_el1, 3UL << 20);
	permissions();
	table_attributes();
	levels();
	crossing();
	alignment();
	instructions();
	traps();
	illegal();
	tags();
	sizes();
	atomics();
	software_step();
	privileged_access_never();
	debug_registers();
	puts_("end\n");
}
