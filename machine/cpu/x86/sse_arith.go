package x86

import (
	"math"

	"forkscope/machine/cpu/softfloat"
)

func init() {
	def(kSSEArithPS, "arithps", 0, (*CPU).sseArithPS)
	def(kSSEArithPD, "arithpd", 0, (*CPU).sseArithPD)
	def(kSSEArithSS, "arithss", 0, (*CPU).sseArithSS)
	def(kSSEArithSD, "arithsd", 0, (*CPU).sseArithSD)
	def(kSSECmpPS, "cmpps", 0, (*CPU).sseCmpPS)
	def(kSSECmpPD, "cmppd", 0, (*CPU).sseCmpPD)
	def(kSSECmpSS, "cmpss", 0, (*CPU).sseCmpSS)
	def(kSSECmpSD, "cmpsd", 0, (*CPU).sseCmpSD)
	def(kSSEComISS, "comiss", 0, (*CPU).sseComISS)
	def(kSSEComISD, "comisd", 0, (*CPU).sseComISD)
	def(kSSERcpPS, "rcpps", 0, (*CPU).sseRcpPS)
	def(kSSERcpSS, "rcpss", 0, (*CPU).sseRcpSS)
}

func (f *fpuState) arith64(op uint8, a, b uint64) uint64 {
	if r, ok := f.fast64(op, a, b); ok {
		return r
	}
	e := &f.sse
	switch op {
	case sseAdd:
		return e.Add64(a, b)
	case sseSub:
		return e.Sub64(a, b)
	case sseMul:
		return e.Mul64(a, b)
	case sseDiv:
		return e.Div64(a, b)
	case sseSqrt:
		return e.Sqrt64(b)
	}
	return e.MinMax64(a, b, op == sseMax)
}

func (f *fpuState) arith32(op uint8, a, b uint32) uint32 {
	if r, ok := f.fast32(op, a, b); ok {
		return r
	}
	e := &f.sse
	switch op {
	case sseAdd:
		return e.Add32(a, b)
	case sseSub:
		return e.Sub32(a, b)
	case sseMul:
		return e.Mul32(a, b)
	case sseDiv:
		return e.Div32(a, b)
	case sseSqrt:
		return e.Sqrt32(b)
	}
	return e.MinMax32(a, b, op == sseMax)
}

// lanes32 applies g to the two binary32 in each of a and b.
func lanes32(a, b uint64, g func(a, b uint32) uint32) uint64 {
	return uint64(g(uint32(a), uint32(b))) | uint64(g(uint32(a>>32), uint32(b>>32)))<<32
}

func (c *CPU) sseArithPS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	g := func(a, b uint32) uint32 { return f.arith32(op.Sub, a, b) }
	r := xmmReg{lanes32(d.lo, b.lo, g), lanes32(d.hi, b.hi, g)}
	if !c.sseSettle() {
		return false
	}
	*d = r
	return true
}

func (c *CPU) sseArithPD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := xmmReg{f.arith64(op.Sub, d.lo, b.lo), f.arith64(op.Sub, d.hi, b.hi)}
	if !c.sseSettle() {
		return false
	}
	*d = r
	return true
}

func (c *CPU) sseArithSS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := f.arith32(op.Sub, uint32(d.lo), b)
	if !c.sseSettle() {
		return false
	}
	d.lo = d.lo&^0xffffffff | uint64(r)
	return true
}

func (c *CPU) sseArithSD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := f.arith64(op.Sub, d.lo, b)
	if !c.sseSettle() {
		return false
	}
	d.lo = r
	return true
}

// predicate evaluates a CMPPS condition (SDM vol. 2, table 3-7): EQ LT LE UNORD and their negations.
func predicate(imm uint32, o softfloat.Order) bool {
	var r bool
	switch imm & 3 {
	case 0:
		r = o == softfloat.Equal
	case 1:
		r = o == softfloat.Less
	case 2:
		r = o == softfloat.Less || o == softfloat.Equal
	case 3:
		r = o == softfloat.Unordered
	}
	return r != (imm&4 != 0)
}

// signalling says whether the condition raises Invalid for quiet NaNs: those of LT and LE do.
func signalling(imm uint32) bool { return imm&3 == 1 || imm&3 == 2 }

func (f *fpuState) compare32(imm, a, b uint32) uint32 {
	return ones32(predicate(imm, f.order32(a, b, signalling(imm))))
}

func (f *fpuState) compare64(imm uint32, a, b uint64) uint64 {
	m := uint64(ones32(predicate(imm, f.order64(a, b, signalling(imm)))))
	return m | m<<32
}

func (c *CPU) sseCmpPS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	g := func(a, b uint32) uint32 { return f.compare32(op.Imm, a, b) }
	r := xmmReg{lanes32(d.lo, b.lo, g), lanes32(d.hi, b.hi, g)}
	if !c.sseSettle() {
		return false
	}
	*d = r
	return true
}

func (c *CPU) sseCmpPD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := xmmReg{f.compare64(op.Imm, d.lo, b.lo), f.compare64(op.Imm, d.hi, b.hi)}
	if !c.sseSettle() {
		return false
	}
	*d = r
	return true
}

func (c *CPU) sseCmpSS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := f.compare32(op.Imm, uint32(d.lo), b)
	if !c.sseSettle() {
		return false
	}
	d.lo = d.lo&^0xffffffff | uint64(r)
	return true
}

func (c *CPU) sseCmpSD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	f := &c.fpu
	d := &f.xmm[op.Reg&15]
	r := f.compare64(op.Imm, d.lo, b)
	if !c.sseSettle() {
		return false
	}
	d.lo = r
	return true
}

// sseOrder completes COMISS and the like.
func (c *CPU) sseOrder(o softfloat.Order) bool {
	if !c.sseSettle() {
		return false
	}
	un := o == softfloat.Unordered
	c.setZPC(un || o == softfloat.Equal, un, un || o == softfloat.Less)
	return true
}

func (c *CPU) sseComISS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM32(op)
	return ok && c.sseOrder(c.fpu.order32(uint32(c.fpu.xmm[op.Reg&15].lo), b, op.Sub == 0))
}

func (c *CPU) sseComISD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	b, ok := c.sourceXMM64(op)
	return ok && c.sseOrder(c.fpu.order64(c.fpu.xmm[op.Reg&15].lo, b, op.Sub == 0))
}

// approximate gives RCPSS or RSQRTSS of v: about 12 bits, no exceptions, denormals as zeros. The manual bounds the relative error by
// 1.5 × 2^-12 and leaves the rest to the processor; this is the correctly rounded value with the low 11 bits cleared.
func approximate(v uint32, root bool) uint32 {
	sign := v & (1 << 31)
	exp := v >> 23 & 0xff
	switch {
	case exp == 0xff && v<<9 != 0:
		return v | 1<<22
	case exp == 0:
		return sign | 0x7f800000
	case root && sign != 0:
		return 0xffc00000
	case exp == 0xff, !root && v&^(1<<31) >= 0x7e800000: // 2^126: tiny results are flushed
		return sign
	}
	x := float64(math.Float32frombits(v))
	if root {
		x = math.Sqrt(x)
	}
	return (math.Float32bits(float32(1/x)) + 0x400) &^ 0x7ff
}

func (c *CPU) sseRcpPS(op *Op) bool {
	return c.sseUnary(op, func(v xmmReg) xmmReg {
		g := func(_, b uint32) uint32 { return approximate(b, op.Sub != 0) }
		return xmmReg{lanes32(0, v.lo, g), lanes32(0, v.hi, g)}
	})
}

func (c *CPU) sseRcpSS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	d := &c.fpu.xmm[op.Reg&15]
	d.lo = d.lo&^0xffffffff | uint64(approximate(v, op.Sub != 0))
	return true
}
