package x86

import "forkscope/machine/cpu/softfloat"

// xmmReg is a 128-bit register.
type xmmReg struct{ lo, hi uint64 }

// MXCSR (SDM vol. 1, 10.2.3). The flags in bits 0-5 are those of softfloat, the masks are seven places up.
const (
	mxcsrDAZ  = 1 << 6
	mxcsrFTZ  = 1 << 15
	mxcsrInit = 0x1f80
	// mxcsrMask has the bits that can be set; FXSAVE tells it.
	mxcsrMask = 0xffff
)

func (f *fpuState) setMXCSR(v uint32) {
	f.mxcsr = v
	f.sse = softfloat.Env{
		Rules:        softfloat.SSE,
		Round:        softfloat.Rounding(v >> 13 & 3),
		Unmasked:     softfloat.Flags(^v >> 7 & 0x3f),
		FlushInputs:  v&mxcsrDAZ != 0,
		FlushResults: v&mxcsrFTZ != 0,
	}
	f.ssePlain = v&0x6000 == 0 && v&0x1f80 == 0x1f80
}

// checkSSE says whether an SSE instruction may execute (SDM vol. 3, 13.1).
func (c *CPU) checkSSE() bool {
	if c.cr0&(cr0EM|cr0TS) != 0 || c.cr4&cr4OSFXSR == 0 {
		if c.cr0&cr0EM != 0 || c.cr4&cr4OSFXSR == 0 {
			return c.raise(excUD)
		}
		return c.raise(excNM)
	}
	return true
}

// sseSettle enters the exceptions of an instruction into MXCSR and takes the unmasked ones. False: the result must not be stored.
func (c *CPU) sseSettle() bool {
	f := &c.fpu
	fl := f.sse.Flags
	if fl == 0 {
		return true
	}
	f.sse.Flags = 0
	un := fl & f.sse.Unmasked
	if un == 0 {
		f.mxcsr |= uint32(fl)
		return true
	}
	if un&beforeResult != 0 { // found before computing, so there is nothing else to report
		fl &= beforeResult
	}
	f.mxcsr |= uint32(fl)
	if c.cr4&cr4OSXMMEXCPT == 0 {
		return c.raise(excUD)
	}
	return c.raise(excXM)
}

// sourceXMM reads a 128-bit r/m operand, which in memory must be aligned.
func (c *CPU) sourceXMM(op *Op) (xmmReg, bool) {
	if op.Flags&FlagMem == 0 {
		return c.fpu.xmm[op.RM&15], true
	}
	ea := c.ea(op)
	if !c.aligned16(op, ea) {
		return xmmReg{}, false
	}
	lo, hi, ok := c.read128(op.Seg, ea)
	return xmmReg{lo, hi}, ok
}

// aligned16 raises #GP(0) for a 128-bit operand that is not aligned.
func (c *CPU) aligned16(op *Op, ea uint64) bool {
	if (c.seg[op.Seg].start+ea)&15 != 0 {
		return c.raiseErr(excGP, 0)
	}
	return true
}

// sourceXMM64 reads the low half of an XMM register, or 64 bits of memory.
func (c *CPU) sourceXMM64(op *Op) (uint64, bool) {
	if op.Flags&FlagMem != 0 {
		return c.read64(op.Seg, c.ea(op))
	}
	return c.fpu.xmm[op.RM&15].lo, true
}

// sourceXMM32 reads the low 32 bits of an XMM register, or 32 bits of memory.
func (c *CPU) sourceXMM32(op *Op) (uint32, bool) {
	if op.Flags&FlagMem != 0 {
		return c.read32(op.Seg, c.ea(op))
	}
	return uint32(c.fpu.xmm[op.RM&15].lo), true
}

// writeXMM stores 128 bits, aligned or not.
func (c *CPU) writeXMM(op *Op, v xmmReg, aligned bool) bool {
	ea := c.ea(op)
	if aligned && !c.aligned16(op, ea) {
		return false
	}
	return c.write128(op.Seg, ea, v.lo, v.hi)
}
