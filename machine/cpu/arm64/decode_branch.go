package arm64

// Branches (C4.1.87).
var rowsBranch = []row{
	{name: "B", pattern: "000101ii iiiiiiii iiiiiiii iiiiiiii", decode: decodeB, exec: execB},
	{name: "BL", pattern: "100101ii iiiiiiii iiiiiiii iiiiiiii", decode: decodeB, exec: execB},
	{name: "B.cond", pattern: "01010100 iiiiiiii iiiiiiii iii0cccc", decode: decodeBcond, exec: execBcond},
	{name: "CBZ", pattern: "f0110100 iiiiiiii iiiiiiii iiittttt", decode: decodeCbz, exec: execCbz},
	{name: "CBNZ", pattern: "f0110101 iiiiiiii iiiiiiii iiittttt", decode: decodeCbz, exec: execCbz},
	{name: "TBZ", pattern: "b0110110 bbbbbiii iiiiiiii iiittttt", decode: decodeTbz, exec: execTbz},
	{name: "TBNZ", pattern: "b0110111 bbbbbiii iiiiiiii iiittttt", decode: decodeTbz, exec: execTbz},
	{name: "BR", pattern: "11010110 00011111 000000nn nnn00000", decode: decodeBr, exec: execBr},
	{name: "BLR", pattern: "11010110 00111111 000000nn nnn00000", decode: decodeBr, exec: execBr},
	{name: "RET", pattern: "11010110 01011111 000000nn nnn00000", decode: decodeBr, exec: execBr},
}

func decodeB(w uint32, off uint64, o *op) {
	o.kind = kB
	if w>>31 != 0 {
		o.kind = kBl
	}
	o.imm = signed(uint64(w&0x3ffffff)<<2, 28) + off
}

func decodeBcond(w uint32, off uint64, o *op) {
	o.kind, o.rm = kBcond, uint8(w&15)
	o.imm = signed(uint64(w>>5&0x7ffff)<<2, 21) + off
	o.ra = uint8(w & 1) // the sense of a fused compare
}

func decodeCbz(w uint32, off uint64, o *op) {
	o.kind = pick(w, kCbz64, kCbz32)
	if w>>24&1 != 0 {
		o.kind = pick(w, kCbnz64, kCbnz32)
	}
	o.rn = fieldRt(w)
	o.imm = signed(uint64(w>>5&0x7ffff)<<2, 21) + off
}

func decodeTbz(w uint32, off uint64, o *op) {
	o.kind = kTbz
	if w>>24&1 != 0 {
		o.kind = kTbnz
	}
	o.rn, o.rm = fieldRt(w), uint8(w>>31<<5|w>>19&31)
	o.imm = signed(uint64(w>>5&0x3fff)<<2, 16) + off
}

func decodeBr(w uint32, _ uint64, o *op) {
	o.kind = kBr
	if w>>21&3 == 1 {
		o.kind = kBlr
	}
	o.rn = fieldRn(w)
}

// jump ends a branch: to offset bytes from it if it is taken, or to the next instruction.
func (c *CPU) jump(taken bool, offset uint64) status {
	if !taken {
		offset = 4
	}
	c.pc += offset
	return stJump
}

func execB(c *CPU, w uint32) status {
	if w>>31 != 0 {
		c.x[30] = c.pc + 4
	}
	return c.jump(true, signed(uint64(w)<<2, 28))
}

func execBcond(c *CPU, w uint32) status {
	return c.jump(c.holds(uint8(w&15)), signed(uint64(w>>5)<<2, 21))
}

func execCbz(c *CPU, w uint32) status {
	v := c.x[fieldRt(w)]
	if !is64(w) {
		v = uint64(uint32(v))
	}
	return c.jump((v == 0) == (w>>24&1 == 0), signed(uint64(w>>5)<<2, 21))
}

func execTbz(c *CPU, w uint32) status {
	bit := c.x[fieldRt(w)] >> (w>>31<<5 | w>>19&31) & 1
	return c.jump(bit == uint64(w>>24&1), signed(uint64(w>>5)<<2, 16))
}

func execBr(c *CPU, w uint32) status {
	target := c.x[fieldRn(w)]
	if w>>21&3 == 1 {
		c.x[30] = c.pc + 4
	}
	c.pc = target
	return stJump
}

// fuse joins a compare and the conditional branch after it into one kind. Both keep their own op and their single kind.
func fuse(cmp, branch *op) {
	if branch.kind != kBcond {
		return
	}
	var base uint16
	switch cmp.kind {
	case kSubsI64:
		base = kCmpI64Eq
	case kSubsI32:
		base = kCmpI32Eq
	case kSubsR64:
		base = kCmpR64Eq
	case kSubsR32:
		base = kCmpR32Eq
	default:
		return
	}
	// The condition pairs, and the comparison whose truth (or falsehood, by branch.ra) they are.
	switch branch.rm >> 1 {
	case 0: // EQ NE
		cmp.kind = base
	case 1: // HS LO: HS is not lower
		cmp.kind = base + 1
		branch.ra = ^branch.rm & 1
	case 4: // HI LS
		cmp.kind = base + 2
	case 5: // GE LT: GE is not less
		cmp.kind = base + 3
		branch.ra = ^branch.rm & 1
	case 6: // GT LE
		cmp.kind = base + 4
	}
}
