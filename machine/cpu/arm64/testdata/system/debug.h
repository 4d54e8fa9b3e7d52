/* Hardware breakpoints and watchpoints: the part of probe.c about the debug registers. */
#define MDE (1UL << 15)
#define KDE (1UL << 13)

static void set_break(int i, u64 bvr, u64 bcr)
{
	switch (i) {
#define PAIR(n) case n: write_reg(dbgbvr##n##_el1, bvr); write_reg(dbgbcr##n##_el1, bcr); break;
	PAIR(0) PAIR(1) PAIR(2) PAIR(3) PAIR(4) PAIR(5)
#undef PAIR
	}
}

static void set_watch(int i, u64 wvr, u64 wcr)
{
	switch (i) {
#define PAIR(n) case n: write_reg(dbgwvr##n##_el1, wvr); write_reg(dbgwcr##n##_el1, wcr); break;
	PAIR(0) PAIR(1) PAIR(2) PAIR(3)
#undef PAIR
	}
}

static void no_debug(void)
{
	for (int i = 0; i < 6; i++)
		set_break(i, 0, 0);
	for (int i = 0; i < 4; i++)
		set_watch(i, 0, 0);
	write_reg(mdscr_el1, 0);
	write_reg(oslar_el1, 0);
	write_reg(contextidr_el1, 0);
}

/* What the exception was, shortly: most of these do nothing. */
static void outcome(const char *name, u64 mode, const char *f, u64 x1)
{
	u64 pc = stub(f);

	run(mode, pc, x1, 0x1234, TEST + 2048);
	put(' ');
	puts_(name);
	show(mode & 12 ? "EL1" : "EL0", result.esr);
	if (result.esr != (0x56000000 | 0x77)) {
		u64 ec = result.esr >> 26;

		if (ec >= 0x34 && ec <= 0x35)
			show("far", result.far);
		show("vector", result.vector);
		show("elr", result.elr - pc < 64 ? result.elr - pc : result.elr);
		show("spsr", result.spsr);
	}
	put('\n');
}

#define OUTCOME(mode, name, x1) do { extern char name[]; outcome(#name, mode, name, x1); } while (0)
#define EL1D 0x1c5UL /* debug exceptions not masked */

static void break_control(void)
{
	extern char stub_nops[];
	u64 at = stub(stub_nops);

	/* Every control value of one pair: enable, privilege, byte select, security state and higher levels. */
	for (u64 pmc = 0; pmc < 4; pmc++) {
		for (u64 high = 0; high < 8; high++) {
			set_break(0, at + 4, 1 | pmc << 1 | 15 << 5 | high << 13);
			show("pmc", pmc);
			show("hmc,ssc", high);
			put('\n');
			OUTCOME(EL0, stub_nops, 0);
			OUTCOME(EL1, stub_nops, 0);
			OUTCOME(EL1D, stub_nops, 0);
		}
	}
	for (u64 bas = 0; bas < 16; bas++) {
		for (u64 low = 0; low < 4; low++) {
			set_break(0, at + 4 + low, 1 | 3 << 1 | bas << 5);
			show("bas", bas);
			show("low", low);
			OUTCOME(EL0, stub_nops, 0);
		}
	}
	/* Each type, linked to each pair. */
	set_break(4, 0x1234, 1 | 3 << 1 | 15 << 5 | 3 << 20);	/* linked context */
	set_break(5, 0x1234, 0 | 3 << 1 | 15 << 5 | 3 << 20);	/* the same, not enabled */
	set_break(3, 0x1234, 1 | 3 << 1 | 15 << 5 | 3 << 20);	/* a pair without contexts */
	for (u64 context = 0x1234; context < 0x1236; context++) {
		write_reg(contextidr_el1, context);
		for (u64 type = 0; type < 16; type++) {
			for (u64 link = 0; link < 16; link += link < 6 ? 1 : 4) {
				set_break(0, at + 4, 1 | 3 << 1 | 15 << 5 | link << 16 | type << 20);
				show("type", type);
				show("link", link);
				OUTCOME(EL0, stub_nops, 0);
				if (type > 1)
					break;
			}
		}
	}
	for (u64 type = 0; type < 16; type++) {
		set_break(0, 0, 0);
		set_break(1, at, 1 | 3 << 1 | 15 << 5 | 4 << 16);
		set_break(4, 0x1235, 1 | 3 << 1 | 15 << 5 | type << 20);
		show("linked type", type);
		OUTCOME(EL0, stub_nops, 0);
		set_break(1, 0, 0);
	}
	no_debug();
}

static void break_conditions(void)
{
	extern char stub_nops[], stub_branch[], stub_clear_d[], stub_brk[], stub_load[];

	for (u64 m = 0; m < 8; m++) {
		write_reg(mdscr_el1, (m & 1 ? MDE : 0) | (m & 2 ? KDE : 0));
		write_reg(oslar_el1, m >> 2);
		show("mde,kde,lock", m);
		put('\n');
		set_break(1, stub(stub_nops), 1 | 3 << 1 | 15 << 5);
		OUTCOME(EL0, stub_nops, 0);
		OUTCOME(EL1, stub_nops, 0);
		OUTCOME(EL1D, stub_nops, 0);
		OUTCOME(0x1c4, stub_nops, 0);
		set_watch(1, TEST + 64, 1 | 3 << 1 | 3 << 3 | 0xff << 5);
		OUTCOME(EL0, stub_load, TEST + 64);
		OUTCOME(EL1, stub_load, TEST + 64);
		OUTCOME(EL1D, stub_load, TEST + 64);
		set_watch(1, 0, 0);
	}
	write_reg(oslar_el1, 0);
	write_reg(mdscr_el1, MDE | KDE);
	for (int i = 0; i < 6; i++) {
		set_break(1, 0, 0);
		set_break(i, stub(stub_nops) + 4 * (i & 1), 1 | 3 << 1 | 15 << 5);
		show("pair", i);
		OUTCOME(EL0, stub_nops, 0);
		set_break(i, 0, 0);
	}
	/* Where there is none, with others in the page; after a branch; unmasked on the way; at a brk. */
	set_break(0, stub(stub_nops) - 4, 1 | 3 << 1 | 15 << 5);
	set_break(1, stub(stub_branch) + 8, 1 | 3 << 1 | 15 << 5);
	set_break(2, stub(stub_clear_d) + 8, 1 | 3 << 1 | 15 << 5);
	set_break(3, stub(stub_brk), 1 | 3 << 1 | 15 << 5);
	OUTCOME(EL0, stub_nops, 0);
	OUTCOME(EL0, stub_branch, 0);
	OUTCOME(EL1, stub_clear_d, 0);
	OUTCOME(EL1D, stub_clear_d, 0);
	OUTCOME(EL0, stub_brk, 0);
	OUTCOME(EL1, stub_brk, 0);
	/* With software step. */
	write_reg(mdscr_el1, MDE | KDE | 1);
	OUTCOME(EL0, stub_nops, 0);
	OUTCOME(EL0 | 1 << 21, stub_nops, 0);
	OUTCOME(EL0 | 1 << 21, stub_brk, 0);
	OUTCOME(EL0, stub_brk, 0);
	no_debug();
}

static void watch_control(void)
{
	static const u64 modes[] = { EL0, EL1D };

	for (u64 pac = 0; pac < 4; pac++) {
		for (u64 lsc = 0; lsc < 4; lsc++) {
			for (u64 high = 0; high < 8; high++) {
				set_watch(0, TEST + 64, 1 | pac << 1 | lsc << 3 | 0xff << 5 | high << 13);
				show("pac", pac);
				show("lsc", lsc);
				show("hmc,ssc", high);
				put('\n');
				for (int m = 0; m < 2; m++) {
					OUTCOME(modes[m], stub_load, TEST + 64);
					OUTCOME(modes[m], stub_store, TEST + 64);
				}
				OUTCOME(EL1D, stub_ldtr, TEST + 64);
				OUTCOME(EL1D, stub_sttr, TEST + 64);
			}
		}
	}
	for (u64 lsc = 0; lsc < 4; lsc++) {
		set_watch(0, TEST + 64, 1 | 3 << 1 | lsc << 3 | 0xff << 5);
		show("every kind of access: lsc", lsc);
		put('\n');
		OUTCOME(EL0, stub_load_byte, TEST + 66);
		OUTCOME(EL0, stub_load_pair, TEST + 56);
		OUTCOME(EL0, stub_store_pair, TEST + 56);
		OUTCOME(EL0, stub_load_post, TEST + 64);
		OUTCOME(EL0, stub_ldxr, TEST + 64);
		OUTCOME(EL0, stub_ldar, TEST + 64);
		OUTCOME(EL0, stub_stlr, TEST + 64);
		OUTCOME(EL0, stub_ldq, TEST + 48);
		OUTCOME(EL0, stub_ldq, TEST + 56);
		OUTCOME(EL0, stub_zva, TEST + 96);
		OUTCOME(EL0, stub_cvau, TEST + 64);
		OUTCOME(EL0, stub_civac, TEST + 64);
		OUTCOME(EL0, stub_ldadd, TEST + 64);
		OUTCOME(EL0, stub_swp, TEST + 64);
		OUTCOME(EL0, stub_cas, TEST + 64);
		OUTCOME(EL0, stub_sp_load, 0);
		OUTCOME(EL0, stub_store_simd, TEST + 40);
		OUTCOME(EL0, stub_load, TEST + 0x5000);	/* not mapped */
	}
}

/* All accesses here are aligned: of a misaligned one, QEMU looks at the whole words that it lies in. */
static void watch_ranges(void)
{
	for (u64 bas = 0; bas < 256; bas += bas < 16 ? 1 : 15) {
		set_watch(0, TEST + 64, 1 | 3 << 1 | 3 << 3 | bas << 5);
		show("bas", bas);
		put('\n');
		for (u64 at = 62; at < 74; at++)
			OUTCOME(EL0, stub_load_byte, TEST + at);
		OUTCOME(EL0, stub_load, TEST + 56);
		OUTCOME(EL0, stub_load, TEST + 64);
		set_watch(0, TEST + 68, 1 | 3 << 1 | 3 << 3 | bas << 5);
		OUTCOME(EL0, stub_load_byte, TEST + 68);
		OUTCOME(EL0, stub_load_byte, TEST + 70);
		OUTCOME(EL0, stub_load_byte, TEST + 72);
	}
	for (u64 mask = 0; mask < 32; mask++) {
		for (u64 off = 0; off < 2; off++) {
			set_watch(0, TEST + 0x7f8 * off, 1 | 3 << 1 | 3 << 3 | 0xff << 5 | mask << 24);
			show("mask", mask);
			show("wvr", 0x7f8 * off);
			put('\n');
			for (u64 at = 0; at < 0x1000; at = at * 2 + (at == 0))
				OUTCOME(EL0, stub_load_byte, TEST + at);
			OUTCOME(EL0, stub_load_byte, TEST + 0x7f8);
		}
	}
	/* Several pairs, and one linked to a context. */
	set_watch(0, TEST + 8, 1 | 3 << 1 | 3 << 3 | 0xff << 5);
	set_watch(3, TEST + 24, 1 | 3 << 1 | 2 << 3 | 0xf << 5);
	set_break(4, 0x55, 1 | 3 << 1 | 15 << 5 | 3 << 20);
	set_watch(2, TEST + 40, 1 | 3 << 1 | 3 << 3 | 0xff << 5 | 4 << 16 | 1 << 20);
	for (u64 context = 0x54; context < 0x56; context++) {
		write_reg(contextidr_el1, context);
		OUTCOME(EL0, stub_load, TEST);
		OUTCOME(EL0, stub_load, TEST + 8);
		OUTCOME(EL0, stub_store, TEST + 8);
		OUTCOME(EL0, stub_load, TEST + 24);
		OUTCOME(EL0, stub_store, TEST + 24);
		OUTCOME(EL0, stub_store, TEST + 32);
		OUTCOME(EL0, stub_store, TEST + 40);
	}
	no_debug();
}

static void debug_values(void)
{
	u64 ones = ~0UL;

	show("dfr0", read_reg(id_aa64dfr0_el1) & ~0xf0fUL);	/* without version and performance monitors */
	set_break(0, ones, ones & ~1UL);
	set_watch(0, ones, ones & ~1UL);
	show("bvr", read_reg(dbgbvr0_el1));
	show("bcr", read_reg(dbgbcr0_el1));
	show("wvr", read_reg(dbgwvr0_el1));
	show("wcr", read_reg(dbgwcr0_el1));
	set_break(0, 0x0001000000000003, 0xa0);
	set_watch(0, 0x0001000000000007, 0xa0);
	show("bvr", read_reg(dbgbvr0_el1));
	show("bcr", read_reg(dbgbcr0_el1));
	show("wvr", read_reg(dbgwvr0_el1));
	show("wcr", read_reg(dbgwcr0_el1));
	put('\n');
}

static void debug_registers(void)
{
	puts_("debug registers\n");
	map_page(0, (u64)data[0] | NORMAL | AF | AP(1) | 3);
	write_reg(sctlr_el1, read_reg(sctlr_el1) | 1UL << 14 | 1UL << 26); /* DZE, UCI */
	no_debug();
	debug_values();
	no_debug();
	write_reg(mdscr_el1, MDE | KDE);
	break_control();
	break_conditions();
	write_reg(mdscr_el1, MDE | KDE);
	watch_control();
	no_debug();
	write_reg(mdscr_el1, MDE | KDE);
	watch_ranges();
	write_reg(sctlr_el1, read_reg(sctlr_el1) & ~(1UL << 14 | 1UL << 26));
}
