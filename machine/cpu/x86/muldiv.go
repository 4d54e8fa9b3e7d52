package x86

import "math/bits"

// mulFlags sets CF and OF when the upper half of a product matters. SF follows the low half; ZF, AF and PF are undefined.
func (c *CPU) mulFlags(lo uint64, overflow bool, size uint8) {
	c.flagsLogic(lo, size)
	if overflow {
		c.setCFOF(1, 1)
	}
}

// execMul is the one-operand MUL and IMUL.
func execMul(c *CPU, op *Op) bool {
	b, ok := c.rm(op)
	if !ok {
		return false
	}
	size := op.Size
	a := c.reg(regEAX, size)
	var hi, lo uint64
	var overflow bool
	if op.Cold == kMUL {
		hi, lo = bits.Mul64(a, b)
	} else {
		hi, lo = multiplySigned(signExtend(a, size), signExtend(b, size))
	}
	upper := hi
	if size < 8 {
		upper = lo >> (8 * size)
	}
	if op.Cold == kMUL {
		overflow = upper != 0
	} else {
		overflow = productOverflows(hi, lo, size)
	}
	if size == 1 {
		c.setReg(regEAX, 2, lo)
	} else {
		c.setReg(regEAX, size, lo)
		c.setReg(regEDX, size, upper)
	}
	c.mulFlags(lo, overflow, size)
	return true
}

// productOverflows reports whether a signed product is not what its low size bytes say.
func productOverflows(hi, lo uint64, size uint8) bool {
	low := signExtend(lo, size)
	return lo != low || hi != uint64(int64(low)>>63)
}

// execIMUL is IMUL with two and three operands.
func execIMUL(c *CPU, op *Op) bool {
	b, ok := c.rm(op)
	if !ok {
		return false
	}
	a := op.immediate(op.Size)
	if op.Cold == kIMULRegRM {
		a = c.reg(op.Reg, op.Size)
	}
	hi, lo := multiplySigned(signExtend(a, op.Size), signExtend(b, op.Size))
	c.setReg(op.Reg, op.Size, lo)
	c.mulFlags(lo, productOverflows(hi, lo, op.Size), op.Size)
	return true
}

// execDiv is DIV and IDIV. Their flags are undefined and left alone.
func execDiv(c *CPU, op *Op) bool {
	b, ok := c.rm(op)
	if !ok {
		return false
	}
	size := op.Size
	hi, lo := c.reg(regEDX, size), c.reg(regEAX, size)
	if size == 1 {
		hi, lo = c.r[regEAX]>>8&0xff, c.r[regEAX]&0xff
	}
	divide := divideUnsigned
	if op.Cold == kIDIV {
		divide = divideSigned
	}
	q, r, ok := divide(hi, lo, b, size)
	if !ok {
		return c.raise(excDE)
	}
	if size == 1 {
		c.setReg(regEAX, 2, r&0xff<<8|q&0xff)
	} else {
		c.setReg(regEAX, size, q)
		c.setReg(regEDX, size, r)
	}
	return true
}

// divideUnsigned divides a number of twice size bytes; ok is false when the quotient does not fit in size.
func divideUnsigned(hi, lo, d uint64, size uint8) (q, r uint64, ok bool) {
	if hi >= d { // d is 0, too
		return 0, 0, false
	}
	if size == 8 {
		q, r = bits.Div64(hi, lo, d)
		return q, r, true
	}
	n := hi<<(8*size) | lo
	return n / d, n % d, true
}

func divideSigned(hi, lo, d uint64, size uint8) (q, r uint64, ok bool) {
	negative := hi>>(8*size-1)&1 != 0
	opposite := negative != (d>>(8*size-1)&1 != 0)
	mask := sizeMask(size)
	if negative {
		lo = -lo & mask
		hi = ^hi & mask
		if lo == 0 {
			hi = (hi + 1) & mask
		}
	}
	if int64(signExtend(d, size)) < 0 {
		d = -d & mask
	}
	if q, r, ok = divideUnsigned(hi, lo, d, size); !ok {
		return 0, 0, false
	}
	most := mask >> 1
	if opposite {
		most++
		q, ok = -q, q <= most
	} else {
		ok = q <= most
	}
	if negative {
		r = -r
	}
	return q & mask, r & mask, ok
}

func init() {
	rest := uint32(flagSF | flagZF | flagAF | flagPF)
	def(kMUL, "mul", rest, execMul)
	def(kIMUL, "imul", rest, execMul)
	def(kIMULRegRM, "imul2", rest, execIMUL)
	def(kIMULRegRMImm, "imul3", rest, execIMUL)
	def(kDIV, "div", flagsArith, execDiv)
	def(kIDIV, "idiv", flagsArith, execDiv)
}
