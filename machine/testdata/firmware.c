/*
 * Prints what identifies the chips of the virt board. Then calls the firmware (SMCCC by hvc) with every kind of function number and prints what comes back.
 * All on the board's PL011.
 */
typedef unsigned long u64;
typedef unsigned int u32;

__asm__(
"	.section .text.start, \"ax\"\n"
"	.globl	_start\n"
"_start:	ldr	x1, =stack_top\n"
"	mov	sp, x1\n"
"	ldr	x1, =vectors\n"
"	msr	vbar_el1, x1\n"
"	isb\n"
"	bl	main\n"
"1:	wfi\n"
"	b	1b\n"
"	.text\n"
"	.balign	2048\n"
"vectors: .skip	0x200\n"		/* synchronous, with SP_EL1: the call did not exist */
"	mrs	x1, esr_el1\n"
"	mov	x0, #0xdead\n"
"	mov	x2, #0\n"
"	mov	x3, #0\n"
"	adr	x17, after\n"
"	br	x17\n"
/* void call(u64 r[4]): x0 to x3 in and out. */
"	.globl	call\n"
"call:	stp	x29, x30, [sp, #-32]!\n"
"	str	x0, [sp, #16]\n"
"	ldp	x2, x3, [x0, #16]\n"
"	ldp	x0, x1, [x0]\n"
"	.globl	conduit\n"
"conduit: hvc	#0\n"
"after:	ldr	x4, [sp, #16]\n"
"	stp	x0, x1, [x4]\n"
"	stp	x2, x3, [x4, #16]\n"
"	ldp	x29, x30, [sp], #32\n"
"	ret\n"
"	.bss\n"
"	.balign	16\n"
"	.skip	8192\n"
"stack_top:\n"
"	.text\n");

void call(u64 r[4]);

static void put(char c) { *(volatile u32 *)0x09000000 = c; }

static void hex(u64 v)
{
	for (int i = 60; i >= 0; i -= 4)
		if (v >> i || i == 0)
			put("0123456789abcdef"[v >> i & 15]);
	put(' ');
}

static void try(u64 function, u64 x1, u64 x2)
{
	u64 r[4] = { function, x1, x2, 0x3333 };

	hex(function);
	hex(x1);
	put(':');
	put(' ');
	call(r);
	for (int i = 0; i < 4; i++)
		hex(r[i]);
	put('\n');
}

#define REG(a) (*(volatile u32 *)(a))

/* The virtual timer, to interrupt in a millisecond. */
static void start_timer(void)
{
	REG(0x08000000) = 1;		/* GICD_CTLR */
	REG(0x08000100) = 1 << 27;	/* GICD_ISENABLER0 */
	REG(0x08010000) = 1;		/* GICC_CTLR */
	REG(0x08010004) = 0xff;		/* GICC_PMR */
	u64 hz;
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(hz / 1000));
	__asm__ volatile("msr cntv_ctl_el0, %0; isb" : : "r"(1UL));
}

/* Whether it has expired: bit 2 of its control. */
static void show_timer(void)
{
	u64 ctl;

	__asm__ volatile("mrs %0, cntv_ctl_el0" : "=r"(ctl));
	hex(ctl);
	put('\n');
	__asm__ volatile("msr cntv_ctl_el0, xzr; isb");
}

/* The identification registers of a chip, and one more where it has one. */
static void identify(u64 base, u64 more)
{
	hex(base);
	for (u64 at = 0xfd0; at < 0x1000; at += 4)
		hex(REG(base + at));
	if (more)
		hex(REG(base + more));
	put('\n');
}

void main(void)
{
	identify(0x08000000, 0x008);	/* GICD_IIDR */
	identify(0x08010000, 0x0fc);	/* GICC_IIDR */
	identify(0x09000000, 0);
	identify(0x09010000, 0);
	static const u32 bases[] = { 0x84000000, 0xc4000000, 0x80000000, 0xc0000000, 0x86000000, 0xc6000000,
		0x82000000, 0x85000000, 0x8600ff00, 0x04000000, 0, 0xbf00ff00, 0x95c1ba62, 0x4000 };

	for (unsigned b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
		for (u32 n = 0; n < 0x20; n++) {
			u32 f = bases[b] + n;

			if ((f & ~0x40000000) == 0x84000008 || (f & ~0x40000000) == 0x84000009 || (f & ~0x40000000) == 0x84000012)
				continue;	/* they end the run */
			if ((f & ~0x40000000) == 0x84000001 || (f & ~0x40000000) == 0x84000002 || (f & ~0x40000000) == 0x8400000e)
				continue;	/* CPU_SUSPEND and CPU_OFF, SYSTEM_SUSPEND */
			try(f, 0, 0);
		}
	}
	/* What PSCI_FEATURES says of each. */
	for (u32 n = 0; n < 0x18; n++) {
		try(0x8400000a, 0x84000000 + n, 0);
		try(0x8400000a, 0xc4000000 + n, 0);
	}
	try(0x8400000a, 0x80000000, 0);
	try(0x8400000a, 0x80000001, 0);
	try(0x80000001, 0x80000000, 0);
	try(0x80000001, 0x80000001, 0);
	try(0x80000001, 0x80008000, 0);
	try(0x80000001, 0x84000000, 0);
	/* Other processors, levels and entry points. */
	static const u64 targets[] = { 0, 1, 2, 0x100, 0x80000000, 0xff000000, 0x100000000, ~0UL };
	for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		try(0x84000003, targets[i], 0x40080000);
		try(0xc4000003, targets[i], 0x40080000);
		try(0x84000004, targets[i], 0);
		try(0xc4000004, targets[i], 0);
		try(0xc4000004, targets[i], 1);
		try(0xc4000004, targets[i], 4);
		try(0xc4000003, targets[i], 1);
	}
	/* Others that would end the run, or stop the processor, if they were there. */
	try(0xc4000008, 0, 0);
	try(0xc4000009, 0, 0);
	try(0x84000012, 0, 0);
	try(0xc4000012, 0, 0);
	try(0x8400000e, 0x40080000, 0);
	try(0xc400000e, 0x40080000, 0);
	/* Standby until an interrupt is pending, masked as it is; and a power-down, which is refused. */
	try(0x84000001, 0x10000 << 1, 0);
	try(0xc4000001, 0x1000000, 0x40080000);
	start_timer();
	try(0x84000001, 0, 0);
	show_timer();
	start_timer();
	try(0xc4000001, 0x10001, 0x40080000);
	show_timer();
	u64 off[4] = { 0x84000008, 0x5a, 0, 0 };
	call(off);
}
