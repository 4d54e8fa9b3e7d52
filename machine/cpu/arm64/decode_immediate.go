package arm64

import "slices"

// Data processing with an immediate (C4.1.86).
var rowsImmediate = []row{
	{name: "ADR", pattern: "0ii10000 iiiiiiii iiiiiiii iiiddddd", operands: operandsADR, exec: execADR,
		hot: one("Adr", "", hotAdr)},
	{name: "ADRP", pattern: "1ii10000 iiiiiiii iiiiiiii iiiddddd", operands: operandsADR, exec: execADR,
		hot: one("Adrp", "", hotAdrp)},
	{name: "ADD (immediate)", pattern: "f0010001 0hiiiiii iiiiiinn nnnddddd", operands: operandsAddImm, exec: execAddImm,
		hot: addImmediate},
	{name: "ADDS (immediate)", pattern: "f0110001 0hiiiiii iiiiiinn nnnddddd", operands: operandsAddImm, exec: execAddImm,
		hot: both("AddsI", "", hotAddFlags, variant{op: opAdd, b: immediate})},
	{name: "SUB (immediate)", pattern: "f1010001 0hiiiiii iiiiiinn nnnddddd", operands: operandsAddImm, exec: execAddImm,
		hot: addImmediate},
	{name: "SUBS (immediate)", pattern: "f1110001 0hiiiiii iiiiiinn nnnddddd", operands: operandsAddImm, exec: execAddImm,
		hot: both("SubsI", "", hotAddFlags, variant{op: opSub, b: immediate})},
	{name: "AND (immediate)", pattern: "f0010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, operands: operandsLogicImm, exec: execLogicImm, hot: slices.Concat(
		toSP,
		one("AndI", "", hotCombine, variant{op: opAnd, b: immediate, wide: true}),
	)},
	{name: "ORR (immediate)", pattern: "f0110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, operands: operandsLogicImm, exec: execLogicImm, hot: slices.Concat(
		toSP,
		one("MovI", "........ ........ ......11 111", hotMov, variant{b: immediate, wide: true}),
		both("OrrI", "", hotCombine, variant{op: opOrr, b: immediate}),
	)},
	{name: "EOR (immediate)", pattern: "f1010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, operands: operandsLogicImm, exec: execLogicImm, hot: slices.Concat(
		toSP,
		both("EorI", "", hotCombine, variant{op: opEor, b: immediate}),
	)},
	{name: "ANDS (immediate)", pattern: "f1110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, operands: operandsLogicImm, exec: execLogicImm,
		hot: both("AndsI", "", hotAndFlags, variant{b: immediate})},
	{name: "MOVN", pattern: "f0010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, operands: operandsMovWide, exec: execMovWide,
		hot: one("MovI", "", hotMov, variant{b: immediate, wide: true})},
	{name: "MOVZ", pattern: "f1010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, operands: operandsMovWide, exec: execMovWide,
		hot: one("MovI", "", hotMov, variant{b: immediate, wide: true})},
	{name: "MOVK", pattern: "f1110010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, operands: operandsMovk, exec: execMovWide,
		hot: both("Movk", "", hotMovk, variant{})},
	{name: "SBFM", pattern: "f0010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, operands: operandsBitfield, exec: execBitfield, hot: slices.Concat(
		one("Sxtw", "1....... .1000000 011111", hotSxtw),
		both("Sbfx", "", hotSbfx, variant{}),
	)},
	{name: "BFM", pattern: "f0110011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, operands: operandsBitfield, exec: execBitfield, hot: slices.Concat(
		extracts(both("Bfxil", "", hotBfxil, variant{})),
		both("Bfi", "", hotBfi, variant{}),
	)},
	{name: "UBFM", pattern: "f1010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, operands: operandsBitfield, exec: execBitfield, hot: slices.Concat(
		extracts(one("Ubfx", "", hotUbfx)),
		one("Ubfiz", "", hotUbfiz),
	)},
	{name: "EXTR", pattern: "f0010011 1N0mmmmm ssssssnn nnnddddd", valid: validBitfield, operands: operandsRegisters, exec: execExtr,
		hot: both("Extr", "", hotExtr, variant{})},
}

// addImmediate are the forms of ADD and SUB, whose operand is negated.
var addImmediate = slices.Concat(
	both("AddSP", "........ ........ ........ ...11111", hotAddSP, variant{}),
	both("AddI", "", hotCombine, variant{op: opAdd, b: immediate}),
)

func operandsADR(w uint32, off uint64, o *op) {
	imm := signed(uint64(w>>5&0x7ffff)<<2|uint64(w>>29&3), 21)
	o.rd, o.imm = fieldRd(w), imm+off
	if w>>31 != 0 {
		o.imm = imm << 12
	}
}

func execADR(c *CPU, w uint32) status {
	imm := signed(uint64(w>>5&0x7ffff)<<2|uint64(w>>29&3), 21)
	if w>>31 != 0 {
		c.setX(w, c.pc&^0xfff+imm<<12, true)
	} else {
		c.setX(w, c.pc+imm, true)
	}
	return stNext
}

func operandsAddImm(w uint32, _ uint64, o *op) {
	imm := uint64(w>>10&0xfff) << (w >> 22 & 1 * 12)
	o.rd, o.rn, o.imm = fieldRdSP(w), fieldRnSP(w), imm
	switch {
	case w>>29&1 != 0:
		o.rd = fieldRd(w)
		if !is64(w) {
			o.imm <<= 32 // the flags come from operands shifted left by 32
		}
	case w>>30&1 != 0:
		o.imm = -imm
	}
}

func execAddImm(c *CPU, w uint32) status {
	imm := uint64(w>>10&0xfff) << (w >> 22 & 1 * 12)
	flags := w>>29&1 != 0
	v := c.addSub(c.x[fieldRnSP(w)], imm, w>>30&1 != 0, is64(w), flags)
	if !flags && w&31 == regSP {
		return c.writeSP(v)
	}
	c.setX(w, v, is64(w))
	return stNext
}

func validLogicImm(w uint32) bool {
	_, ok := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	return ok
}

func operandsLogicImm(w uint32, _ uint64, o *op) {
	o.rd, o.rn = fieldRd(w), fieldRn(w)
	o.imm, _ = bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
}

func execLogicImm(c *CPU, w uint32) status {
	imm, _ := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	v := c.logic(w, c.x[fieldRn(w)], imm)
	if w>>29&3 != 3 && w&31 == regSP {
		return c.writeSP(v)
	}
	c.setX(w, v, is64(w))
	return stNext
}

// writeSP sets SP by an ordinary instruction. When that changes whether accesses through SP fault, the block ends.
func (c *CPU) writeSP(v uint64) status {
	c.x[regSP] = v
	if c.checkSP() {
		return stEnd
	}
	return stNext
}

func validMovWide(w uint32) bool { return is64(w) || w>>22&1 == 0 }

func operandsMovWide(w uint32, _ uint64, o *op) {
	v := uint64(w>>5&0xffff) << (w >> 21 & 3 * 16)
	if w>>29&3 == 0 {
		v = ^v
	}
	if !is64(w) {
		v = uint64(uint32(v))
	}
	o.rd, o.imm = fieldRd(w), v
}

func operandsMovk(w uint32, _ uint64, o *op) {
	o.rd, o.rm, o.imm = fieldRd(w), uint8(w>>21&3*16), uint64(w>>5&0xffff)
}

func execMovWide(c *CPU, w uint32) status {
	shift := w >> 21 & 3 * 16
	v := uint64(w>>5&0xffff) << shift
	switch w >> 29 & 3 {
	case 0:
		v = ^v
	case 3:
		v |= c.x[read31(w&31)] &^ (0xffff << shift)
	}
	c.setX(w, v, is64(w))
	return stNext
}

func validBitfield(w uint32) bool {
	if is64(w) {
		return w>>22&1 != 0
	}
	return w>>22&1 == 0 && w>>15&1 == 0 && (w>>21&1 == 0 || w>>23&1 != 0)
}

// lowest is n (1 to 64) ones from bit 0 on.
func lowest(n uint32) uint64 { return ^uint64(0) >> (64 - n) }

// extracts limits forms to those words of BFM and UBFM that move bits to the bottom; the others move bits from there.
func extracts(list []form) []form {
	for i := range list {
		list[i].when = func(w uint32) bool { return w>>10&63 >= w>>16&63 }
	}
	return list
}

func operandsBitfield(w uint32, _ uint64, o *op) {
	r, s, size := w>>16&63, w>>10&63, uint32(32)<<(w>>31)
	o.rd, o.rn = fieldRd(w), fieldRn(w)
	switch {
	case w>>29&3 == 0: // SBFM: shift left so that the sign is bit 63, then arithmetically right
		o.ra, o.rm = uint8(63-s), uint8(63-s+r)
		if s < r {
			o.rm -= uint8(size)
		}
	case s >= r:
		o.rm, o.imm = uint8(r), lowest(s-r+1)
	default:
		o.rm, o.imm = uint8(size-r), lowest(s+1)
	}
}

// execBitfield moves n bits of the source, from bit from on, to bit to of the result.
func execBitfield(c *CPU, w uint32) status {
	r, s := w>>16&63, w>>10&63
	from, to, n := r, uint32(0), s-r+1
	if s < r {
		from, to, n = 0, 32<<(w>>31)-r, s+1
	}
	v := c.x[fieldRn(w)] >> from & lowest(n)
	switch w >> 29 & 3 {
	case 0:
		v = signed(v, uint(n))
	case 1:
		v |= c.x[read31(w&31)] >> to &^ lowest(n)
	}
	v <<= to
	if w>>29&3 == 1 {
		v |= c.x[read31(w&31)] & (1<<to - 1)
	}
	c.setX(w, v, is64(w))
	return stNext
}

func execExtr(c *CPU, w uint32) status {
	high, low, n := c.x[fieldRn(w)], c.x[fieldRm(w)], w>>10&63
	if is64(w) {
		c.setX(w, low>>n|high<<(64-n), true)
	} else {
		c.setX(w, (high<<32|uint64(uint32(low)))>>n, false)
	}
	return stNext
}
