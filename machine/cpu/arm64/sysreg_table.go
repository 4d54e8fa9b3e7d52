package arm64

// What the processor says about itself. The ID registers announce exactly what exists.
const (
	midr     = 0x000f0510           // implementer 0: reserved for software
	mpidr    = 1 << 31              // affinity 0
	aa64pfr0 = 0x11 | 1<<16 | 1<<20 // EL0 and EL1 in AArch64 only; FP and AdvSIMD with half precision
	// ARMv8 debug, no PMU.
	aa64dfr0 = 6 | (breakPairs-1)<<12 | (watchPairs-1)<<20 | (contextPairs-1)<<28
	// AES with PMULL, SHA1, SHA256, CRC32, LSE atomics, RDM, DotProd; DC CVAP and LDAPR; PAN and its AT instructions.
	isar0    = 2<<4 | 1<<8 | 1<<12 | 1<<16 | 2<<20 | 1<<28 | 1<<44
	isar1    = 1 | 1<<20
	mmfr1    = 2 << 20
	mmfr0    = 2 | 2<<4 | 0xf<<24  // 40-bit PA, 16-bit ASID, 4 KB granule only
	ctr      = 0x84440004 | 3<<14  // 64-byte lines, PIPT
	clidr    = 0x0a200023          // split L1, unified L2
	ccsidrL1 = 127<<13 | 3<<3 | 2  // 32 KB, 4 ways, 64-byte lines
	ccsidrL2 = 511<<13 | 15<<3 | 2 // 512 KB, 16 ways
	cpacrFP  = 3<<20 | 0<<28       // CPACR_EL1.FPEN
	zvaLog2  = 4                   // DC ZVA clears 16 words
)

// zvaBytes is the size of the block that DC ZVA clears.
const zvaBytes = 4 << zvaLog2

func plain(name string, op1, crn, crm, op2 uint8, field func(c *CPU) *uint64) sysreg {
	return sysreg{name: name, op0: 3, op1: op1, crn: crn, crm: crm, op2: op2, field: field, quiet: true}
}

// context is a plain register whose change alters translation or traps.
func context(name string, op1, crn, crm, op2 uint8, field func(c *CPU) *uint64, mask uint64, changed func(c *CPU, old uint64)) sysreg {
	return sysreg{name: name, op0: 3, op1: op1, crn: crn, crm: crm, op2: op2, field: field, mask: mask, changed: changed}
}

func constant(name string, op1, crn, crm, op2 uint8, value uint64) sysreg {
	return sysreg{name: name, op0: 3, op1: op1, crn: crn, crm: crm, op2: op2, constant: true, value: value}
}

func flushAll(c *CPU, _ uint64) {
	c.flushTLB()
	c.contextChanged()
}

func flushUser(c *CPU, old uint64) {
	if c.sys.ttbr0 != old {
		c.flushASID()
	}
}

var sysregTable = func() (t []sysreg) {
	t = []sysreg{
		constant("MIDR_EL1", 0, 0, 0, 0, midr),
		constant("MPIDR_EL1", 0, 0, 0, 5, mpidr),
		constant("REVIDR_EL1", 0, 0, 0, 6, 0),
		constant("CLIDR_EL1", 1, 0, 0, 1, clidr),
		constant("AIDR_EL1", 1, 0, 0, 7, 0),
		constant("RVBAR_EL1", 0, 12, 0, 1, 0),
		plain("ACTLR_EL1", 0, 1, 0, 1, func(c *CPU) *uint64 { return &c.sys.actlr }),
		plain("AFSR0_EL1", 0, 5, 1, 0, func(c *CPU) *uint64 { return &c.sys.afsr0 }),
		plain("AFSR1_EL1", 0, 5, 1, 1, func(c *CPU) *uint64 { return &c.sys.afsr1 }),
		plain("ESR_EL1", 0, 5, 2, 0, func(c *CPU) *uint64 { return &c.sys.esr }),
		plain("FAR_EL1", 0, 6, 0, 0, func(c *CPU) *uint64 { return &c.sys.far }),
		plain("PAR_EL1", 0, 7, 4, 0, func(c *CPU) *uint64 { return &c.sys.par }),
		plain("AMAIR_EL1", 0, 10, 3, 0, func(c *CPU) *uint64 { return &c.sys.amair }),
		plain("SPSR_EL1", 0, 4, 0, 0, func(c *CPU) *uint64 { return &c.sys.spsr }),
		plain("ELR_EL1", 0, 4, 0, 1, func(c *CPU) *uint64 { return &c.sys.elr }),
		plain("CONTEXTIDR_EL1", 0, 13, 0, 1, func(c *CPU) *uint64 { return &c.sys.contextidr }),
		plain("TPIDR_EL1", 0, 13, 0, 4, func(c *CPU) *uint64 { return &c.sys.tpidr1 }),
		plain("CNTKCTL_EL1", 0, 14, 1, 0, func(c *CPU) *uint64 { return &c.sys.cntkctl }),
		plain("CSSELR_EL1", 2, 0, 0, 0, func(c *CPU) *uint64 { return &c.sys.csselr }),
		plain("TPIDR_EL0", 3, 13, 0, 2, func(c *CPU) *uint64 { return &c.sys.tpidr0 }),
		context("SCTLR_EL1", 0, 1, 0, 0, func(c *CPU) *uint64 { return &c.sys.sctlr }, 0, func(c *CPU, old uint64) {
			c.sys.sctlr &= sctlrMask
			flushAll(c, old)
		}),
		context("CPACR_EL1", 0, 1, 0, 2, func(c *CPU) *uint64 { return &c.sys.cpacr }, cpacrFP, func(c *CPU, _ uint64) { c.contextChanged() }),
		context("TTBR0_EL1", 0, 2, 0, 0, func(c *CPU) *uint64 { return &c.sys.ttbr0 }, 0, flushUser),
		context("TTBR1_EL1", 0, 2, 0, 1, func(c *CPU) *uint64 { return &c.sys.ttbr1 }, 0, flushAll),
		context("TCR_EL1", 0, 2, 0, 2, func(c *CPU) *uint64 { return &c.sys.tcr }, 0, flushAll),
		context("MAIR_EL1", 0, 10, 2, 0, func(c *CPU) *uint64 { return &c.sys.mair }, 0, flushAll),
		context("VBAR_EL1", 0, 12, 0, 0, func(c *CPU) *uint64 { return &c.sys.vbar }, ^uint64(0x7ff), nil),
		{name: "CCSIDR_EL1", op0: 3, op1: 1, crn: 0, crm: 0, op2: 0, read: func(c *CPU) uint64 {
			if c.sys.csselr>>1&7 != 0 {
				return ccsidrL2
			}
			return ccsidrL1
		}},
		{name: "ISR_EL1", op0: 3, op1: 0, crn: 12, crm: 1, op2: 0, read: func(c *CPU) uint64 {
			if c.irq {
				return daifI
			}
			return 0
		}},
		{name: "SP_EL0", op0: 3, op1: 0, crn: 4, crm: 1, op2: 0, quiet: true,
			read: func(c *CPU) uint64 { return c.sp[0] }, write: func(c *CPU, v uint64) { c.sp[0] = v }},
		{name: "SPSel", op0: 3, op1: 0, crn: 4, crm: 2, op2: 0,
			read:  func(c *CPU) uint64 { return uint64(c.spBank()) },
			write: func(c *CPU, v uint64) { c.setMode(c.el, v&1 != 0) }},
		{name: "PAN", op0: 3, op1: 0, crn: 4, crm: 2, op2: 3,
			read: func(c *CPU) uint64 { return c.pstate() & spsrPAN },
			write: func(c *CPU, v uint64) {
				c.pan = v&spsrPAN != 0
				c.contextChanged()
			}},
		{name: "CurrentEL", op0: 3, op1: 0, crn: 4, crm: 2, op2: 2, read: func(c *CPU) uint64 { return uint64(c.el) << 2 }},
		{name: "NZCV", op0: 3, op1: 3, crn: 4, crm: 2, op2: 0, quiet: true,
			read: func(c *CPU) uint64 { return uint64(c.flags()) << 28 }, write: func(c *CPU, v uint64) { c.setFlags(uint8(v >> 28)) }},
		{name: "DAIF", op0: 3, op1: 3, crn: 4, crm: 2, op2: 1, user: func(c *CPU) bool { return c.sys.sctlr&sctlrUMA != 0 },
			read: func(c *CPU) uint64 { return c.daif }, write: func(c *CPU, v uint64) { c.daif = v & daifMask }},
		{name: "FPCR", op0: 3, op1: 3, crn: 4, crm: 4, op2: 0, quiet: true,
			read: func(c *CPU) uint64 { return c.fp.fpcr }, write: func(c *CPU, v uint64) { c.fp.setFPCR(v) }},
		{name: "FPSR", op0: 3, op1: 3, crn: 4, crm: 4, op2: 1, quiet: true,
			read: func(c *CPU) uint64 { return c.fp.fpsr() }, write: func(c *CPU, v uint64) { c.fp.setFPSR(v) }},
		{name: "TPIDRRO_EL0", op0: 3, op1: 3, crn: 13, crm: 0, op2: 3, userReadOnly: true, quiet: true,
			field: func(c *CPU) *uint64 { return &c.sys.tpidrro }},
		{name: "CTR_EL0", op0: 3, op1: 3, crn: 0, crm: 0, op2: 1, constant: true, value: ctr,
			user: func(c *CPU) bool { return c.sys.sctlr&sctlrUCT != 0 }},
		{name: "DCZID_EL0", op0: 3, op1: 3, crn: 0, crm: 0, op2: 7, read: func(c *CPU) uint64 {
			if c.el == 0 && c.sys.sctlr&sctlrDZE == 0 {
				return zvaLog2 | 1<<4
			}
			return zvaLog2
		}},
		{name: "CNTFRQ_EL0", op0: 3, op1: 3, crn: 14, crm: 0, op2: 0, constant: true, value: counterHz,
			user: func(c *CPU) bool { return c.sys.cntkctl&3 != 0 }},
		{name: "CNTPCT_EL0", op0: 3, op1: 3, crn: 14, crm: 0, op2: 1, read: (*CPU).counter,
			user: func(c *CPU) bool { return c.sys.cntkctl&1 != 0 }},
		{name: "CNTVCT_EL0", op0: 3, op1: 3, crn: 14, crm: 0, op2: 2, read: (*CPU).counter,
			user: func(c *CPU) bool { return c.sys.cntkctl&2 != 0 }},
	}
	t = append(t, timerRegisters("CNTP", TimerPhysical, 2)...)
	t = append(t, timerRegisters("CNTV", TimerVirtual, 3)...)
	t = append(t, debugRegisters()...)
	// The rest of the identification space reads as zero (D12.3.1); CRm 1 to 3 describe AArch32, which does not exist.
	ids := map[[2]uint8]struct {
		name  string
		value uint64
	}{
		{4, 0}: {"ID_AA64PFR0_EL1", aa64pfr0}, {5, 0}: {"ID_AA64DFR0_EL1", aa64dfr0},
		{6, 0}: {"ID_AA64ISAR0_EL1", isar0}, {6, 1}: {"ID_AA64ISAR1_EL1", isar1},
		{7, 0}: {"ID_AA64MMFR0_EL1", mmfr0}, {7, 1}: {"ID_AA64MMFR1_EL1", mmfr1},
	}
	for crm := uint8(1); crm < 8; crm++ {
		for op2 := uint8(0); op2 < 8; op2++ {
			id := ids[[2]uint8{crm, op2}]
			t = append(t, constant(id.name, 0, 0, crm, op2, id.value))
		}
	}
	return t
}()
