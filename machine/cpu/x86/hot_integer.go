package x86

import "math/bits"

// source is the second operand of rr, ri, mr, mi and the like.
func source(c *CPU, op *Op, f form) uint64 {
	switch f.shape {
	case ri, mi, bi:
		return op.immediate(f.size)
	}
	return c.reg(op.Reg, f.size)
}

// operand is the r/m operand of rx, mx and the like.
func operand(c *CPU, op *Op, f form, size uint8) (v uint64, ok bool) {
	if f.shape == rx {
		return c.reg(op.RM, size), true
	}
	return load(c, address(c, op, f), size)
}

// destination is the register that a form of two operands changes.
func destination(op *Op, f form) uint8 {
	if f.shape == rm {
		return op.Reg
	}
	return op.RM
}

// operandPair is both operands of a form of two.
func operandPair(c *CPU, op *Op, f form) (uint64, uint64, bool) {
	switch f.shape {
	case rr, ri:
		return c.reg(op.RM, f.size), source(c, op, f), true
	}
	v, ok := load(c, address(c, op, f), f.size)
	if !ok {
		return 0, 0, false
	}
	if f.shape == rm {
		return c.reg(op.Reg, f.size), v, true
	}
	return v, source(c, op, f), true
}

// after is the conditional jump that is fused into a form, if there is one, when the flags are those of a comparison of a with b.
func after(f form, a, b uint64) outcome {
	if f.cond == noCond {
		return next
	}
	if compares(f.cond, a, b, f.size) {
		return taken2
	}
	return skip
}

// compares evaluates a condition other than overflow and parity after a comparison. Operands of less than 4 bytes are extended to 4.
func compares(cc cond, a, b uint64, size uint8) bool {
	if size == 8 {
		switch cc {
		case condB:
			return a < b
		case condAE:
			return a >= b
		case condE:
			return a == b
		case condNE:
			return a != b
		case condBE:
			return a <= b
		case condA:
			return a > b
		case condS:
			return int64(a-b) < 0
		case condNS:
			return int64(a-b) >= 0
		case condL:
			return int64(a) < int64(b)
		case condGE:
			return int64(a) >= int64(b)
		case condLE:
			return int64(a) <= int64(b)
		}
		return int64(a) > int64(b)
	}
	switch cc {
	case condB:
		return uint32(a) < uint32(b)
	case condAE:
		return uint32(a) >= uint32(b)
	case condE:
		return uint32(a) == uint32(b)
	case condNE:
		return uint32(a) != uint32(b)
	case condBE:
		return uint32(a) <= uint32(b)
	case condA:
		return uint32(a) > uint32(b)
	case condS:
		return int32(a-b) < 0
	case condNS:
		return int32(a-b) >= 0
	case condL:
		return int32(a) < int32(b)
	case condGE:
		return int32(a) >= int32(b)
	case condLE:
		return int32(a) <= int32(b)
	}
	return int32(a) > int32(b)
}

func hotMove(c *CPU, op *Op, _ *frame, f form) outcome {
	switch f.shape {
	case rr, ri:
		setReg(c, f, op.RM, f.size, source(c, op, f))
	case rm, rb:
		v, ok := load(c, address(c, op, f), f.size)
		if !ok {
			return cold
		}
		setReg(c, f, op.Reg, f.size, v)
	default:
		if !store(c, address(c, op, f), source(c, op, f), f.size) {
			return cold
		}
	}
	return next
}

func hotImmediate(c *CPU, op *Op, _ *frame, _ form) outcome {
	c.r[op.Reg&31] = uint64(op.Imm2)<<32 | uint64(op.Imm)
	return next
}

// narrow is the size of what MOVZX, MOVSX and MOVSXD extend.
func narrow(k Kind) uint8 {
	switch k {
	case kMOVSX32:
		return 4
	case kMOVZX16, kMOVSX16:
		return 2
	}
	return 1
}

func extendsSign(k Kind) bool { return k == kMOVSX8 || k == kMOVSX16 || k == kMOVSX32 }

func hotExtend(c *CPU, op *Op, _ *frame, f form) outcome {
	v, ok := operand(c, op, f, narrow(f.op))
	if !ok {
		return cold
	}
	if extendsSign(f.op) {
		setReg(c, f, op.Reg, f.size, signExtend(v, narrow(f.op)))
	} else {
		setReg(c, f, op.Reg, f.size, v)
	}
	return next
}

func hotAddress(c *CPU, op *Op, _ *frame, f form) outcome {
	setReg(c, f, op.Reg, f.size, address(c, op, f))
	return next
}

func hotExchange(c *CPU, op *Op, _ *frame, f form) outcome {
	a, b := c.reg(op.RM, f.size), c.reg(op.Reg, f.size)
	setReg(c, f, op.RM, f.size, b)
	setReg(c, f, op.Reg, f.size, a)
	return next
}

func hotSwap(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.size == 8 {
		c.r[op.Reg&31] = bits.ReverseBytes64(c.r[op.Reg&31])
	} else {
		setReg(c, f, op.Reg, 4, uint64(bits.ReverseBytes32(*lower(&c.r[op.Reg&31]))))
	}
	return next
}

func hotConvert(c *CPU, _ *Op, _ *frame, f form) outcome {
	if f.op == kCBW {
		setReg(c, f, regEAX, f.size, signExtend(c.reg(regEAX, f.size/2), f.size/2))
		return next
	}
	if f.size == 8 {
		c.r[regEDX] = uint64(int64(c.r[regEAX]) >> 63)
	} else {
		setReg(c, f, regEDX, 4, uint64(int32(*lower(&c.r[regEAX]))>>31))
	}
	return next
}

func hotSet1(c *CPU, op *Op, _ *frame, f form) outcome {
	v := uint8(0)
	if c.condition(f.cond, f.long) {
		v = 1
	}
	*c.byteReg(op.RM) = v
	return next
}

// hotMoveIf clears the upper half of a 32-bit destination in any case.
func hotMoveIf(c *CPU, op *Op, _ *frame, f form) outcome {
	if c.condition(f.cond, f.long) {
		setReg(c, f, op.Reg, f.size, c.reg(op.RM, f.size))
	} else if f.long && f.size == 4 {
		setReg(c, f, op.Reg, 4, c.r[op.Reg&31])
	}
	return next
}

func hotNothing(*CPU, *Op, *frame, form) outcome { return next }

// hotArith is the ALU group but CMP. The result goes to its place before the flags, since what follows waits for it.
func hotArith(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.shape == mr || f.shape == mi {
		p, ok := pointer(c, address(c, op, f), f.size)
		if !ok {
			return cold
		}
		a, b := peek(p, f.size), source(c, op, f)
		r := c.result(f.op, a, b)
		poke(p, r, f.size)
		c.resultFlags(f.op, a, b, r, f.size, f.long)
		return next
	}
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	r := c.result(f.op, a, b)
	setReg(c, f, destination(op, f), f.size, r)
	c.resultFlags(f.op, a, b, r, f.size, f.long)
	return after(f, r, 0)
}

func hotCompare(c *CPU, op *Op, _ *frame, f form) outcome {
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	c.resultFlags(kCMP, a, b, a-b, f.size, f.long)
	return after(f, a, b)
}

func hotTest(c *CPU, op *Op, _ *frame, f form) outcome {
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	r := signExtend(a&b, f.size)
	c.setResult(r, 8, f.long)
	c.faux = 0
	return after(f, r, 0)
}

// hotStep is INC and DEC, which leave CF.
func hotStep(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.shape == mx {
		p, ok := pointer(c, address(c, op, f), f.size)
		if !ok {
			return cold
		}
		v := peek(p, f.size)
		r := step(f.op, v)
		poke(p, r, f.size)
		stepFlags(c, f, v, r)
		return next
	}
	v := c.reg(op.RM, f.size)
	r := step(f.op, v)
	setReg(c, f, op.RM, f.size, r)
	stepFlags(c, f, v, r)
	return after(f, r, 0)
}

func step(k Kind, v uint64) uint64 {
	if k == kINC {
		return v + 1
	}
	return v - 1
}

// stepFlags sets the flags of a step from v to r: a carry out of the bit below the sign is what changes the sign, and one out of bit 3 clears that.
func stepFlags(c *CPU, f form, v, r uint64) {
	c.setResult(r, f.size, f.long)
	if f.op == kINC {
		c.faux = stepAux(c.faux&(1<<31), r&^v, v&^r, f.size)
	} else {
		c.faux = stepAux(c.faux&(1<<31), v&^r, r&^v, f.size)
	}
}

func stepAux(cf uint32, sign, low uint64, size uint8) uint32 {
	return cf | cf>>1 ^ uint32(sign>>(8*size-31))&(1<<30) | uint32(low)&auxAF
}

func hotUnary(c *CPU, op *Op, _ *frame, f form) outcome {
	v := c.reg(op.RM, f.size)
	if f.op == kNOT {
		setReg(c, f, op.RM, f.size, ^v)
		return next
	}
	r := -v
	setReg(c, f, op.RM, f.size, r)
	c.carryFlags(v|r, r, f.size, f.long)
	return next
}

// hotShift is SHL, SHR and SAR by 1 to 31 or 63, or by CL.
func hotShift(c *CPU, op *Op, _ *frame, f form) outcome {
	n := hotCount(c, op, f)
	if f.shape == rc && n == 0 {
		if f.long && f.size == 4 {
			setReg(c, f, op.RM, 4, c.r[op.RM&31])
		}
		return next
	}
	v := c.reg(op.RM, f.size)
	switch f.op {
	case kSHR:
		x := v >> ((n - 1) & 63)
		r := x >> 1
		setReg(c, f, op.RM, f.size, r)
		c.setResult(r, 8, f.long)
		c.faux = uint32(x)<<31 | (uint32(x)<<30^uint32(r>>(8*f.size-32)))&(1<<30)
	case kSAR:
		x := int64(signExtend(v, f.size)) >> ((n - 1) & 63)
		r := uint64(x >> 1)
		setReg(c, f, op.RM, f.size, r)
		c.setResult(r, 8, f.long)
		c.faux = uint32(x)<<31 | uint32(x)<<30&(1<<30)
	default:
		r := v << (n & 63)
		setReg(c, f, op.RM, f.size, r)
		c.setResult(r, f.size, f.long)
		c.faux = uint32(carried(v, r, n, f.size))<<31 | uint32(r>>(8*f.size-32))>>1&(1<<30)
	}
	return next
}

// carried has in bit 0 what a shift of v to the left by n, to r, carries out.
func carried(v, r, n uint64, size uint8) uint64 {
	if size == 8 {
		return v >> ((64 - n) & 63)
	}
	return r >> 32
}

func hotCount(c *CPU, op *Op, f form) uint64 {
	if f.shape != rc {
		return uint64(op.Imm)
	}
	if f.size == 8 {
		return c.r[regECX] & 63
	}
	return c.reg(regECX, 4) & 31
}

func hotRotate(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.op == kROL {
		r := rotated(c, op, f, int(op.Imm))
		setReg(c, f, op.RM, f.size, r)
		c.faux = c.faux&^(3<<30) | uint32(r)<<31 | uint32(r>>(8*f.size-32))>>1&(1<<30)
		return next
	}
	r := rotated(c, op, f, -int(op.Imm))
	setReg(c, f, op.RM, f.size, r)
	c.faux = c.faux&^(3<<30) | uint32(r>>(8*f.size-32))&(3<<30)
	return next
}

func rotated(c *CPU, op *Op, f form, n int) uint64 {
	if f.size == 8 {
		return bits.RotateLeft64(c.r[op.RM&31], n)
	}
	return uint64(bits.RotateLeft32(*lower(&c.r[op.RM&31]), n))
}

// hotMultiply is IMUL with two and three operands.
func hotMultiply(c *CPU, op *Op, _ *frame, f form) outcome {
	v, ok := operand(c, op, f, f.size)
	if !ok {
		return cold
	}
	w := factor(c, op, f)
	if f.size == 8 {
		hi, lo := multiplySigned(w, v)
		c.r[op.Reg&31] = lo
		c.setResult(lo, 8, f.long)
		c.faux = 0
		if hi != uint64(int64(lo)>>63) {
			c.faux = 1 << 31 // CF and OF
		}
		return next
	}
	p := int64(int32(w)) * int64(int32(v))
	setReg(c, f, op.Reg, 4, uint64(p))
	c.setResult(uint64(p), 4, f.long)
	c.faux = 0
	if p != int64(int32(p)) {
		c.faux = 1 << 31
	}
	return next
}

// multiplySigned gives both halves of the product of signed factors.
func multiplySigned(a, b uint64) (uint64, uint64) {
	hi, lo := bits.Mul64(a, b)
	return hi - uint64(int64(a)>>63)&b - uint64(int64(b)>>63)&a, lo
}

// factor is the other factor of IMUL.
func factor(c *CPU, op *Op, f form) uint64 {
	if f.op == kIMULRegRM {
		return c.reg(op.Reg, f.size)
	}
	return op.immediate(f.size)
}

func hotWideMultiply(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.size == 8 {
		hi, lo := bits.Mul64(c.r[regEAX], c.r[op.RM&31])
		c.r[regEAX], c.r[regEDX] = lo, hi
		c.setResult(lo, 8, f.long)
		c.faux = 0
		if hi != 0 {
			c.faux = 1 << 31
		}
		return next
	}
	a := c.reg(regEAX, 4)
	b := c.reg(op.RM, 4)
	p := a * b
	setReg(c, f, regEAX, 4, p)
	setReg(c, f, regEDX, 4, p>>32)
	c.setResult(p, 4, f.long)
	c.faux = 0
	if p>>32 != 0 {
		c.faux = 1 << 31
	}
	return next
}
