package x86

// mulFlags sets CF and OF when the upper half of a product matters. SF follows the low half; ZF, AF and PF are undefined.
func (c *CPU) mulFlags(lo uint32, overflow bool, size uint8) {
	c.flagsLogicN(lo, size)
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
	var p uint64
	var overflow bool
	width := 8 * uint(size)
	if op.Cold == kMUL {
		p = uint64(a) * uint64(b)
		overflow = p>>width != 0
	} else {
		s := int64(int32(signExtend(a, size))) * int64(int32(signExtend(b, size)))
		p = uint64(s)
		overflow = s != int64(int32(signExtend(uint32(p), size)))
	}
	switch size {
	case 1:
		c.setReg(regEAX, 2, uint32(p))
	default:
		c.setReg(regEAX, size, uint32(p))
		c.setReg(regEDX, size, uint32(p>>width))
	}
	c.mulFlags(uint32(p), overflow, size)
	return true
}

// execIMUL is IMUL with two and three operands.
func execIMUL(c *CPU, op *Op) bool {
	b, ok := c.rm(op)
	if !ok {
		return false
	}
	a := op.Imm
	if op.Cold == kIMULRegRM {
		a = c.reg(op.Reg, op.Size)
	}
	s := int64(int32(signExtend(a, op.Size))) * int64(int32(signExtend(b, op.Size)))
	c.setReg(op.Reg, op.Size, uint32(s))
	c.mulFlags(uint32(s), s != int64(int32(signExtend(uint32(s), op.Size))), op.Size)
	return true
}

// execDiv is DIV and IDIV. Their flags are undefined and left alone.
func execDiv(c *CPU, op *Op) bool {
	b, ok := c.rm(op)
	if !ok {
		return false
	}
	size := op.Size
	width := 8 * uint(size)
	var n uint64
	if size == 1 {
		n = uint64(c.r[regEAX] & 0xffff)
	} else {
		n = uint64(c.reg(regEDX, size))<<width | uint64(c.reg(regEAX, size))
	}
	if b == 0 {
		return c.raise(excDE)
	}
	var q, r uint64
	if op.Cold == kDIV {
		q, r = n/uint64(b), n%uint64(b)
		if q>>width != 0 {
			return c.raise(excDE)
		}
	} else {
		sn := int64(n<<(64-2*width)) >> (64 - 2*width)
		sb := int64(int32(signExtend(b, size)))
		if sb == -1 && sn == -1<<63 {
			return c.raise(excDE)
		}
		sq := sn / sb
		if sq != int64(int32(signExtend(uint32(sq), size))) {
			return c.raise(excDE)
		}
		q, r = uint64(sq), uint64(sn%sb)
	}
	if size == 1 {
		c.setReg(regEAX, 2, uint32(r)&0xff<<8|uint32(q)&0xff)
	} else {
		c.setReg(regEAX, size, uint32(q))
		c.setReg(regEDX, size, uint32(r))
	}
	return true
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
