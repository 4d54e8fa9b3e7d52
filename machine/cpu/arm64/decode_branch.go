package arm64

// Branches (C4.1.87).
var rowsBranch = []row{
	{name: "B", pattern: "000101ii iiiiiiii iiiiiiii iiiiiiii", decode: decodeB},
	{name: "BL", pattern: "100101ii iiiiiiii iiiiiiii iiiiiiii", decode: decodeB},
	{name: "B.cond", pattern: "01010100 iiiiiiii iiiiiiii iii0cccc", decode: decodeBcond},
	{name: "CBZ", pattern: "f0110100 iiiiiiii iiiiiiii iiittttt", decode: decodeCbz},
	{name: "CBNZ", pattern: "f0110101 iiiiiiii iiiiiiii iiittttt", decode: decodeCbz},
	{name: "TBZ", pattern: "b0110110 bbbbbiii iiiiiiii iiittttt", decode: decodeTbz},
	{name: "TBNZ", pattern: "b0110111 bbbbbiii iiiiiiii iiittttt", decode: decodeTbz},
	{name: "BR", pattern: "11010110 00011111 000000nn nnn00000", decode: decodeBr},
	{name: "BLR", pattern: "11010110 00111111 000000nn nnn00000", decode: decodeBr},
	{name: "RET", pattern: "11010110 01011111 000000nn nnn00000", decode: decodeBr},
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
