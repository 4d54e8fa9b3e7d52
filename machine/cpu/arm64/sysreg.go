package arm64

// Bits of SCTLR_EL1 that change what the CPU does.
const (
	sctlrM    = 1 << 0
	sctlrA    = 1 << 1
	sctlrSA   = 1 << 3
	sctlrSA0  = 1 << 4
	sctlrUMA  = 1 << 9
	sctlrDZE  = 1 << 14
	sctlrUCT  = 1 << 15
	sctlrNTWI = 1 << 16
	sctlrNTWE = 1 << 18
	sctlrWXN  = 1 << 19
	sctlrSPAN = 1 << 23
	sctlrUCI  = 1 << 26

	// sctlrReset is the value after reset; sctlrMask are the bits that can be written. The data endianness bits are fixed.
	sctlrReset = 0x30c50838
	sctlrMask  = 0x35fffbbf &^ (1<<24 | 1<<25 | 1<<17 | 1<<13)
)

// sysregs holds the system registers that are plain storage.
type sysregs struct {
	sctlr, actlr, cpacr                     uint64
	ttbr0, ttbr1, tcr, mair, amair          uint64
	vbar, esr, far, elr, spsr, par          uint64
	afsr0, afsr1                            uint64
	contextidr, tpidr0, tpidrro, tpidr1     uint64
	csselr, cntkctl                         uint64
	mdscr, mdccint, oslock, osdlr, dbgclaim uint64
	osdtrrx, osdtrtx, oseccr                uint64
	dbgbvr, dbgbcr                          [breakPairs]uint64
	dbgwvr, dbgwcr                          [watchPairs]uint64
}

// The numbers of breakpoint and watchpoint register pairs, as ID_AA64DFR0_EL1 says. The last contextPairs of the breakpoints can match a
// context.
const (
	breakPairs   = 6
	watchPairs   = 4
	contextPairs = 2
)

func (s *sysregs) reset() {
	*s = sysregs{sctlr: sctlrReset, oslock: 1}
}

// sysreg describes one register reached by MRS and MSR.
type sysreg struct {
	name                    string
	op0, op1, crn, crm, op2 uint8

	// field is where a plain register is kept; mask its writable bits (0 means all).
	field func(c *CPU) *uint64
	mask  uint64
	// value is that of a constant register.
	value    uint64
	constant bool
	// read and write replace field. A register without either direction is undefined in it.
	read  func(c *CPU) uint64
	write func(c *CPU, v uint64)
	// changed runs after a write to field.
	changed func(c *CPU, old uint64)
	// user says, for op1 3, whether EL0 may access; nil means always. A refused access traps to EL1.
	user func(c *CPU) bool
	// userReadOnly makes a write from EL0 undefined.
	userReadOnly bool
	// quiet says that a write cannot change interrupts, translation or traps, so that the block may go on.
	quiet bool
}

// sysregIndex gives the number of a register in sysregTable plus 1, by op0<0>:op1:CRn:CRm:op2.
var sysregIndex = func() (index [1 << 15]uint16) {
	for i := range sysregTable {
		r := &sysregTable[i]
		index[r.key()] = uint16(i + 1)
	}
	return index
}()

func (r *sysreg) key() int {
	return int(r.op0&1)<<14 | int(r.op1)<<11 | int(r.crn)<<7 | int(r.crm)<<3 | int(r.op2)
}

func findSysreg(w uint32) *sysreg {
	if i := sysregIndex[w>>5&0x7fff]; i != 0 {
		return &sysregTable[i-1]
	}
	return nil
}

// trapSystem raises the trapped-system-instruction exception for w (D13.2.37, EC 0x18).
func (c *CPU) trapSystem(w uint32) status {
	iss := uint64(w>>19&3)<<20 | uint64(w>>5&7)<<17 | uint64(w>>16&7)<<14 | uint64(w>>12&15)<<10 |
		uint64(w&31)<<5 | uint64(w>>8&15)<<1 | uint64(w>>21&1)
	return c.raise(ecSystem, iss, c.pc)
}

// sysAccess finds the register of an MRS or MSR. On nil the exception was taken.
func (c *CPU) sysAccess(w uint32, write bool) *sysreg {
	r := findSysreg(w)
	if r == nil {
		c.undefined(w)
		return nil
	}
	readable := r.constant || r.field != nil || r.read != nil
	writable := r.write != nil || r.field != nil
	if write && !writable || !write && !readable {
		c.undefined(w)
		return nil
	}
	if c.el == 0 {
		if r.op1 != 3 || write && r.userReadOnly {
			c.raise(ecUnknown, 0, c.pc)
			return nil
		}
		if r.user != nil && !r.user(c) {
			c.trapSystem(w)
			return nil
		}
	}
	if c.fpTrap && (r.name == "FPCR" || r.name == "FPSR") {
		c.trapFP()
		return nil
	}
	if r.name == "SP_EL0" && c.spBank() == 0 {
		c.raise(ecUnknown, 0, c.pc)
		return nil
	}
	return r
}

func (r *sysreg) get(c *CPU) uint64 {
	switch {
	case r.read != nil:
		return r.read(c)
	case r.field != nil:
		return *r.field(c)
	}
	return r.value
}

func (r *sysreg) set(c *CPU, v uint64) {
	if r.write != nil {
		r.write(c, v)
		return
	}
	p := r.field(c)
	old := *p
	if r.mask != 0 {
		v &= r.mask
	}
	*p = v
	if r.changed != nil {
		r.changed(c, old)
	}
}

func execMRS(c *CPU, w uint32) status {
	r := c.sysAccess(w, false)
	if r == nil {
		return stFault
	}
	c.setX(w, r.get(c), true)
	return stNext
}

func execMSR(c *CPU, w uint32) status {
	r := c.sysAccess(w, true)
	if r == nil {
		return stFault
	}
	r.set(c, c.x[fieldRt(w)])
	if r.quiet {
		return stNext
	}
	return stEnd
}

// execMSRImmediate runs MSR PAN, SPSel, DAIFSet and DAIFClr.
func execMSRImmediate(c *CPU, w uint32) status {
	imm := uint64(w >> 8 & 15)
	switch w >> 5 & 7 {
	case 4:
		if c.el == 0 {
			return c.undefined(w)
		}
		c.pan = imm&1 != 0
		c.contextChanged()
		return stEnd
	case 5:
		if c.el == 0 {
			return c.undefined(w)
		}
		c.setMode(c.el, imm&1 != 0)
		return stEnd
	case 6, 7:
		if c.el == 0 && c.sys.sctlr&sctlrUMA == 0 {
			return c.trapSystem(w)
		}
		if w>>5&7 == 6 {
			c.daif |= imm << 6
			return stNext
		}
		c.daif &^= imm << 6
	}
	return stEnd
}

func validMSRImmediate(w uint32) bool {
	op1, op2 := w>>16&7, w>>5&7
	return op1 == 0 && (op2 == 4 || op2 == 5) || op1 == 3 && (op2 == 6 || op2 == 7)
}

// Exception generation and system instructions (C4.1.87).
var rowsSystem = []row{
	{name: "SVC", pattern: "11010100 000iiiii iiiiiiii iii00001", exec: execSVC, ends: true},
	{name: "HVC", pattern: "11010100 000iiiii iiiiiiii iii00010", exec: execHVC, ends: true},
	{name: "BRK", pattern: "11010100 001iiiii iiiiiiii iii00000", exec: execBRK, ends: true},
	{name: "HLT", pattern: "11010100 010iiiii iiiiiiii iii00000", exec: execHLT, ends: true},
	{name: "ERET", pattern: "11010110 10011111 00000011 11100000", exec: execERET, ends: true},
	{name: "WFE", pattern: "11010101 00000011 00100000 01011111", exec: execWFE, ends: true},
	{name: "WFI", pattern: "11010101 00000011 00100000 01111111", exec: execWFI, ends: true},
	{name: "HINT", pattern: "11010101 00000011 0010hhhh hhh11111", exec: execNop, hot: nop},
	{name: "CLREX", pattern: "11010101 00000011 0011iiii 01011111", exec: execCLREX},
	{name: "DSB", pattern: "11010101 00000011 0011iiii 10011111", exec: execNop, hot: nop},
	{name: "DMB", pattern: "11010101 00000011 0011iiii 10111111", exec: execNop, hot: nop},
	{name: "ISB", pattern: "11010101 00000011 0011iiii 11011111", exec: execNop, hot: nop},
	{name: "MSR (immediate)", pattern: "11010101 00000ooo 0100iiii ooo11111", valid: validMSRImmediate, exec: execMSRImmediate, ends: true},
	{name: "SYS", pattern: "11010101 00001ooo nnnnmmmm ooottttt", exec: execSYS, ends: true},
	{name: "MSR (register)", pattern: "11010101 0001oooo nnnnmmmm ooottttt", exec: execMSR, ends: true},
	{name: "MRS", pattern: "11010101 0011oooo nnnnmmmm ooottttt", exec: execMRS},
}

func execCLREX(c *CPU, w uint32) status {
	c.monitor = monitor{}
	return stNext
}
