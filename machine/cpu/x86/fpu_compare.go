package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kFCom, "fcom", 0, func(c *CPU, op *Op) bool { return c.fCompare(op, true) })
	def(kFUCom, "fucom", 0, func(c *CPU, op *Op) bool { return c.fCompare(op, false) })
	def(kFComI, "fcomi", 0, func(c *CPU, op *Op) bool { return c.fCompareFlags(op, true) })
	def(kFUComI, "fucomi", 0, func(c *CPU, op *Op) bool { return c.fCompareFlags(op, false) })
	def(kFComM32, "fcom m32", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand32(op)
		return ok && c.fCompareMem(op, ea, softfloat.Operand32(v))
	})
	def(kFComM64, "fcom m64", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand64(op)
		return ok && c.fCompareMem(op, ea, softfloat.Operand64(v))
	})
	def(kFComI16, "ficom m16", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand16(op)
		return ok && c.fCompareMem(op, ea, softfloat.OperandInt(int64(int16(v))))
	})
	def(kFComI32, "ficom m32", 0, func(c *CPU, op *Op) bool {
		ea, v, ok := c.fpuOperand32(op)
		return ok && c.fCompareMem(op, ea, softfloat.OperandInt(int64(int32(v))))
	})
	def(kFTst, "ftst", 0, (*CPU).fTst)
	def(kFXam, "fxam", 0, (*CPU).fXam)
}

// setOrder sets C3, C2 and C0 as a comparison does; C1 is clear already.
func (f *fpuState) setOrder(o softfloat.Order) {
	f.sw &^= swC0 | swC2 | swC3
	switch o {
	case softfloat.Less:
		f.sw |= swC0
	case softfloat.Equal:
		f.sw |= swC3
	case softfloat.Unordered:
		f.sw |= swC0 | swC2 | swC3
	}
}

func (f *fpuState) popTimes(n uint8) {
	for ; n > 0; n-- {
		f.pop()
	}
}

// fCompare compares ST(0) with ST(i) and pops op.Sub times.
func (c *CPU) fCompare(op *Op, signalling bool) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) || f.isEmpty(op.RM) {
		f.setOrder(softfloat.Unordered)
		if f.stackFault(false) {
			f.popTimes(op.Sub)
		}
		return true
	}
	o := f.env.Compare80(*f.st(0), *f.st(op.RM), signalling)
	f.setOrder(o)
	if f.settle(false) {
		f.popTimes(op.Sub)
	}
	return true
}

func (c *CPU) fCompareMem(op *Op, ea uint64, b softfloat.Operand) bool {
	f := &c.fpu
	c.lastOperand(op, ea)
	f.begin()
	if f.isEmpty(0) {
		f.setOrder(softfloat.Unordered)
		if f.stackFault(false) {
			f.popTimes(op.Sub)
		}
		return true
	}
	o := f.env.Compare(softfloat.Operand80(*f.st(0)), b, true)
	f.setOrder(o)
	if f.settle(false) {
		f.popTimes(op.Sub)
	}
	return true
}

// fCompareFlags is FCOMI and FUCOMI, whose result is in EFLAGS. They clear C1 only when the stack underflows.
func (c *CPU) fCompareFlags(op *Op, signalling bool) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.env.Flags = 0
	if f.isEmpty(0) || f.isEmpty(op.RM) {
		f.sw &^= swC1
		c.setZPC(true, true, true)
		if f.stackFault(false) {
			f.popTimes(op.Sub)
		}
		return true
	}
	o := f.env.Compare80(*f.st(0), *f.st(op.RM), signalling)
	un := o == softfloat.Unordered
	c.setZPC(un || o == softfloat.Equal, un, un || o == softfloat.Less)
	if f.settle(false) {
		f.popTimes(op.Sub)
	}
	return true
}

func (c *CPU) fTst(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.begin()
	if f.isEmpty(0) {
		f.setOrder(softfloat.Unordered)
		f.stackFault(false)
		return true
	}
	f.setOrder(f.env.Compare80(*f.st(0), softfloat.F80{}, true))
	f.settle(false)
	return true
}

// fXam describes ST(0) in C3, C2 and C0 and gives its sign in C1, even that of an empty register.
func (c *CPU) fXam(op *Op) bool {
	if !c.checkFPU() {
		return false
	}
	f := &c.fpu
	c.lastInstruction(op)
	f.sw &^= swCC
	st := *f.st(0)
	if st.SE&0x8000 != 0 {
		f.sw |= swC1
	}
	if f.isEmpty(0) {
		f.sw |= swC3 | swC0
		return true
	}
	f.sw |= [...]uint16{
		softfloat.Unsupported80: 0,
		softfloat.NaN80:         swC0,
		softfloat.Normal80:      swC2,
		softfloat.Infinity80:    swC2 | swC0,
		softfloat.Zero80:        swC3,
		softfloat.Denormal80:    swC3 | swC2,
	}[softfloat.Classify(st)]
	return true
}
