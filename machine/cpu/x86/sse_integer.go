package x86

func init() {
	def(kSSELane, "sse lane", 0, (*CPU).sseLane)
	def(kSSEUnpackLow, "punpckl xmm", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{interleave(uint32(a.lo), uint32(b.lo), op.Sub), interleave(uint32(a.lo>>32), uint32(b.lo>>32), op.Sub)}
		})
	})
	def(kSSEUnpackHigh, "punpckh xmm", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{interleave(uint32(a.hi), uint32(b.hi), op.Sub), interleave(uint32(a.hi>>32), uint32(b.hi>>32), op.Sub)}
		})
	})
	def(kSSEPack, "pack xmm", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{packOps[op.Sub](a.lo, a.hi), packOps[op.Sub](b.lo, b.hi)}
		})
	})
	def(kSSEShift, "psxx xmm", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{shiftOps[op.Sub](a.lo, b.lo), shiftOps[op.Sub](a.hi, b.lo)}
		})
	})
	def(kSSEShiftImm, "psxx xmm,imm", 0, (*CPU).sseShiftImm)
	def(kSSEShiftBytes, "psxxdq", 0, (*CPU).sseShiftBytes)
	def(kSSEShufD, "pshufd", 0, func(c *CPU, op *Op) bool {
		return c.sseUnary(op, func(v xmmReg) xmmReg { return shuffle32(v, v, op.Imm) })
	})
	def(kSSEShufLW, "pshuflw", 0, func(c *CPU, op *Op) bool {
		return c.sseUnary(op, func(v xmmReg) xmmReg { return xmmReg{shuffleWords(v.lo, op.Imm), v.hi} })
	})
	def(kSSEShufHW, "pshufhw", 0, func(c *CPU, op *Op) bool {
		return c.sseUnary(op, func(v xmmReg) xmmReg { return xmmReg{v.lo, shuffleWords(v.hi, op.Imm)} })
	})
	def(kSSEShufPS, "shufps", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg { return shuffle32(a, b, op.Imm) })
	})
	def(kSSEShufPD, "shufpd", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg { return xmmReg{a.half(op.Imm), b.half(op.Imm >> 1)} })
	})
	def(kSSEUnpckLPS, "unpcklps", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{interleave(uint32(a.lo), uint32(b.lo), 2), interleave(uint32(a.lo>>32), uint32(b.lo>>32), 2)}
		})
	})
	def(kSSEUnpckHPS, "unpckhps", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg {
			return xmmReg{interleave(uint32(a.hi), uint32(b.hi), 2), interleave(uint32(a.hi>>32), uint32(b.hi>>32), 2)}
		})
	})
	def(kSSEUnpckLPD, "unpcklpd", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg { return xmmReg{a.lo, b.lo} })
	})
	def(kSSEUnpckHPD, "unpckhpd", 0, func(c *CPU, op *Op) bool {
		return c.sseBinary(op, func(a, b xmmReg) xmmReg { return xmmReg{a.hi, b.hi} })
	})
	def(kSSEInsW, "pinsrw xmm", 0, (*CPU).sseInsW)
	def(kSSEExtW, "pextrw xmm", 0, (*CPU).sseExtW)
	def(kSSEMask, "pmovmskb xmm", 0, (*CPU).sseMask)
	def(kSSEMaskMov, "maskmovdqu", 0, (*CPU).sseMaskMov)
}

// half picks one half by the lowest bit of n.
func (v *xmmReg) half(n uint32) uint64 {
	if n&1 != 0 {
		return v.hi
	}
	return v.lo
}

// element32 picks one of four elements by the two lowest bits of n.
func (v *xmmReg) element32(n uint32) uint64 {
	return v.half(n>>1) >> (n & 1 * 32) & 0xffffffff
}

// shuffle32 picks two elements of a and two of b.
func shuffle32(a, b xmmReg, imm uint32) xmmReg {
	return xmmReg{a.element32(imm) | a.element32(imm>>2)<<32, b.element32(imm>>4) | b.element32(imm>>6)<<32}
}

func (c *CPU) sseLane(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	a := &c.fpu.xmm[op.Reg&15]
	switch op.Sub { // the commonest, without a call
	case lanePXor:
		a.lo ^= b.lo
		a.hi ^= b.hi
	case lanePAnd:
		a.lo &= b.lo
		a.hi &= b.hi
	case lanePOr:
		a.lo |= b.lo
		a.hi |= b.hi
	default:
		f := laneOps[op.Sub]
		a.lo = f(a.lo, b.lo)
		a.hi = f(a.hi, b.hi)
	}
	return true
}

func (c *CPU) sseShiftImm(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, f := &c.fpu.xmm[op.RM&15], shiftOps[op.Sub]
	v.lo, v.hi = f(v.lo, uint64(op.Imm)), f(v.hi, uint64(op.Imm))
	return true
}

// sseShiftBytes is PSRLDQ, or PSLLDQ with Sub 1.
func (c *CPU) sseShiftBytes(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := &c.fpu.xmm[op.RM&15]
	n := min(op.Imm, 16) * 8
	switch {
	case op.Sub == 0 && n >= 64:
		v.lo, v.hi = v.hi>>(n-64), 0
	case op.Sub == 0:
		v.lo, v.hi = v.lo>>n|v.hi<<(64-n), v.hi>>n
	case n >= 64:
		v.lo, v.hi = 0, v.lo<<(n-64)
	default:
		v.lo, v.hi = v.lo<<n, v.hi<<n|v.lo>>(64-n)
	}
	return true
}

func (c *CPU) sseInsW(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	w, ok := c.source16(op)
	if !ok {
		return false
	}
	v := &c.fpu.xmm[op.Reg&15]
	half := &v.lo
	if op.Imm&4 != 0 {
		half = &v.hi
	}
	at := op.Imm & 3 * 16
	*half = *half&^(0xffff<<at) | uint64(w)<<at
	return true
}

func (c *CPU) sseExtW(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	c.r[op.Reg&31] = uint64(uint32(c.fpu.xmm[op.RM&15].half(op.Imm>>2) >> (op.Imm & 3 * 16) & 0xffff))
	return true
}

func (c *CPU) sseMask(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v := c.fpu.xmm[op.RM&15]
	c.r[op.Reg&31] = uint64(signMask8(v.lo) | signMask8(v.hi)<<8)
	return true
}

func (c *CPU) sseMaskMov(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	d, m := c.fpu.xmm[op.Reg&15], c.fpu.xmm[op.RM&15]
	return c.maskedStore(op, []uint64{d.lo, d.hi}, []uint64{m.lo, m.hi})
}
