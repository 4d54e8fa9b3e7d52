package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kFLd, "fld sti", 0, (*CPU).fLdST)
	def(kFLdM32, "fld m32", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand32(op)
		return ok && c.fLoad(op, ea, func(e *softfloat.Env) softfloat.F80 { return e.Convert32to80(v) })
	})
	def(kFLdM64, "fld m64", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand64(op)
		return ok && c.fLoad(op, ea, func(e *softfloat.Env) softfloat.F80 { return e.Convert64to80(v) })
	})
	def(kFLdM80, "fld m80", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand80(op)
		return ok && c.fLoad(op, ea, func(*softfloat.Env) softfloat.F80 { return v })
	})
	def(kFILd16, "fild m16", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand16(op)
		return ok && c.fLoad(op, ea, func(*softfloat.Env) softfloat.F80 { return softfloat.FromInt80(int64(int16(v))) })
	})
	def(kFILd32, "fild m32", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand32(op)
		return ok && c.fLoad(op, ea, func(*softfloat.Env) softfloat.F80 { return softfloat.FromInt80(int64(int32(v))) })
	})
	def(kFILd64, "fild m64", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand64(op)
		return ok && c.fLoad(op, ea, func(*softfloat.Env) softfloat.F80 { return softfloat.FromInt80(int64(v)) })
	})
	def(kFBLd, "fbld m80", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand80(op)
		return ok && c.fLoad(op, ea, func(*softfloat.Env) softfloat.F80 { return fromBCD(v) })
	})
	def(kFSt, "fst sti", 0, (*CPU).fStST)
	def(kFStQuiet, "fstpnce sti", 0, (*CPU).fStST)
	def(kFStM32, "fst m32", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 4, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) { return uint64(e.Convert80to32(v)), 0 })
	})
	def(kFStM64, "fst m64", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 8, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) { return e.Convert80to64(v), 0 })
	})
	def(kFStM80, "fstp m80", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 10, func(_ *softfloat.Env, v softfloat.F80) (uint64, uint16) { return v.Sig, v.SE })
	})
	def(kFISt16, "fist m16", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 2, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) { return uint64(e.ToSigned80(v, 16)), 0 })
	})
	def(kFISt32, "fist m32", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 4, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) { return uint64(e.ToSigned80(v, 32)), 0 })
	})
	def(kFISt64, "fistp m64", 0, func(c *CPU, op *Op) bool {
		return c.fStore(op, 8, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) { return uint64(e.ToSigned80(v, 64)), 0 })
	})
	def(kFBSt, "fbstp m80", 0, func(c *CPU, op *Op) bool { return c.fStore(op, 10, toBCD) })
	def(kFLdConst, "fldconst", 0, (*CPU).fLdConst)
	def(kFXch, "fxch", 0, (*CPU).fXch)
	def(kFCMov, "fcmov", 0, (*CPU).fCMov)
	def(kFFree, "ffree", 0, (*CPU).fFree)
	def(kFIncStp, "fincstp", 0, func(c *CPU, op *Op) bool { return c.fRotate(op, 1) })
	def(kFDecStp, "fdecstp", 0, func(c *CPU, op *Op) bool { return c.fRotate(op, 7) })
	def(kFNop, "fnop", 0, (*CPU).fNop)
}

func (c *CPU) fpuOperand80(op *Op) (ea uint64, v softfloat.F80, ok bool) {
	if !c.checkFPU() {
		return 0, v, false
	}
	ea = c.ea(op)
	v.Sig, v.SE, ok = c.read80(op.Seg, ea)
	return ea, v, ok
}

// fLoad pushes what convert gives, unless that raises an unmasked exception.
func (c *CPU) fLoad(op *Op, ea uint64, convert func(*softfloat.Env) softfloat.F80) bool {
	f := &c.fpu
	c.lastOperand(op, ea)
	f.begin()
	if !f.isEmpty(7) {
		if f.stackFault(true) {
			f.push(softfloat.DefaultNaN80)
		}
		return true
	}
	v := convert(&f.env)
	if f.settle(false) || f.env.Flags == softfloat.Denormal { // a denormal is loaded even when that traps
		f.push(v)
	}
	return true
}

func (c *CPU) fLdST(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if underflow := f.isEmpty(op.RM); underflow || !f.isEmpty(7) {
		if f.stackFault(!underflow) {
			f.push(softfloat.DefaultNaN80)
		}
		return true
	}
	f.push(*f.st(op.RM))
	return true
}

// fStore writes what convert makes of ST(0) as size bytes, and pops if op.Sub is 1. The memory write comes before any change of state, so
// that a page fault leaves everything as it was.
func (c *CPU) fStore(op *Op, size int, convert func(*softfloat.Env, softfloat.F80) (uint64, uint16)) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	ea := c.ea(op)
	sw := f.sw
	f.begin()
	var lo uint64
	var hi uint16
	var store bool
	if f.isEmpty(0) {
		store = f.stackFault(false)
		switch op.Kind {
		case kFStM32:
			lo = 0xffc00000
		case kFStM64:
			lo = 0xfff8 << 48
		case kFStM80:
			lo, hi = softfloat.DefaultNaN80.Sig, softfloat.DefaultNaN80.SE
		case kFBSt:
			lo, hi = bcdIndefinite, 0xffff
		default:
			lo = 1 << (8*size - 1)
		}
	} else {
		lo, hi = convert(&f.env, *f.st(0))
		store = f.settle(true)
	}
	if !store {
		// The operand must be writable even so.
		if !c.probe(op.Seg, ea, uint64(size), true) {
			f.sw = sw
			return false
		}
		c.lastOperand(op, ea)
		return true
	}
	var ok bool
	switch size {
	case 2:
		ok = c.write16(op.Seg, ea, uint32(lo))
	case 4:
		ok = c.write32(op.Seg, ea, uint32(lo))
	case 8:
		ok = c.write64(op.Seg, ea, lo)
	default:
		ok = c.write80(op.Seg, ea, lo, hi)
	}
	if !ok {
		f.sw = sw
		return false
	}
	c.lastOperand(op, ea)
	f.popTimes(op.Sub)
	return true
}

func (c *CPU) fStST(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	switch {
	case !f.isEmpty(0):
		f.set(op.RM, *f.st(0))
	case op.Kind == kFStQuiet: // no exception and no store
	case !f.stackFault(false):
		return true
	default:
		f.set(op.RM, softfloat.DefaultNaN80)
	}
	f.popTimes(op.Sub)
	return true
}

// bcdIndefinite is the low part of the packed BCD indefinite (SDM vol. 1, table 4-5).
const bcdIndefinite = 0xc000 << 48

// fromBCD converts a packed decimal integer; digits above 9 count as what their bits say.
func fromBCD(v softfloat.F80) softfloat.F80 {
	n := int64(v.SE>>4&15)*10 + int64(v.SE&15)
	for i := 60; i >= 0; i -= 4 {
		n = n*10 + int64(v.Sig>>i&15)
	}
	r := softfloat.FromInt80(n)
	r.SE |= v.SE & 0x8000
	return r
}

// toBCD rounds v to an integer of 18 decimal digits.
func toBCD(e *softfloat.Env, v softfloat.F80) (uint64, uint16) {
	n := e.ToSigned80(v, 64)
	mag := uint64(n)
	if n < 0 {
		mag = -mag
	}
	if mag >= 1e18 {
		e.Flags = softfloat.Invalid
		return bcdIndefinite, 0xffff
	}
	var lo uint64
	for i := 0; i < 64; i += 4 {
		lo |= mag % 10 << i
		mag /= 10
	}
	return lo, uint16(mag/10<<4|mag%10) | v.SE&0x8000
}

// fpuConstants are 1, log2(10), log2(e), π, log10(2), ln(2) and 0: the leading 64 bits, and the sign of what was left off
// after rounding them to nearest (positive: the constant is larger than the 64 bits).
var fpuConstants = [7]struct {
	v    softfloat.F80
	rest int8
}{
	{softfloat.F80{Sig: 0x8000000000000000, SE: 0x3fff}, 0},
	{softfloat.F80{Sig: 0xd49a784bcd1b8afe, SE: 0x4000}, 1},
	{softfloat.F80{Sig: 0xb8aa3b295c17f0bc, SE: 0x3fff}, -1},
	{softfloat.F80{Sig: 0xc90fdaa22168c235, SE: 0x4000}, -1},
	{softfloat.F80{Sig: 0x9a209a84fbcff799, SE: 0x3ffd}, -1},
	{softfloat.F80{Sig: 0xb17217f7d1cf79ac, SE: 0x3ffe}, -1},
	{softfloat.F80{}, 0},
}

// fLdConst pushes a constant, rounded as the control word says (since the 80387), without reporting that it is inexact.
func (c *CPU) fLdConst(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if !f.isEmpty(7) {
		if f.stackFault(true) {
			f.push(softfloat.DefaultNaN80)
		}
		return true
	}
	k := fpuConstants[op.Sub]
	switch {
	case k.rest > 0 && f.env.Round == softfloat.Up:
		k.v.Sig++
	case k.rest < 0 && (f.env.Round == softfloat.Down || f.env.Round == softfloat.TowardZero):
		k.v.Sig--
	}
	f.push(k.v)
	return true
}

func (c *CPU) fXch(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	e0, ei := f.isEmpty(0), f.isEmpty(op.RM)
	if e0 || ei {
		if !f.stackFault(false) {
			return true
		}
		if e0 {
			f.set(0, softfloat.DefaultNaN80)
		}
		if ei {
			f.set(op.RM, softfloat.DefaultNaN80)
		}
	}
	a, b := f.st(0), f.st(op.RM)
	*a, *b = *b, *a
	return true
}

// fCMov moves ST(i) to ST(0) under the condition in Sub, which is that of Jcc. It clears C1 only when the stack underflows.
func (c *CPU) fCMov(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	if f.isEmpty(0) || f.isEmpty(op.RM) {
		f.sw &^= swC1
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if c.cond(cond(op.Sub)) {
		*f.st(0) = *f.st(op.RM)
	}
	return true
}

// fFree marks ST(i) as empty, and pops if Sub is 1 (FFREEP).
func (c *CPU) fFree(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	f.valid &^= 1 << ((f.top + op.RM) & 7)
	f.popTimes(op.Sub)
	return true
}

func (c *CPU) fRotate(op *Op, by uint8) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	f.top = (f.top + by) & 7
	return true
}

// fNop is FNOP, or with Sub 1 one of the instructions that mattered to the 8087 and 80287 only, which do not wait.
func (c *CPU) fNop(op *Op) bool {
	if op.Sub != 0 {
		return c.checkFPUControl()
	}
	if !c.checkFPU() {
		return false
	}
	c.lastInstruction(op)
	return true
}
