package x86

import "forkscope/machine/cpu/softfloat"

func init() {
	def(kSSEAddSubPS, "addsubps", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, a, b xmmReg) xmmReg { return xmmReg{f.addSub32(a.lo, b.lo), f.addSub32(a.hi, b.hi)} })
	})
	def(kSSEAddSubPD, "addsubpd", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, a, b xmmReg) xmmReg {
			return xmmReg{f.arith64(sseSub, a.lo, b.lo), f.arith64(sseAdd, a.hi, b.hi)}
		})
	})
	def(kSSEHAddPS, "haddps", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, a, b xmmReg) xmmReg {
			two := func(v xmmReg) uint64 {
				return uint64(f.arith32(op.Sub, uint32(v.lo), uint32(v.lo>>32))) | uint64(f.arith32(op.Sub, uint32(v.hi), uint32(v.hi>>32)))<<32
			}
			return xmmReg{two(a), two(b)}
		})
	})
	def(kSSEHAddPD, "haddpd", 0, func(c *CPU, op *Op) bool {
		return c.sseSettled(op, func(f *fpuState, a, b xmmReg) xmmReg {
			return xmmReg{f.arith64(op.Sub, a.lo, a.hi), f.arith64(op.Sub, b.lo, b.hi)}
		})
	})
	def(kSSEMovDup32, "movsldup", 0, func(c *CPU, op *Op) bool {
		return c.sseUnary(op, func(v xmmReg) xmmReg { return shuffle32(v, v, uint32(op.Sub)) })
	})
	def(kSSEMovDup64, "movddup", 0, (*CPU).sseMovDup64)
	def(kFISTTP16, "fisttp m16", 0, func(c *CPU, op *Op) bool { return c.fStoreTruncated(op, 2) })
	def(kFISTTP32, "fisttp m32", 0, func(c *CPU, op *Op) bool { return c.fStoreTruncated(op, 4) })
	def(kFISTTP64, "fisttp m64", 0, func(c *CPU, op *Op) bool { return c.fStoreTruncated(op, 8) })
}

// sseSettled sets the destination to g of itself and an aligned source, unless that raises an unmasked exception.
func (c *CPU) sseSettled(op *Op, g func(f *fpuState, a, b xmmReg) xmmReg) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	r := g(&c.fpu, c.fpu.xmm[op.Reg&15], b)
	return c.sseSettle() && c.setXMM(op.Reg, r)
}

// addSub32 subtracts the lower two binary32 and adds the upper ones.
func (f *fpuState) addSub32(a, b uint64) uint64 {
	return uint64(f.arith32(sseSub, uint32(a), uint32(b))) | uint64(f.arith32(sseAdd, uint32(a>>32), uint32(b>>32)))<<32
}

func (c *CPU) sseMovDup64(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	return ok && c.setXMM(op.Reg, xmmReg{v, v})
}

// fStoreTruncated is FISTTP: it rounds toward zero whatever the control word says.
func (c *CPU) fStoreTruncated(op *Op, size int) bool {
	return c.fStore(op, size, func(e *softfloat.Env, v softfloat.F80) (uint64, uint16) {
		defer func(mode softfloat.Rounding) { e.Round = mode }(e.Round)
		e.Round = softfloat.TowardZero
		return uint64(e.ToSigned80(v, uint(8*size))), 0
	})
}
