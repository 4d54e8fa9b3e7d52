package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kFWait, "fwait", 0, (*CPU).fwait)
	def(kFArithST0, "farith st0,sti", 0, (*CPU).fArithST0)
	def(kFArithSTi, "farith sti,st0", 0, (*CPU).fArithSTi)
	def(kFArithSTiPop, "farithp sti,st0", 0, (*CPU).fArithSTi)
	def(kFArithM32, "farith m32", 0, (*CPU).fArithM32)
	def(kFArithM64, "farith m64", 0, (*CPU).fArithM64)
	def(kFArithI16, "fiarith m16", 0, (*CPU).fArithI16)
	def(kFArithI32, "fiarith m32", 0, (*CPU).fArithI32)
	def(kFSqrt, "fsqrt", 0, func(c *CPU, op *Op) bool { return c.fUnary(op, (*softfloat.Env).Sqrt80) })
	def(kFRndInt, "frndint", 0, func(c *CPU, op *Op) bool { return c.fUnary(op, (*softfloat.Env).RoundInt80) })
	def(kFChs, "fchs", 0, func(c *CPU, op *Op) bool { return c.fSign(op, 0xffff, 0x8000) })
	def(kFAbs, "fabs", 0, func(c *CPU, op *Op) bool { return c.fSign(op, 0x7fff, 0) })
	def(kFScale, "fscale", 0, (*CPU).fScale)
	def(kFXtract, "fxtract", 0, (*CPU).fXtract)
	def(kFPrem, "fprem", 0, (*CPU).fPrem)
}

// fwait only lets a pending exception happen. TS stops it only when MP is set, too.
func (c *CPU) fwait(op *Op) bool {
	if c.cr0&(cr0MP|cr0TS) == cr0MP|cr0TS {
		return c.raise(excNM)
	}
	if c.fpu.sw&swES != 0 {
		return c.raise(excMF)
	}
	return true
}

// arithmetic computes one of the six operations on registers.
func (f *fpuState) arithmetic(sub uint8, a, b softfloat.F80) softfloat.F80 {
	e := &f.env
	switch sub {
	case fAdd:
		return e.Add80(a, b)
	case fMul:
		return e.Mul80(a, b)
	case fSub:
		return e.Sub80(a, b)
	case fSubR:
		return e.Sub80(b, a)
	case fDiv:
		return e.Div80(a, b)
	}
	return e.Div80(b, a)
}

// arithmeticMem computes one of the six operations on a register and a memory operand.
func (f *fpuState) arithmeticMem(sub uint8, st softfloat.F80, b softfloat.Operand) softfloat.F80 {
	e, a := &f.env, softfloat.Operand80(st)
	switch sub {
	case fAdd:
		return e.Add(a, b)
	case fMul:
		return e.Mul(a, b)
	case fSub:
		return e.Sub(a, b)
	case fSubR:
		return e.Sub(b, a)
	case fDiv:
		return e.Div(a, b)
	}
	return e.Div(b, a)
}

func (c *CPU) fArithST0(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) || f.isEmpty(op.RM) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if r := f.arithmetic(op.Sub, *f.st(0), *f.st(op.RM)); f.settle(false) {
		*f.st(0) = r
	}
	return true
}

// fArithSTi stores to ST(i), and pops ST(0) in the kind that does. Its operations are ST(i) op ST(0).
func (c *CPU) fArithSTi(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) || f.isEmpty(op.RM) {
		if !f.stackFault(false) {
			return true
		}
		f.set(op.RM, softfloat.DefaultNaN80)
	} else {
		r := f.arithmetic(op.Sub, *f.st(op.RM), *f.st(0))
		if !f.settle(false) {
			return true
		}
		*f.st(op.RM) = r
	}
	if op.Kind == kFArithSTiPop {
		f.pop()
	}
	return true
}

// fArithMem does ST(0) op= operand, for an operand read at ea.
func (c *CPU) fArithMem(op *Op, ea uint64, b softfloat.Operand) bool {
	f := &c.fpu
	c.lastOperand(op, ea)
	f.begin()
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if r := f.arithmeticMem(op.Sub, *f.st(0), b); f.settle(false) {
		*f.st(0) = r
	}
	return true
}

// fArithMem80 is fArithMem for an operand that widening does not change.
func (c *CPU) fArithMem80(op *Op, ea uint64, b softfloat.F80) bool {
	f := &c.fpu
	c.lastOperand(op, ea)
	f.begin()
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if r := f.arithmetic(op.Sub, *f.st(0), b); f.settle(false) {
		*f.st(0) = r
	}
	return true
}

func (c *CPU) fArithM32(op *Op) bool {
	ea, v, ok := c.fpuOperand32(op)
	if w, normal := softfloat.Widen32(v); normal && ok {
		return c.fArithMem80(op, ea, w)
	}
	return ok && c.fArithMem(op, ea, softfloat.Operand32(v))
}

func (c *CPU) fArithM64(op *Op) bool {
	ea, v, ok := c.fpuOperand64(op)
	if w, normal := softfloat.Widen64(v); normal && ok {
		return c.fArithMem80(op, ea, w)
	}
	return ok && c.fArithMem(op, ea, softfloat.Operand64(v))
}

func (c *CPU) fArithI16(op *Op) bool {
	ea, v, ok := c.fpuOperand16(op)
	return ok && c.fArithMem80(op, ea, softfloat.FromInt80(int64(int16(v))))
}

func (c *CPU) fArithI32(op *Op) bool {
	ea, v, ok := c.fpuOperand32(op)
	return ok && c.fArithMem80(op, ea, softfloat.FromInt80(int64(int32(v))))
}

func (c *CPU) fpuOperand16(op *Op) (ea uint64, v uint16, ok bool) {
	if !c.checkFPU() {
		return 0, 0, false
	}
	ea = c.ea(op)
	w, ok := c.read16(op.Seg, ea)
	return ea, uint16(w), ok
}

func (c *CPU) fpuOperand32(op *Op) (ea uint64, v uint32, ok bool) {
	if !c.checkFPU() {
		return 0, 0, false
	}
	ea = c.ea(op)
	v, ok = c.read32(op.Seg, ea)
	return ea, v, ok
}

func (c *CPU) fpuOperand64(op *Op) (ea uint64, v uint64, ok bool) {
	if !c.checkFPU() {
		return 0, 0, false
	}
	ea = c.ea(op)
	v, ok = c.read64(op.Seg, ea)
	return ea, v, ok
}

// fUnary replaces ST(0) by g(ST(0)).
func (c *CPU) fUnary(op *Op, g func(*softfloat.Env, softfloat.F80) softfloat.F80) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if r := g(&f.env, *f.st(0)); f.settle(false) {
		*f.st(0) = r
	}
	return true
}

// fSign is FCHS and FABS, which look at nothing but the sign.
func (c *CPU) fSign(op *Op, and, xor uint16) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	st := f.st(0)
	st.SE = st.SE&and ^ xor
	return true
}

func (c *CPU) fScale(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) || f.isEmpty(1) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	if r := f.env.Scale80(*f.st(0), *f.st(1)); f.settle(false) {
		*f.st(0) = r
	}
	return true
}

func (c *CPU) fXtract(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.pushFault() {
		return true
	}
	if exponent, significand := f.env.Extract80(*f.st(0)); f.settle(false) {
		*f.st(0) = exponent
		f.push(significand)
	}
	return true
}

// fPrem is FPREM, or FPREM1 with Sub 1. C0, C3 and C1 get bits 2, 1 and 0 of the quotient; a NaN leaves
// C0 and C3 alone.
func (c *CPU) fPrem(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	f.sw &^= swC2
	if f.isEmpty(0) || f.isEmpty(1) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return true
	}
	r, quotient, partial := f.env.Remainder80(*f.st(0), *f.st(1), op.Sub == 1)
	if !f.settle(false) {
		return true
	}
	*f.st(0) = r
	if softfloat.Classify(r) == softfloat.NaN80 {
		return true
	}
	f.sw &^= swCC
	if partial {
		f.sw |= swC2
		return true
	}
	if quotient&4 != 0 {
		f.sw |= swC0
	}
	if quotient&2 != 0 {
		f.sw |= swC3
	}
	if quotient&1 != 0 {
		f.sw |= swC1
	}
	return true
}
