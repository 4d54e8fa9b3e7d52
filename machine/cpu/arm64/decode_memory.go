package arm64

// Loads and stores of general registers, and of SIMD registers as a whole (C4.1.88). The rows decode the common forms to
// kinds of exec; exec falls back on the functions here whenever its TLB misses, so these are complete.
var rowsMemory = []row{
	{name: "LDR (literal)", pattern: "0z011000 iiiiiiii iiiiiiii iiittttt", exec: execLiteral},
	{name: "LDRSW (literal)", pattern: "10011000 iiiiiiii iiiiiiii iiittttt", exec: execLiteral},
	{name: "PRFM (literal)", pattern: "11011000 iiiiiiii iiiiiiii iiittttt", decode: decodeNop, exec: execNop},
	{name: "LDR (literal, SIMD&FP)", pattern: "zz011100 iiiiiiii iiiiiiii iiittttt", valid: validSIMDPair, exec: execLiteral},
	{name: "STNP/LDNP", pattern: "z0101000 0Liiiiii iuuuuunn nnnttttt", decode: decodePair, exec: execPair},
	{name: "STP/LDP (post-index)", pattern: "z0101000 1Liiiiii iuuuuunn nnnttttt", decode: decodePair, exec: execPair},
	{name: "STP/LDP (offset)", pattern: "z0101001 0Liiiiii iuuuuunn nnnttttt", decode: decodePair, exec: execPair},
	{name: "STP/LDP (pre-index)", pattern: "z0101001 1Liiiiii iuuuuunn nnnttttt", decode: decodePair, exec: execPair},
	{name: "LDPSW (post-index)", pattern: "01101000 11iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "LDPSW (offset)", pattern: "01101001 01iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "LDPSW (pre-index)", pattern: "01101001 11iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "STNP/LDNP (SIMD&FP)", pattern: "zz101100 0Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, decode: decodePair, exec: execPair},
	{name: "STP/LDP (SIMD&FP, post-index)", pattern: "zz101100 1Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, decode: decodePair, exec: execPair},
	{name: "STP/LDP (SIMD&FP, offset)", pattern: "zz101101 0Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, decode: decodePair, exec: execPair},
	{name: "STP/LDP (SIMD&FP, pre-index)", pattern: "zz101101 1Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, decode: decodePair, exec: execPair},
	{name: "PRFUM", pattern: "11111000 100iiiii iiii00nn nnnttttt", decode: decodeNop, exec: execNop},
	{name: "LDUR/STUR", pattern: "zz111000 oo0iiiii iiii00nn nnnttttt", valid: validSingle, decode: decodeUnscaled, exec: execSingle},
	{name: "LDR/STR (post-index)", pattern: "zz111000 oo0iiiii iiii01nn nnnttttt", valid: validSingle, decode: decodeIndexed, exec: execSingle},
	{name: "LDTR/STTR", pattern: "zz111000 oo0iiiii iiii10nn nnnttttt", valid: validSingle, exec: execSingle},
	{name: "LDR/STR (pre-index)", pattern: "zz111000 oo0iiiii iiii11nn nnnttttt", valid: validSingle, decode: decodeIndexed, exec: execSingle},
	{name: "PRFM (register)", pattern: "11111000 101mmmmm o1oS10nn nnnttttt", decode: decodeNop, exec: execNop},
	{name: "LDR/STR (register)", pattern: "zz111000 oo1mmmmm o1oS10nn nnnttttt", valid: validSingle, decode: decodeRegisterOffset, exec: execSingle},
	{name: "PRFM (immediate)", pattern: "11111001 10iiiiii iiiiiinn nnnttttt", decode: decodeNop, exec: execNop},
	{name: "LDR/STR (unsigned offset)", pattern: "zz111001 ooiiiiii iiiiiinn nnnttttt", valid: validSingle, decode: decodeUnsigned, exec: execSingle},
	{name: "LDUR/STUR (SIMD&FP)", pattern: "zz111100 oo0iiiii iiii00nn nnnttttt", valid: validSIMDSingle, decode: decodeUnscaled, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, post-index)", pattern: "zz111100 oo0iiiii iiii01nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, pre-index)", pattern: "zz111100 oo0iiiii iiii11nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, register)", pattern: "zz111100 oo1mmmmm o1oS10nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, unsigned offset)", pattern: "zz111101 ooiiiiii iiiiiinn nnnttttt", valid: validSIMDSingle, decode: decodeUnsigned, exec: execSingle},
	{name: "STXR/STLXR", pattern: "zz001000 000sssss ouuuuunn nnnttttt", exec: execExclusive},
	{name: "STXP/STLXP", pattern: "1z001000 001sssss ouuuuunn nnnttttt", exec: execExclusive},
	{name: "LDXR/LDAXR", pattern: "zz001000 010sssss ouuuuunn nnnttttt", exec: execExclusive},
	{name: "LDXP/LDAXP", pattern: "1z001000 011sssss ouuuuunn nnnttttt", exec: execExclusive},
	{name: "STLR", pattern: "zz001000 100sssss 1uuuuunn nnnttttt", exec: execOrdered},
	{name: "LDAR", pattern: "zz001000 110sssss 1uuuuunn nnnttttt", exec: execOrdered},
}

func validSIMDPair(w uint32) bool { return w>>30 != 3 }

// validSingle accepts the sizes and opcodes of LDR and STR of general registers. Size 3 with opcode 2 is a prefetch.
func validSingle(w uint32) bool {
	size, opc := w>>30, w>>22&3
	return opc < 2 || opc == 2 && size < 3 || opc == 3 && size < 2
}

func validSIMDSingle(w uint32) bool { return w>>23&1 == 0 || w>>30 == 0 }

func decodeNop(_ uint32, _ uint64, o *op) { o.kind = kNop }

func execNop(*CPU, uint32) status { return stNext }

// singleKind gives exec's kind for a load or store with base and immediate, or 0.
func singleKind(w uint32) uint16 {
	size, opc := w>>30, w>>22&3
	if w>>26&1 != 0 {
		switch {
		case opc >= 2:
			return [2]uint16{kStrQ, kLdrQ}[opc&1]
		case size == 3:
			return [2]uint16{kStrD, kLdrD}[opc&1]
		case size == 2:
			return [2]uint16{kStrS, kLdrS}[opc&1]
		}
		return 0
	}
	return [4][4]uint16{
		{kStrB, kLdrB, kLdrSB64, kLdrSB32}, {kStrH, kLdrH, kLdrSH64, kLdrSH32}, {kStrW, kLdrW, kLdrSW}, {kStrX, kLdrX},
	}[size][opc]
}

// transferRegister is the slot that a load or store of general registers names by Rt.
func transferRegister(w uint32, load bool, rt uint32) uint8 {
	switch {
	case w>>26&1 != 0:
		return uint8(rt)
	case load:
		return write31(rt)
	}
	return read31(rt)
}

// sizeOf is log2 of the bytes a single load or store moves.
func sizeOf(w uint32) uint {
	if w>>26&1 != 0 && w>>23&1 != 0 {
		return 4
	}
	return uint(w >> 30)
}

func decodeUnscaled(w uint32, _ uint64, o *op) {
	if k := singleKind(w); k != 0 {
		o.kind, o.rd, o.rn = k, transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w)
		o.imm = signed(uint64(w>>12&0x1ff), 9)
	}
}

func decodeUnsigned(w uint32, _ uint64, o *op) {
	if k := singleKind(w); k != 0 {
		o.kind, o.rd, o.rn = k, transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w)
		o.imm = uint64(w>>10&0xfff) << sizeOf(w)
	}
}

// keepsSP says that a write-back of offset to base rn leaves an aligned SP aligned.
func keepsSP(rn uint8, offset uint64) bool { return rn != regSP || offset&15 == 0 }

// firstSingle is the first of the kinds of loads and stores with base and immediate.
const firstSingle = kLdrX

// indexedKinds and registerKinds give the kinds with post- and pre-index, and with register offset, of those from kLdrX to kStrB.
var (
	indexedKinds = [...][2]uint16{
		kLdrX - firstSingle: {kLdrXPost, kLdrXPre}, kLdrW - firstSingle: {kLdrWPost, kLdrWPre}, kLdrB - firstSingle: {kLdrBPost, kLdrBPre},
		kStrX - firstSingle: {kStrXPost, kStrXPre}, kStrW - firstSingle: {kStrWPost, kStrWPre}, kStrB - firstSingle: {kStrBPost, kStrBPre},
	}
	registerKinds = [...]uint16{
		kLdrX - firstSingle: kLdrXIdx, kLdrW - firstSingle: kLdrWIdx, kLdrH - firstSingle: kLdrHIdx, kLdrB - firstSingle: kLdrBIdx, kLdrSW - firstSingle: kLdrSWIdx,
		kStrX - firstSingle: kStrXIdx, kStrW - firstSingle: kStrWIdx, kStrH - firstSingle: kStrHIdx, kStrB - firstSingle: kStrBIdx,
	}
)

func decodeIndexed(w uint32, _ uint64, o *op) {
	imm := signed(uint64(w>>12&0x1ff), 9)
	rn, load := fieldRnSP(w), w>>22&3 != 0
	if !keepsSP(rn, imm) {
		return
	}
	k := indexedKinds[singleKind(w)-kLdrX][w>>11&1]
	if k != 0 {
		o.kind, o.rd, o.rn, o.imm = k, transferRegister(w, load, w&31), rn, imm
	}
}

func decodeRegisterOffset(w uint32, _ uint64, o *op) {
	if w>>26&1 != 0 {
		return
	}
	k := registerKinds[singleKind(w)-kLdrX]
	if k != 0 {
		o.kind, o.rd, o.rn = k, transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w)
		o.rm, o.ra = fieldRm(w), uint8(w>>13&7)
		o.imm = uint64(w>>12&1) * uint64(sizeOf(w))
	}
}

// pairKinds: by W, X, S, D, Q; by mode; store or load.
var pairKinds = [5][4][2]uint16{
	{0: {kStpW, kLdpW}, 2: {kStpW, kLdpW}},
	{{kStpX, kLdpX}, {kStpXPost, kLdpXPost}, {kStpX, kLdpX}, {kStpXPre, kLdpXPre}},
	{},
	{0: {kStpD, kLdpD}, 2: {kStpD, kLdpD}},
	{0: {kStpQ, kLdpQ}, 2: {kStpQ, kLdpQ}},
}

func decodePair(w uint32, _ uint64, o *op) {
	load, mode := w>>22&1, w>>23&3 // 0 no-allocate, 1 post-index, 2 offset, 3 pre-index
	shift := 2 + w>>31
	size := w >> 31
	if w>>26&1 != 0 {
		size, shift = 2+w>>30, 2+w>>30
	}
	imm := signed(uint64(w>>15&0x7f), 7) << shift
	rn := fieldRnSP(w)
	if k := pairKinds[size][mode][load]; k != 0 && (mode&1 == 0 || keepsSP(rn, imm)) {
		o.kind, o.rn, o.imm = k, rn, imm
		o.rd, o.ra = transferRegister(w, load != 0, w&31), transferRegister(w, load != 0, w>>10&31)
	}
}
