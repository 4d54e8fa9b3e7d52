package arm64

// Data processing with an immediate (C4.1.86).
var rowsImmediate = []row{
	{name: "ADR", pattern: "0ii10000 iiiiiiii iiiiiiii iiiddddd", decode: decodeADR},
	{name: "ADRP", pattern: "1ii10000 iiiiiiii iiiiiiii iiiddddd", decode: decodeADR},
	{name: "ADD (immediate)", pattern: "f0010001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm},
	{name: "ADDS (immediate)", pattern: "f0110001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm},
	{name: "SUB (immediate)", pattern: "f1010001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm},
	{name: "SUBS (immediate)", pattern: "f1110001 0hiiiiii iiiiiinn nnnddddd", decode: decodeAddImm},
	{name: "AND (immediate)", pattern: "f0010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImmSP},
	{name: "ORR (immediate)", pattern: "f0110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImmSP},
	{name: "EOR (immediate)", pattern: "f1010010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm, exec: execLogicImmSP},
	{name: "ANDS (immediate)", pattern: "f1110010 0Nrrrrrr ssssssnn nnnddddd", valid: validLogicImm, decode: decodeLogicImm},
	{name: "MOVN", pattern: "f0010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide},
	{name: "MOVZ", pattern: "f1010010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide},
	{name: "MOVK", pattern: "f1110010 1hhiiiii iiiiiiii iiiddddd", valid: validMovWide, decode: decodeMovWide},
	{name: "SBFM", pattern: "f0010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield},
	{name: "BFM", pattern: "f0110011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield},
	{name: "UBFM", pattern: "f1010011 0Nrrrrrr ssssssnn nnnddddd", valid: validBitfield, decode: decodeBitfield},
	{name: "EXTR", pattern: "f0010011 1N0mmmmm ssssssnn nnnddddd", valid: validBitfield, decode: decodeExtr},
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

func validLogicImm(w uint32) bool {
	_, ok := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	return ok
}

func decodeLogicImm(w uint32, _ uint64, o *op) {
	imm, _ := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	opc := w >> 29 & 3
	if opc != 3 && w&31 == 31 {
		return // the result goes to SP: execLogicImmSP
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

func execLogicImmSP(c *CPU, w uint32) status {
	imm, _ := bitMasks(w>>22&1, w>>10&63, w>>16&63, 32<<(w>>31))
	v := c.x[fieldRn(w)]
	switch w >> 29 & 3 {
	case 0:
		v &= imm
	case 1:
		v |= imm
	case 2:
		v ^= imm
	}
	if !is64(w) {
		v = uint64(uint32(v))
	}
	return c.writeSP(v)
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

func validBitfield(w uint32) bool {
	if is64(w) {
		return w>>22&1 != 0
	}
	return w>>22&1 == 0 && w>>15&1 == 0 && (w>>21&1 == 0 || w>>23&1 != 0)
}

func decodeBitfield(w uint32, _ uint64, o *op) {
	r, s := w>>16&63, w>>10&63
	size := uint32(32) << (w >> 31)
	o.rd, o.rn = fieldRd(w), fieldRn(w)
	ones := func(n uint32) uint64 { return ^uint64(0) >> (64 - n) }
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
			o.kind, o.rm, o.imm = pick(w, kBfxil64, kBfxil32), uint8(r), ones(s-r+1)
		} else {
			o.kind, o.rm, o.imm = pick(w, kBfi64, kBfi32), uint8(size-r), ones(s+1)
		}
	case 2:
		if s >= r {
			o.kind, o.rm, o.imm = kUbfx, uint8(r), ones(s-r+1)
		} else {
			o.kind, o.rm, o.imm = kUbfiz, uint8(size-r), ones(s+1)
		}
	}
}

func decodeExtr(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRn(w), fieldRm(w), uint8(w>>10&63)
	o.kind = pick(w, kExtr64, kExtr32)
}
