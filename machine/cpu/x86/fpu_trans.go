package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kFTrans, "ftrans", 0, (*CPU).fTrans)
}

// fTrans is the transcendental functions (SDM vol. 1, 8.3.7), each with its own way to treat the stack.
func (c *CPU) fTrans(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	switch op.Sub {
	case fF2XM1:
		f.replace(func(a softfloat.F80) softfloat.F80 { return f.env.Exp2m1(a) })
	case fFYL2X:
		f.combine(f.env.Log80)
	case fFYL2XP1:
		f.combine(f.env.Log1p80)
	case fFPAtan:
		f.combine(f.env.Atan80)
	case fFSin:
		f.angle(func(a softfloat.F80) (softfloat.F80, softfloat.Angle) {
			r, _, ok := f.env.SinCos80(a, true, false)
			return r, ok
		})
	case fFCos:
		f.angle(func(a softfloat.F80) (softfloat.F80, softfloat.Angle) {
			_, r, ok := f.env.SinCos80(a, false, true)
			return r, ok
		})
	case fFSinCos:
		f.sinCos()
	case fFPTan:
		f.tangent()
	}
	return true
}

// replace is for functions of ST(0).
func (f *fpuState) replace(g func(softfloat.F80) softfloat.F80) {
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return
	}
	if r := g(*f.st(0)); f.settle(false) {
		*f.st(0) = r
	}
}

// combine is for functions of ST(1) and ST(0), which store to ST(1) and pop.
func (f *fpuState) combine(g func(a, b softfloat.F80) softfloat.F80) {
	if f.isEmpty(0) || f.isEmpty(1) {
		if f.stackFault(false) {
			f.set(1, softfloat.DefaultNaN80)
			f.pop()
		}
		return
	}
	if r := g(*f.st(1), *f.st(0)); f.settle(false) {
		*f.st(1) = r
		f.pop()
	}
}

// angle is for FSIN and FCOS. C2 says that the operand is out of range, and stays as it is.
func (f *fpuState) angle(g func(softfloat.F80) (softfloat.F80, softfloat.Angle)) {
	f.sw &^= swC2
	if f.isEmpty(0) {
		if f.stackFault(false) {
			f.set(0, softfloat.DefaultNaN80)
		}
		return
	}
	r, angle := g(*f.st(0))
	if angle == softfloat.OutOfRange {
		f.sw |= swC2
		return
	}
	if f.settle(false) {
		*f.st(0) = r
	}
}

// sinCos is FSINCOS: the sine replaces ST(0) and the cosine is pushed.
func (f *fpuState) sinCos() {
	f.sw &^= swC2
	if f.pushFault() {
		return
	}
	sin, cos, angle := f.env.SinCos80(*f.st(0), true, true)
	if angle == softfloat.OutOfRange {
		f.sw |= swC2
		return
	}
	if f.settle(false) {
		*f.st(0) = sin
		f.push(cos)
	}
}

// tangent is FPTAN: the tangent replaces ST(0) and 1 is pushed, or the NaN once more.
func (f *fpuState) tangent() {
	f.sw &^= swC2
	if f.pushFault() {
		return
	}
	r, angle := f.env.Tan80(*f.st(0))
	if angle == softfloat.OutOfRange {
		f.sw |= swC2
		return
	}
	if f.settle(false) {
		*f.st(0) = r
		if angle == softfloat.InRange {
			r = softfloat.FromInt80(1)
		}
		f.push(r)
	}
}

// pushFault handles an empty ST(0), or no room to push, for an instruction with two results.
func (f *fpuState) pushFault() bool {
	underflow := f.isEmpty(0)
	if !underflow && f.isEmpty(7) {
		return false
	}
	if f.stackFault(!underflow) {
		f.set(0, softfloat.DefaultNaN80)
		f.push(softfloat.DefaultNaN80)
	}
	return true
}
