package x86

import "math/bits"

// immediate is the immediate operand, zero-extended.
func immediate(op *Op, size uint8) uint32 {
	if size == 4 {
		return op.Imm
	}
	return op.Imm & sizeMask(size)
}

// source is the second operand of rr, ri, mr, mi and the like.
func source(c *CPU, op *Op, f form) uint32 {
	switch f.shape {
	case ri, mi, bi:
		return immediate(op, f.size)
	}
	return c.reg(op.Reg, f.size)
}

// operand is the r/m operand of rx, mx and the like.
func operand(c *CPU, op *Op, f form, size uint8) (v uint32, ok bool) {
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
func operandPair(c *CPU, op *Op, f form) (uint32, uint32, bool) {
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
func after(f form, a, b uint32) outcome {
	if f.cond == noCond {
		return next
	}
	if compares(f.cond, a, b) {
		return taken2
	}
	return skip
}

// compares evaluates a condition other than overflow and parity after a comparison.
func compares(cc cond, a, b uint32) bool {
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
		c.setReg(op.RM, f.size, source(c, op, f))
	case rm, rb:
		v, ok := load(c, address(c, op, f), f.size)
		if !ok {
			return cold
		}
		c.setReg(op.Reg, f.size, v)
	default:
		if !store(c, address(c, op, f), source(c, op, f), f.size) {
			return cold
		}
	}
	return next
}

// narrow is the size of what MOVZX and MOVSX extend.
func narrow(k Kind) uint8 {
	if k == kMOVZX16 || k == kMOVSX16 {
		return 2
	}
	return 1
}

func hotExtend(c *CPU, op *Op, _ *frame, f form) outcome {
	v, ok := operand(c, op, f, narrow(f.op))
	if !ok {
		return cold
	}
	switch f.op {
	case kMOVSX8, kMOVSX16:
		c.r[op.Reg&7] = signExtend(v, narrow(f.op))
	default:
		c.r[op.Reg&7] = v
	}
	return next
}

func hotAddress(c *CPU, op *Op, _ *frame, f form) outcome {
	c.r[op.Reg&7] = address(c, op, f)
	return next
}

func hotExchange(c *CPU, op *Op, _ *frame, _ form) outcome {
	c.r[op.RM&7], c.r[op.Reg&7] = c.r[op.Reg&7], c.r[op.RM&7]
	return next
}

func hotSwap(c *CPU, op *Op, _ *frame, _ form) outcome {
	c.r[op.Reg&7] = bits.ReverseBytes32(c.r[op.Reg&7])
	return next
}

func hotConvert(c *CPU, _ *Op, _ *frame, f form) outcome {
	if f.op == kCWD {
		c.r[regEDX] = uint32(int32(c.r[regEAX]) >> 31)
	} else {
		c.r[regEAX] = signExtend(c.r[regEAX], 2)
	}
	return next
}

func hotSet1(c *CPU, op *Op, _ *frame, f form) outcome {
	v := uint8(0)
	if c.cond(f.cond) {
		v = 1
	}
	*c.byteReg(op.RM) = v
	return next
}

func hotMoveIf(c *CPU, op *Op, _ *frame, f form) outcome {
	if c.cond(f.cond) {
		c.r[op.Reg&7] = c.r[op.RM&7]
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
		c.resultFlags(f.op, a, b, r, f.size)
		return next
	}
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	r := c.result(f.op, a, b)
	c.setReg(destination(op, f), f.size, r)
	c.resultFlags(f.op, a, b, r, f.size)
	return after(f, r, 0)
}

func hotCompare(c *CPU, op *Op, _ *frame, f form) outcome {
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	c.arithmetic(kCMP, a, b, f.size)
	return after(f, a, b)
}

func hotTest(c *CPU, op *Op, _ *frame, f form) outcome {
	a, b, ok := operandPair(c, op, f)
	if !ok {
		return cold
	}
	r := signExtend(a&b, f.size)
	c.flagsLogic(r)
	return after(f, r, 0)
}

// hotStep is INC and DEC, which leave CF.
func hotStep(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.shape == mx {
		p, ok := pointer(c, address(c, op, f), 4)
		if !ok {
			return cold
		}
		v := peek(p, 4)
		r := step(f.op, v)
		poke(p, r, 4)
		stepFlags(c, f.op, v, r)
		return next
	}
	v := c.r[op.RM&7]
	r := step(f.op, v)
	c.r[op.RM&7] = r
	stepFlags(c, f.op, v, r)
	return after(f, r, 0)
}

func step(k Kind, v uint32) uint32 {
	if k == kINC {
		return v + 1
	}
	return v - 1
}

func stepFlags(c *CPU, k Kind, v, r uint32) {
	set, cleared := r&^v, v&^r
	cf := c.faux & (1 << 31)
	if k == kINC {
		c.fres, c.faux = r, cf|cf>>1^set>>1&(1<<30)|cleared&auxAF
	} else {
		c.fres, c.faux = r, cf|cf>>1^cleared>>1&(1<<30)|set&auxAF
	}
}

func hotUnary(c *CPU, op *Op, _ *frame, f form) outcome {
	v := c.r[op.RM&7]
	if f.op == kNOT {
		c.r[op.RM&7] = ^v
		return next
	}
	r := -v
	c.r[op.RM&7] = r
	c.fres, c.faux = r, (v|r)&auxMask
	return next
}

// hotShift is SHL, SHR and SAR by 1 to 31, or by CL.
func hotShift(c *CPU, op *Op, _ *frame, f form) outcome {
	n := shiftCount(c, op, f)
	if f.shape == rc && n == 0 {
		return next
	}
	v := c.r[op.RM&7]
	switch f.op {
	case kSHR:
		x := v >> ((n - 1) & 31)
		r := x >> 1
		c.r[op.RM&7] = r
		c.fres, c.faux = r, x<<31|(x<<30^r)&(1<<30)
	case kSAR:
		x := uint32(int32(v) >> ((n - 1) & 31))
		r := uint32(int32(x) >> 1)
		c.r[op.RM&7] = r
		c.fres, c.faux = r, x<<31|x<<30&(1<<30)
	default:
		x := uint64(v) << (n & 63)
		r := uint32(x)
		c.r[op.RM&7] = r
		c.fres, c.faux = r, uint32(x>>32)<<31|r>>1&(1<<30)
	}
	return next
}

func shiftCount(c *CPU, op *Op, f form) uint32 {
	if f.shape == rc {
		return c.r[regECX] & 31
	}
	return op.Imm
}

func hotRotate(c *CPU, op *Op, _ *frame, f form) outcome {
	if f.op == kROL {
		r := bits.RotateLeft32(c.r[op.RM&7], int(op.Imm&31))
		c.r[op.RM&7] = r
		c.faux = c.faux&^(3<<30) | r<<31 | r>>1&(1<<30)
		return next
	}
	r := bits.RotateLeft32(c.r[op.RM&7], -int(op.Imm&31))
	c.r[op.RM&7] = r
	c.faux = c.faux&^(3<<30) | r&(3<<30)
	return next
}

// factor is the other factor of IMUL.
func factor(c *CPU, op *Op, f form) uint32 {
	if f.op == kIMULRegRM {
		return c.r[op.Reg&7]
	}
	return op.Imm
}

// hotMultiply is IMUL with two and three operands.
func hotMultiply(c *CPU, op *Op, _ *frame, f form) outcome {
	v, ok := operand(c, op, f, 4)
	if !ok {
		return cold
	}
	w := factor(c, op, f)
	p := int64(int32(w)) * int64(int32(v))
	c.r[op.Reg&7] = uint32(p)
	c.flagsLogic(uint32(p))
	if p != int64(int32(p)) {
		c.faux = 1 << 31 // CF and OF
	}
	return next
}

func hotWideMultiply(c *CPU, op *Op, _ *frame, _ form) outcome {
	p := uint64(c.r[regEAX]) * uint64(c.r[op.RM&7])
	c.r[regEAX], c.r[regEDX] = uint32(p), uint32(p>>32)
	c.flagsLogic(uint32(p))
	if p>>32 != 0 {
		c.faux = 1 << 31
	}
	return next
}
