package arm64

// Data processing with an immediate (C4.1.86).
var rowsImmediate = []row{
	{name: "ADR", pattern: "0ii10000 iiiiiiii iiiiiiii iiiddddd", decode: decodeADR, exec: execADR},
	{name: "ADRP", pattern: "1ii10000 iiiiiiii iiiiiiii iiiddddd", decode: decodeADR, exec: execADR},
	{name: "ADD (immediate)", pattern: "f0010001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm, exec: execAddImm},
	{name: "ADDS (immediate)", pattern: "f0110001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm, exec: execAddImm},
	{name: "SUB (immediate)", pattern: "f1010001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm, exec: execAddImm},
	{name: "SUBS (immediate)", pattern: "f1110001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm, exec: execAddImm},
	{name: "AND (immediate)", pattern: "f0010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImm},
	{name: "ORR (immediate)", pattern: "f0110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImm},
	{name: "EOR (immediate)", pattern: "f1010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImm},
	{name: "ANDS (immediate)", pattern: "f1110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImm},
	{name: "MOVN", pattern: "f0010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide, exec: execMovWide},
	{name: "MOVZ", pattern: "f1010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide, exec: execMovWide},
	{name: "MOVK", pattern: "f1110010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide, exec: execMovWide},
	{name: "SBFM", pattern: "f0010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield, exec: execBitfield},
	{name: "BFM", pattern: "f0110011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield, exec: execBitfield},
	{name: "UBFM", pattern: "f1010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield, exec: execBitfield},
	{name: "EXTR", pattern: "f0010011 1N0mmmmm ssssssnn nnnddddd", valid: validBitfield, decode: decodeExtr, exec: execExtr},
}

func decodeADR(w uint32, off uint64, o *op) {
	imm := signed(uint64(w>>5&0x7ffff)<<2|uint64(w>>29&3), 21)
	o.rd = fieldRd(w)
	if w>>31 != 0 {
		o.kind, o.imm = kAdrp, imm<<12
	} else {
		o.kind, o.imm = kAdr, imm+off
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

func decodeAddImm(w uint32, _ uint64, o *op) {
	imm := uint64(w >> 10 & 0xfff)
	if w>>22&1 != 0 {
		imm <<= 12
	}
	sub := w>>30&1 != 0
	o.rn = fieldRnSP(w)
	if w>>29&1 != 0 {
		o.rd = fieldRd(w)
		o.kind = pick(w, kAddsI64, kAddsI32)
		if sub {
			o.kind = pick(w, kSubsI64, kSubsI32)
		}
		if !is64(w) {
			imm <<= 32 // the flags come from operands shifted left by 32
		}
		o.imm = imm
		return
	}
	if sub {
		imm = -imm
	}
	o.rd, o.imm = fieldRdSP(w), imm
	o.kind = pick(w, kAddI64, kAddI32)
	if o.rd == regSP {
		o.kind = kAddSP
		if !is64(w) {
			o.ra = 32
		}
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

func decodeLogicImm(w uint32, _ uint64, o *op) {
	imm, _ := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	opc := w >> 29 & 3
	if opc != 3 && w&31 == 31 {
		return // the result goes to SP
	}
	o.rd, o.rn, o.imm = fieldRd(w), fieldRn(w), imm
	switch opc {
	case 0:
		o.kind = kAndI
	case 1:
		o.kind = pick(w, kOrrI64, kOrrI32)
		if o.rn == regZero {
			o.kind = kMovI
		}
	case 2:
		o.kind = pick(w, kEorI64, kEorI32)
	case 3:
		o.kind = pick(w, kAndsI64, kAndsI32)
	}
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

func decodeMovWide(w uint32, _ uint64, o *op) {
	shift := w >> 21 & 3 * 16
	imm := uint64(w>>5&0xffff) << shift
	o.rd = fieldRd(w)
	o.kind, o.imm = kMovI, imm
	switch w >> 29 & 3 {
	case 0:
		o.imm = ^imm
		if !is64(w) {
			o.imm = uint64(uint32(o.imm))
		}
	case 3:
		o.kind = pick(w, kMovk64, kMovk32)
		o.imm, o.rm = imm>>shift, uint8(shift)
	}
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

func decodeBitfield(w uint32, _ uint64, o *op) {
	r, s := w>>16&63, w>>10&63
	size := uint32(32) << (w >> 31)
	o.rd, o.rn = fieldRd(w), fieldRn(w)
	switch w >> 29 & 3 {
	case 0: // SBFM: shift left so that the sign is bit 63, then arithmetically right
		o.kind = pick(w, kSbfx64, kSbfx32)
		o.ra = uint8(63 - s)
		if s >= r {
			o.rm = uint8(63 - s + r)
		} else {
			o.rm = uint8(63 - s - (size - r))
		}
		if size == 64 && r == 0 && s == 31 {
			o.kind = kSxtw
		}
	case 1:
		if s >= r {
			o.kind, o.rm, o.imm = pick(w, kBfxil64, kBfxil32), uint8(r), lowest(s-r+1)
		} else {
			o.kind, o.rm, o.imm = pick(w, kBfi64, kBfi32), uint8(size-r), lowest(s+1)
		}
	case 2:
		if s >= r {
			o.kind, o.rm, o.imm = kUbfx, uint8(r), lowest(s-r+1)
		} else {
			o.kind, o.rm, o.imm = kUbfiz, uint8(size-r), lowest(s+1)
		}
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

func decodeExtr(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRn(w), fieldRm(w), uint8(w>>10&63)
	o.kind = pick(w, kExtr64, kExtr32)
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
