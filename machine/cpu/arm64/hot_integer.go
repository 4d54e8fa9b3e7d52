package arm64

import "math/bits"

// second is an instruction's second operand.
func second(c *CPU, o *op, f variant) uint64 {
	switch f.b {
	case immediate:
		return o.imm
	case shiftedLeft:
		return c.x[o.rm] << (o.ra & 63)
	case shiftedRight:
		if !f.wide {
			return uint64(uint32(c.x[o.rm]) >> (o.ra & 31))
		}
		return c.x[o.rm] >> (o.ra & 63)
	case signExtended:
		return uint64(int64(int32(c.x[o.rm]))) << (o.ra & 63)
	case zeroExtended:
		return uint64(uint32(c.x[o.rm])) << (o.ra & 63)
	}
	return c.x[o.rm]
}

// cut leaves of v what the operand size keeps.
func cut(f variant, v uint64) uint64 {
	if f.wide {
		return v
	}
	return uint64(uint32(v))
}

// condition says whether one of the condition codes holds.
func condition(c *CPU, cond uint8) bool {
	if c.flagKind != flagsPacked {
		c.packFlags()
	}
	return condMask[cond&15]>>(c.nzcv&15)&1 != 0
}

func combine(f variant, a, b uint64) uint64 {
	switch f.op {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opAnd:
		return a & b
	case opOrr:
		return a | b
	case opEor:
		return a ^ b
	case opBic:
		return a &^ b
	}
	return a | ^b
}

func hotCombine(c *CPU, o *op, _ *frame, f variant) outcome {
	b := second(c, o, f)
	v := combine(f, c.x[o.rn], b)
	c.x[o.rd] = cut(f, v)
	return next
}

// hotAddSP adds an immediate, with SP as the result. A change of its alignment is the row function's.
func hotAddSP(c *CPU, o *op, _ *frame, f variant) outcome {
	v := cut(f, c.x[o.rn]+o.imm)
	if v&15 != 0 || c.spBad {
		return slow
	}
	c.x[regSP] = v
	return next
}

// addFlags adds or subtracts, and keeps the operands for the flags: those of 32 bits in the upper half, where an immediate already is.
func addFlags(c *CPU, o *op, f variant) (a, b uint64) {
	other := second(c, o, f)
	first := c.x[o.rn]
	if !f.wide {
		first <<= 32
		if f.b != immediate {
			other <<= 32
		}
	}
	v := combine(f, first, other)
	if f.op == opAdd {
		c.flagA, c.flagB, c.flagKind = first, other, flagsAdd
	} else {
		c.flagA, c.flagB, c.flagKind = first, other, flagsSub
	}
	if !f.wide {
		v >>= 32
	}
	c.x[o.rd] = v
	return first, other
}

func hotAddFlags(c *CPU, o *op, _ *frame, f variant) outcome {
	addFlags(c, o, f)
	return next
}

func hotAndFlags(c *CPU, o *op, _ *frame, f variant) outcome {
	b := second(c, o, f)
	v := cut(f, c.x[o.rn]&b)
	if f.wide {
		c.flagA, c.flagB, c.flagKind = v, 0, flagsAdd
	} else {
		c.flagA, c.flagB, c.flagKind = v<<32, 0, flagsAdd
	}
	c.x[o.rd] = v
	return next
}

func hotAdr(c *CPU, o *op, s *frame) outcome {
	c.x[o.rd] = s.pc + o.imm
	return next
}

func hotAdrp(c *CPU, o *op, s *frame) outcome {
	c.x[o.rd] = s.pc&^0xfff + o.imm
	return next
}

func hotMov(c *CPU, o *op, _ *frame, f variant) outcome {
	b := second(c, o, f)
	c.x[o.rd] = cut(f, b)
	return next
}

func hotMovk(c *CPU, o *op, _ *frame, f variant) outcome {
	c.x[o.rd] = cut(f, c.x[o.rd]&^(0xffff<<(o.rm&63))|o.imm<<(o.rm&63))
	return next
}

// hotUbfx takes bits from rm on, hotUbfiz puts bits there; imm masks them.
func hotUbfx(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = c.x[o.rn] >> (o.rm & 63) & o.imm
	return next
}

func hotUbfiz(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = (c.x[o.rn] & o.imm) << (o.rm & 63)
	return next
}

// hotSbfx shifts left so that the sign is bit 63, then arithmetically right.
func hotSbfx(c *CPU, o *op, _ *frame, f variant) outcome {
	c.x[o.rd] = cut(f, uint64(int64(c.x[o.rn]<<(o.ra&63))>>(o.rm&63)))
	return next
}

func hotSxtw(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = uint64(int64(int32(c.x[o.rn])))
	return next
}

func hotBfi(c *CPU, o *op, _ *frame, f variant) outcome {
	c.x[o.rd] = cut(f, c.x[o.rd]&^(o.imm<<(o.rm&63))|(c.x[o.rn]&o.imm)<<(o.rm&63))
	return next
}

func hotBfxil(c *CPU, o *op, _ *frame, f variant) outcome {
	c.x[o.rd] = cut(f, c.x[o.rd]&^o.imm|c.x[o.rn]>>(o.rm&63)&o.imm)
	return next
}

func hotExtr(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.wide {
		c.x[o.rd] = c.x[o.rm]>>(o.ra&63) | c.x[o.rn]<<1<<(^o.ra&63)
	} else {
		c.x[o.rd] = uint64(uint32((c.x[o.rn]<<32 | uint64(uint32(c.x[o.rm]))) >> (o.ra & 63)))
	}
	return next
}

func hotSelect(c *CPU, o *op, _ *frame, f variant) outcome {
	v := c.x[o.rm]
	switch f.op {
	case opIncrement:
		v++
	case opInvert:
		v = ^v
	case opNegate:
		v = -v
	}
	if condition(c, o.ra) {
		v = c.x[o.rn]
	}
	c.x[o.rd] = cut(f, v)
	return next
}

func hotCcmp(c *CPU, o *op, _ *frame, f variant) outcome {
	if condition(c, o.ra) {
		a := c.x[o.rn]
		b := second(c, o, f)
		if f.wide {
			c.flagA, c.flagB, c.flagKind = a, b, flagsSub
		} else {
			c.flagA, c.flagB, c.flagKind = a<<32, b<<32, flagsSub
		}
	} else {
		c.nzcv = o.rd
	}
	return next
}

func hotMadd(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.op == opAdd {
		c.x[o.rd] = cut(f, c.x[o.ra]+c.x[o.rn]*c.x[o.rm])
	} else {
		c.x[o.rd] = cut(f, c.x[o.ra]-c.x[o.rn]*c.x[o.rm])
	}
	return next
}

func hotSmaddl(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = c.x[o.ra] + uint64(int64(int32(c.x[o.rn]))*int64(int32(c.x[o.rm])))
	return next
}

func hotUmaddl(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = c.x[o.ra] + uint64(uint32(c.x[o.rn]))*uint64(uint32(c.x[o.rm]))
	return next
}

func hotSmulh(c *CPU, o *op, _ *frame) outcome {
	a, b := c.x[o.rn], c.x[o.rm]
	v, _ := bits.Mul64(a, b)
	c.x[o.rd] = v - uint64(int64(a)>>63)&b - uint64(int64(b)>>63)&a
	return next
}

func hotUmulh(c *CPU, o *op, _ *frame) outcome {
	v, _ := bits.Mul64(c.x[o.rn], c.x[o.rm])
	c.x[o.rd] = v
	return next
}

func hotUdiv(c *CPU, o *op, _ *frame, f variant) outcome {
	v := uint64(0)
	if f.wide {
		if c.x[o.rm] != 0 {
			v = c.x[o.rn] / c.x[o.rm]
		}
	} else if uint32(c.x[o.rm]) != 0 {
		v = uint64(uint32(c.x[o.rn]) / uint32(c.x[o.rm]))
	}
	c.x[o.rd] = v
	return next
}

// hotSdiv relies on it that Go defines the overflow as the hardware does.
func hotSdiv(c *CPU, o *op, _ *frame, f variant) outcome {
	v := uint64(0)
	if f.wide {
		if c.x[o.rm] != 0 {
			v = uint64(int64(c.x[o.rn]) / int64(c.x[o.rm]))
		}
	} else if uint32(c.x[o.rm]) != 0 {
		v = uint64(uint32(int32(c.x[o.rn]) / int32(c.x[o.rm])))
	}
	c.x[o.rd] = v
	return next
}

func hotLslv(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.wide {
		c.x[o.rd] = c.x[o.rn] << (c.x[o.rm] & 63)
	} else {
		c.x[o.rd] = uint64(uint32(c.x[o.rn]) << (c.x[o.rm] & 31))
	}
	return next
}

func hotLsrv(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.wide {
		c.x[o.rd] = c.x[o.rn] >> (c.x[o.rm] & 63)
	} else {
		c.x[o.rd] = uint64(uint32(c.x[o.rn]) >> (c.x[o.rm] & 31))
	}
	return next
}

func hotAsrv(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.wide {
		c.x[o.rd] = uint64(int64(c.x[o.rn]) >> (c.x[o.rm] & 63))
	} else {
		c.x[o.rd] = uint64(uint32(int32(c.x[o.rn]) >> (c.x[o.rm] & 31)))
	}
	return next
}

func hotClz(c *CPU, o *op, _ *frame, f variant) outcome {
	if f.wide {
		c.x[o.rd] = uint64(bits.LeadingZeros64(c.x[o.rn]))
	} else {
		c.x[o.rd] = uint64(bits.LeadingZeros32(uint32(c.x[o.rn])))
	}
	return next
}

func hotRev64(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = bits.ReverseBytes64(c.x[o.rn])
	return next
}

func hotRev32(c *CPU, o *op, _ *frame) outcome {
	c.x[o.rd] = uint64(bits.ReverseBytes32(uint32(c.x[o.rn])))
	return next
}
