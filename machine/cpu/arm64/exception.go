package arm64

import (
	"fmt"

	"forkscope/machine/cpu"
)

// Exception classes (ESR_ELx.EC).
const (
	ecUnknown      = 0x00
	ecWFx          = 0x01
	ecFPTrap       = 0x07
	ecIllegalState = 0x0e
	ecSVC          = 0x15
	ecSystem       = 0x18
	ecInstrLower   = 0x20
	ecPCAlignment  = 0x22
	ecDataLower    = 0x24
	ecSPAlignment  = 0x26
	ecBreakLower   = 0x30
	ecStepLower    = 0x32
	ecWatchLower   = 0x34
	ecBRK          = 0x3c
)

// PSTATE.DAIF as in SPSR.
const (
	daifF    = 1 << 6
	daifI    = 1 << 7
	daifA    = 1 << 8
	daifD    = 1 << 9
	daifMask = daifD | daifA | daifI | daifF
)

const (
	spsrIL  = 1 << 20
	spsrSS  = 1 << 21
	spsrPAN = 1 << 22
)

// maxReports bounds the lines logged about undefined instructions.
const maxReports = 1000

// pstate packs the processor state as SPSR_EL1 and gdb's cpsr have it.
func (c *CPU) pstate() uint64 {
	v := uint64(c.flags())<<28 | c.daif | uint64(c.el)<<2
	if c.el != 0 && c.spsel {
		v |= 1
	}
	if c.il {
		v |= spsrIL
	}
	if c.ss {
		v |= spsrSS
	}
	if c.pan {
		v |= spsrPAN
	}
	return v
}

// setMode changes the exception level and the choice of SP, and with them the current SP.
func (c *CPU) setMode(el uint8, spsel bool) {
	c.sp[c.spBank()] = c.x[regSP]
	c.el, c.spsel = el, spsel
	c.x[regSP] = c.sp[c.spBank()]
	c.contextChanged()
}

// spBank is the index of the current SP: SP_EL0 or SP_EL1.
func (c *CPU) spBank() int {
	if c.el != 0 && c.spsel {
		return 1
	}
	return 0
}

// spOf reads SP_EL0 or SP_EL1.
func (c *CPU) spOf(bank int) uint64 {
	if bank == c.spBank() {
		return c.x[regSP]
	}
	return c.sp[bank]
}

func (c *CPU) setSPOf(bank int, v uint64) {
	if bank != c.spBank() {
		c.sp[bank] = v
		return
	}
	c.x[regSP] = v
	c.checkSP()
}

// KernelStack is SP_EL1, or SP_EL0 when the kernel runs on that.
func (c *CPU) KernelStack() (sp uint64, ok bool) {
	if c.el != 0 {
		return c.x[regSP], true
	}
	return c.sp[1], true
}

// enter takes an exception to EL1 (D1.10).
func (c *CPU) enter(offset uint64, returnPC uint64) {
	switch {
	case c.el == 0:
		offset += 0x400
	case c.spsel:
		offset += 0x200
	}
	vector := c.canonical(c.sys.vbar + offset)
	if c.lastException.now == c.clock.Retired && c.lastException.vector == vector && c.pc == vector && returnPC == vector {
		// Nothing was executed since this vector was entered, so this goes on for ever. The moment after it is another one.
		c.clock.Enter()
		c.stop(cpu.Exit{Reason: cpu.Shutdown, Detail: fmt.Sprintf(
			"exception loop: the instruction at the exception vector %#x raises an exception (ESR_EL1 %#x, FAR_EL1 %#x)",
			vector, c.sys.esr, c.sys.far)})
		return
	}
	c.lastException.now, c.lastException.vector = c.clock.Retired, vector
	c.clock.Enter()
	c.sys.spsr = c.pstate()
	c.sys.elr = returnPC
	c.daif = daifMask
	c.il, c.ss = false, false
	if c.sys.sctlr&sctlrSPAN == 0 {
		c.pan = true
	}
	c.setMode(1, true)
	c.toUser = false
	c.pc = vector
}

// raise takes a synchronous exception.
func (c *CPU) raise(ec, iss uint64, returnPC uint64) status {
	c.sys.esr = ec<<26 | 1<<25 | iss
	c.raised = c.orders.AtException
	c.enter(0, returnPC)
	return stFault
}

func (c *CPU) takeIRQ() { c.enter(0x80, c.pc) }

// sameLevel turns the "from a lower level" class of aborts into that for the exception's own level.
func (c *CPU) sameLevel(ec uint64) uint64 {
	if c.el != 0 {
		return ec + 1
	}
	return ec
}

func (c *CPU) instructionAbort(va uint64, fsc uint8) {
	c.sys.far = va
	c.raise(c.sameLevel(ecInstrLower), uint64(fsc&0x3f), c.pc)
}

func (c *CPU) dataAbort(va uint64, fsc uint8, a access) {
	c.sys.far = va
	iss := uint64(fsc & 0x3f)
	if a.write || a.cache {
		iss |= 1 << 6
	}
	if a.cache {
		iss |= 1 << 8
	}
	c.raise(c.sameLevel(ecDataLower), iss, c.pc)
}

func (c *CPU) trapFP() status { return c.raise(ecFPTrap, 1<<24|0xe<<20, c.pc) }

// undefined raises the Undefined exception for an encoding that this CPU does not have, and says so once per address.
func (c *CPU) undefined(w uint32) status {
	if !c.reported[c.pc] && len(c.reported) < maxReports && c.log != nil {
		c.reported[c.pc] = true
		c.log(fmt.Sprintf("undefined instruction at %#x: %02x %02x %02x %02x (word %08x, EL%d)",
			c.pc, byte(w), byte(w>>8), byte(w>>16), byte(w>>24), w, c.el))
	}
	return c.raise(ecUnknown, 0, c.pc)
}

// execSVC is how EL0 calls its kernel. Linux pays no attention to the immediate.
func execSVC(c *CPU, w uint32) status {
	if s := c.orders.Syscalls; s != nil && c.el == 0 && !c.orders.Pass && s.Has(c.SyscallNumber()) {
		c.stop(cpu.Exit{Reason: cpu.Syscall})
		return stFault
	}
	c.ss = false // the instruction counts as executed
	c.raise(ecSVC, uint64(w>>5&0xffff), c.pc+4)
	return stJump
}

func execHVC(c *CPU, w uint32) status {
	if c.el == 0 || c.hvc == nil {
		return c.undefined(w)
	}
	args := [4]uint64{c.x[0], c.x[1], c.x[2], c.x[3]}
	c.halted = c.hvc(&args)
	c.x[0] = args[0]
	return stEnd
}

func execHLT(c *CPU, w uint32) status {
	if c.hlt == nil || !c.hlt(uint16(w>>5)) {
		return c.undefined(w)
	}
	return stEnd
}

func execBRK(c *CPU, w uint32) status { return c.raise(ecBRK, uint64(w>>5&0xffff), c.pc) }

// execERET returns from an exception (D1.11). A return state that does not exist sets PSTATE.IL.
func execERET(c *CPU, w uint32) status {
	if c.el == 0 {
		return c.undefined(w)
	}
	spsr, pc := c.sys.spsr, c.sys.elr
	stepping := c.stepEnabled(1, c.daif)
	c.stepped = 0
	c.monitor = monitor{}
	c.setFlags(uint8(spsr >> 28))
	c.daif = spsr & daifMask
	c.il = spsr&spsrIL != 0
	c.pan = spsr&spsrPAN != 0
	el, spsel := uint8(spsr>>2&3), spsr&1 != 0
	illegal := spsr&0x12 != 0 || el > 1 || el == 0 && spsel
	if illegal {
		el = 1
	}
	c.ss = spsr&spsrSS != 0 && !stepping && c.stepEnabled(el, c.daif)
	if illegal {
		c.il = true
		c.pc = pc
		return stJump
	}
	c.setMode(el, spsel)
	c.toUser = el == 0 && c.orders.AtUser
	c.pc = c.canonical(pc)
	return stJump
}

func execWFI(c *CPU, w uint32) status {
	if c.el == 0 && c.sys.sctlr&sctlrNTWI == 0 {
		return c.raise(ecWFx, 0xe<<20|1<<24, c.pc)
	}
	c.halted = true
	return stEnd
}

// execWFE may return at any time (D1.17), and does so at once: there is no other processor to wait for.
func execWFE(c *CPU, w uint32) status {
	if c.el == 0 && c.sys.sctlr&sctlrNTWE == 0 {
		return c.raise(ecWFx, 0xe<<20|1<<24|1, c.pc)
	}
	return stEnd
}
