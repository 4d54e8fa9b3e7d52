package x86

import (
	"math"

	"forkscope/machine/cpu/softfloat"
)

func init() {
	def(kSSECvtPI2PS, "cvtpi2ps", 0, (*CPU).cvtPI2PS)
	def(kSSECvtPI2PD, "cvtpi2pd", 0, (*CPU).cvtPI2PD)
	def(kSSECvtSI2SS, "cvtsi2ss", 0, (*CPU).cvtSI2SS)
	def(kSSECvtSI2SD, "cvtsi2sd", 0, (*CPU).cvtSI2SD)
	def(kSSECvtPS2PI, "cvtps2pi", 0, (*CPU).cvtPS2PI)
	def(kSSECvtPD2PI, "cvtpd2pi", 0, (*CPU).cvtPD2PI)
	def(kSSECvtSS2SI, "cvtss2si", 0, (*CPU).cvtSS2SI)
	def(kSSECvtSD2SI, "cvtsd2si", 0, (*CPU).cvtSD2SI)
	def(kSSECvtPS2PD, "cvtps2pd", 0, (*CPU).cvtPS2PD)
	def(kSSECvtPD2PS, "cvtpd2ps", 0, (*CPU).cvtPD2PS)
	def(kSSECvtSS2SD, "cvtss2sd", 0, (*CPU).cvtSS2SD)
	def(kSSECvtSD2SS, "cvtsd2ss", 0, (*CPU).cvtSD2SS)
	def(kSSECvtDQ2PS, "cvtdq2ps", 0, (*CPU).cvtDQ2PS)
	def(kSSECvtPS2DQ, "cvtps2dq", 0, (*CPU).cvtPS2DQ)
	def(kSSECvtDQ2PD, "cvtdq2pd", 0, (*CPU).cvtDQ2PD)
	def(kSSECvtPD2DQ, "cvtpd2dq", 0, (*CPU).cvtPD2DQ)
}

// int32to64 is exact.
func int32to64(v uint32) uint64 { return math.Float64bits(float64(int32(v))) }

// from64 converts a binary64 to a 32-bit integer; truncate ignores the rounding mode.
func (f *fpuState) from64(v uint64, truncate bool) uint32 {
	if truncate {
		if x := math.Float64frombits(v); x > -1<<31 && x < 1<<31 && v<<1>>53 != 0 {
			n := int32(x)
			if float64(n) != x {
				f.sse.Flags |= softfloat.Inexact
			}
			return uint32(n)
		}
		defer f.truncating()()
	}
	return uint32(f.sse.ToSigned64(v, 32))
}

func (f *fpuState) from32(v uint32, truncate bool) uint32 {
	if truncate {
		defer f.truncating()()
	}
	return uint32(f.sse.ToSigned32(v, 32))
}

// integer64 and integer32 convert to an integer of so many bits.

func (f *fpuState) integer64(v uint64, bits uint, truncate bool) uint64 {
	if bits == 32 {
		return uint64(f.from64(v, truncate))
	}
	if truncate {
		defer f.truncating()()
	}
	return uint64(f.sse.ToSigned64(v, bits))
}

func (f *fpuState) integer32(v uint32, bits uint, truncate bool) uint64 {
	if truncate {
		defer f.truncating()()
	}
	return uint64(f.sse.ToSigned32(v, bits))
}

// truncating sets the rounding mode and returns what sets it back.
func (f *fpuState) truncating() func() {
	r := f.sse.Round
	f.sse.Round = softfloat.TowardZero
	return func() { f.sse.Round = r }
}

// mmxOperand is for conversions from MMX registers: only the register form uses, and changes, the x87 state.
func (c *CPU) mmxOperand(op *Op) (uint64, bool) {
	if !c.checkSSE() {
		return 0, false
	}
	if op.Flags&FlagMem != 0 {
		return c.read64(op.Seg, c.ea(op))
	}
	if !c.checkFPU() {
		return 0, false
	}
	return c.fpu.mm(op.RM), true
}

func (c *CPU) cvtPI2PS(op *Op) bool {
	v, ok := c.mmxOperand(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := lanes32(0, v, func(_, b uint32) uint32 { return f.sse.FromSigned32(int64(int32(b))) })
	if op.Flags&FlagMem == 0 {
		f.enterMMX() // even when the instruction then raises #XM
	}
	if !c.sseSettle() {
		return false
	}
	f.xmm[op.Reg&15].lo = r
	return true
}

func (c *CPU) cvtPI2PD(op *Op) bool {
	v, ok := c.mmxOperand(op)
	if !ok {
		return false
	}
	if op.Flags&FlagMem == 0 {
		c.fpu.enterMMX()
	}
	c.fpu.xmm[op.Reg&15] = xmmReg{int32to64(uint32(v)), int32to64(uint32(v >> 32))}
	return true
}

// sourceInteger reads the integer of 32 bits, or with REX.W of 64, that CVTSI2SS and CVTSI2SD convert.
func (c *CPU) sourceInteger(op *Op) (int64, bool) {
	size := max(op.Size, 4)
	v, ok := c.rmSize(op, size)
	return int64(signExtend(v, size)), ok
}

func (c *CPU) cvtSI2SS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceInteger(op)
	if !ok {
		return false
	}
	r := c.fpu.sse.FromSigned32(v)
	if !c.sseSettle() {
		return false
	}
	d := &c.fpu.xmm[op.Reg&15]
	d.lo = d.lo&^0xffffffff | uint64(r)
	return true
}

func (c *CPU) cvtSI2SD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceInteger(op)
	if !ok {
		return false
	}
	r := c.fpu.sse.FromSigned64(v)
	if !c.sseSettle() {
		return false
	}
	c.fpu.xmm[op.Reg&15].lo = r
	return true
}

func (c *CPU) cvtPS2PI(op *Op) bool {
	if !c.checkSSEMMX() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := lanes32(0, v, func(_, b uint32) uint32 { return f.from32(b, op.Sub != 0) })
	f.enterMMX() // even when the instruction then raises #XM
	return c.sseSettle() && c.mmxResult(op.Reg, r)
}

func (c *CPU) cvtPD2PI(op *Op) bool {
	if !c.checkSSEMMX() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := uint64(f.from64(v.lo, op.Sub != 0)) | uint64(f.from64(v.hi, op.Sub != 0))<<32
	f.enterMMX() // even when the instruction then raises #XM
	return c.sseSettle() && c.mmxResult(op.Reg, r)
}

// setInteger stores the integer of 32 bits, or with REX.W of 64, that CVTSS2SI and the like make.
func (c *CPU) setInteger(op *Op, convert func(f *fpuState, bits uint) uint64) bool {
	size := max(op.Size, 4)
	r := convert(&c.fpu, 8*uint(size))
	if !c.sseSettle() {
		return false
	}
	c.setReg(op.Reg, size, r)
	return true
}

func (c *CPU) cvtSS2SI(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	return c.setInteger(op, func(f *fpuState, bits uint) uint64 { return f.integer32(v, bits, op.Sub != 0) })
}

func (c *CPU) cvtSD2SI(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	return c.setInteger(op, func(f *fpuState, bits uint) uint64 { return f.integer64(v, bits, op.Sub != 0) })
}

func (c *CPU) cvtPS2PD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := xmmReg{f.widen32(uint32(v)), f.widen32(uint32(v >> 32))}
	return c.sseSettle() && c.setXMM(op.Reg, r)
}

// setXMM stores a result and is always true.
func (c *CPU) setXMM(reg uint8, v xmmReg) bool {
	c.fpu.xmm[reg&15] = v
	return true
}

func (c *CPU) cvtPD2PS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := uint64(f.narrow64(v.lo)) | uint64(f.narrow64(v.hi))<<32
	return c.sseSettle() && c.setXMM(op.Reg, xmmReg{lo: r})
}

func (c *CPU) cvtSS2SD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM32(op)
	if !ok {
		return false
	}
	r := c.fpu.widen32(v)
	if !c.sseSettle() {
		return false
	}
	c.fpu.xmm[op.Reg&15].lo = r
	return true
}

func (c *CPU) cvtSD2SS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	if !ok {
		return false
	}
	r := c.fpu.narrow64(v)
	if !c.sseSettle() {
		return false
	}
	d := &c.fpu.xmm[op.Reg&15]
	d.lo = d.lo&^0xffffffff | uint64(r)
	return true
}

func (c *CPU) cvtDQ2PS(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	g := func(_, b uint32) uint32 { return c.fpu.sse.FromSigned32(int64(int32(b))) }
	r := xmmReg{lanes32(0, v.lo, g), lanes32(0, v.hi, g)}
	return c.sseSettle() && c.setXMM(op.Reg, r)
}

func (c *CPU) cvtPS2DQ(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	g := func(_, b uint32) uint32 { return c.fpu.from32(b, op.Sub != 0) }
	r := xmmReg{lanes32(0, v.lo, g), lanes32(0, v.hi, g)}
	return c.sseSettle() && c.setXMM(op.Reg, r)
}

func (c *CPU) cvtDQ2PD(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM64(op)
	return ok && c.setXMM(op.Reg, xmmReg{int32to64(uint32(v)), int32to64(uint32(v >> 32))})
}

func (c *CPU) cvtPD2DQ(op *Op) bool {
	if !c.checkSSE() {
		return false
	}
	v, ok := c.sourceXMM(op)
	if !ok {
		return false
	}
	f := &c.fpu
	r := uint64(f.from64(v.lo, op.Sub != 0)) | uint64(f.from64(v.hi, op.Sub != 0))<<32
	return c.sseSettle() && c.setXMM(op.Reg, xmmReg{lo: r})
}
