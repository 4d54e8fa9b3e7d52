package arm64

import "slices"

// Loads and stores of general registers, and of SIMD registers as a whole (C4.1.88). The rows decode the common forms to
// kinds of exec; exec falls back on the functions here whenever its TLB misses, so these are complete.
var rowsMemory = []row{
	{name: "LDR (literal)", pattern: "0z011000 iiiiiiii iiiiiiii iiittttt", exec: execLiteral},
	{name: "LDRSW (literal)", pattern: "10011000 iiiiiiii iiiiiiii iiittttt", exec: execLiteral},
	{name: "PRFM (literal)", pattern: "11011000 iiiiiiii iiiiiiii iiittttt", exec: execNop, hot: nop},
	{name: "LDR (literal, SIMD&FP)", pattern: "zz011100 iiiiiiii iiiiiiii iiittttt", valid: validSIMDPair, exec: execLiteral},
	{name: "STNP/LDNP", pattern: "z0101000 0Liiiiii iuuuuunn nnnttttt", operands: operandsPair, exec: execPair, hot: pairs},
	{name: "STP/LDP (post-index)", pattern: "z0101000 1Liiiiii iuuuuunn nnnttttt", operands: operandsPair, exec: execPair, hot: pairsPost},
	{name: "STP/LDP (offset)", pattern: "z0101001 0Liiiiii iuuuuunn nnnttttt", operands: operandsPair, exec: execPair, hot: pairs},
	{name: "STP/LDP (pre-index)", pattern: "z0101001 1Liiiiii iuuuuunn nnnttttt", operands: operandsPair, exec: execPair, hot: pairsPre},
	{name: "LDPSW (post-index)", pattern: "01101000 11iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "LDPSW (offset)", pattern: "01101001 01iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "LDPSW (pre-index)", pattern: "01101001 11iiiiii iuuuuunn nnnttttt", exec: execPair},
	{name: "STNP/LDNP (SIMD&FP)", pattern: "zz101100 0Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, operands: operandsPair, exec: execPair, hot: vectorPairs},
	{name: "STP/LDP (SIMD&FP, post-index)", pattern: "zz101100 1Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, exec: execPair},
	{name: "STP/LDP (SIMD&FP, offset)", pattern: "zz101101 0Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, operands: operandsPair, exec: execPair, hot: vectorPairs},
	{name: "STP/LDP (SIMD&FP, pre-index)", pattern: "zz101101 1Liiiiii iuuuuunn nnnttttt", valid: validSIMDPair, exec: execPair},
	{name: "PRFUM", pattern: "11111000 100iiiii iiii00nn nnnttttt", exec: execNop, hot: nop},
	{name: "LDUR/STUR", pattern: "zz111000 oo0iiiii iiii00nn nnnttttt", valid: validSingle, operands: operandsUnscaled, exec: execSingle, hot: singles},
	{name: "LDR/STR (post-index)", pattern: "zz111000 oo0iiiii iiii01nn nnnttttt", valid: validSingle, operands: operandsUnscaled, exec: execSingle, hot: singlesPost},
	{name: "LDTR/STTR", pattern: "zz111000 oo0iiiii iiii10nn nnnttttt", valid: validSingle, exec: execSingle},
	{name: "LDR/STR (pre-index)", pattern: "zz111000 oo0iiiii iiii11nn nnnttttt", valid: validSingle, operands: operandsUnscaled, exec: execSingle, hot: singlesPre},
	{name: "PRFM (register)", pattern: "11111000 101mmmmm o1oS10nn nnnttttt", exec: execNop, hot: nop},
	{name: "LDR/STR (register)", pattern: "zz111000 oo1mmmmm o1oS10nn nnnttttt", valid: validSingle, operands: operandsRegisterOffset, exec: execSingle, hot: singlesRegister},
	{name: "PRFM (immediate)", pattern: "11111001 10iiiiii iiiiiinn nnnttttt", exec: execNop, hot: nop},
	{name: "LDR/STR (unsigned offset)", pattern: "zz111001 ooiiiiii iiiiiinn nnnttttt", valid: validSingle, operands: operandsUnsigned, exec: execSingle, hot: singles},
	{name: "LDUR/STUR (SIMD&FP)", pattern: "zz111100 oo0iiiii iiii00nn nnnttttt", valid: validSIMDSingle, operands: operandsUnscaled, exec: execSingle, hot: vectors},
	{name: "LDR/STR (SIMD&FP, post-index)", pattern: "zz111100 oo0iiiii iiii01nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, pre-index)", pattern: "zz111100 oo0iiiii iiii11nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, register)", pattern: "zz111100 oo1mmmmm o1oS10nn nnnttttt", valid: validSIMDSingle, exec: execSingle},
	{name: "LDR/STR (SIMD&FP, unsigned offset)", pattern: "zz111101 ooiiiiii iiiiiinn nnnttttt", valid: validSIMDSingle, operands: operandsUnsigned, exec: execSingle, hot: vectors},
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

var nop = one("Nop", "", hotNop)

func execNop(*CPU, uint32) status { return stNext }

// singles are the forms of the loads and stores of a general register with base and immediate: with the bits for size and opcode.
var singles = slices.Concat(
	one("StrX", "11...... 00", hotStore, variant{bytes: 8}),
	one("LdrX", "11...... 01", hotLoad, variant{bytes: 8}),
	one("StrW", "10...... 00", hotStore, variant{bytes: 4}),
	one("LdrW", "10...... 01", hotLoad, variant{bytes: 4}),
	one("LdrSW", "10...... 10", hotLoad, variant{bytes: 4, signed: true, wide: true}),
	one("StrH", "01...... 00", hotStore, variant{bytes: 2}),
	one("LdrH", "01...... 01", hotLoad, variant{bytes: 2}),
	one("LdrSH64", "01...... 10", hotLoad, variant{bytes: 2, signed: true, wide: true}),
	one("LdrSH32", "01...... 11", hotLoad, variant{bytes: 2, signed: true}),
	one("StrB", "00...... 00", hotStore, variant{bytes: 1}),
	one("LdrB", "00...... 01", hotLoad, variant{bytes: 1}),
	one("LdrSB64", "00...... 10", hotLoad, variant{bytes: 1, signed: true, wide: true}),
	one("LdrSB32", "00...... 11", hotLoad, variant{bytes: 1, signed: true}),
)

var (
	singlesRegister = inMode(singles, registerOffset, "Idx", "LdrX", "LdrW", "LdrH", "LdrB", "LdrSW", "StrX", "StrW", "StrH", "StrB")
	singlesPost     = inMode(singles, postIndexed, "Post", "LdrX", "LdrW", "LdrB", "StrX", "StrW", "StrB")
	singlesPre      = inMode(singles, preIndexed, "Pre", "LdrX", "LdrW", "LdrB", "StrX", "StrW", "StrB")
)

var vectors = slices.Concat(
	one("StrQ", "00...... 10", hotStoreVector, variant{bytes: 16}),
	one("LdrQ", "00...... 11", hotLoadVector, variant{bytes: 16}),
	one("StrD", "11...... 00", hotStoreVector, variant{bytes: 8}),
	one("LdrD", "11...... 01", hotLoadVector, variant{bytes: 8}),
	one("StrS", "10...... 00", hotStoreVector, variant{bytes: 4}),
	one("LdrS", "10...... 01", hotLoadVector, variant{bytes: 4}),
)

var pairs = slices.Concat(
	one("StpX", "1....... .0", hotStorePair, variant{bytes: 8}),
	one("LdpX", "1....... .1", hotLoadPair, variant{bytes: 8}),
	one("StpW", "0....... .0", hotStorePair, variant{bytes: 4}),
	one("LdpW", "0....... .1", hotLoadPair, variant{bytes: 4}),
)

var (
	pairsPost = inMode(pairs, postIndexed, "Post", "StpX", "LdpX")
	pairsPre  = inMode(pairs, preIndexed, "Pre", "StpX", "LdpX")
)

var vectorPairs = slices.Concat(
	one("StpQ", "10...... .0", hotStoreVectors, variant{bytes: 16}),
	one("LdpQ", "10...... .1", hotLoadVectors, variant{bytes: 16}),
	one("StpD", "01...... .0", hotStoreVectors, variant{bytes: 8}),
	one("LdpD", "01...... .1", hotLoadVectors, variant{bytes: 8}),
)

// inMode gives the named ones of forms in another addressing mode.
func inMode(forms []form, m mode, suffix string, names ...string) (out []form) {
	for _, f := range forms {
		if !slices.Contains(names, f.name) {
			continue
		}
		v := *f.variant
		v.mode = m
		f.name, f.variant = f.name+suffix, &v
		if m != registerOffset {
			f.when = keepsSP
		}
		out = append(out, f)
	}
	return out
}

// keepsSP says that a write-back leaves an aligned SP aligned.
func keepsSP(w uint32) bool {
	imm := w >> 12 & 15 // in bytes
	if w>>27&7 == 5 {
		imm = w >> 15 & 1 // in doublewords
	}
	return w>>5&31 != regSP || imm == 0
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

func operandsUnscaled(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.imm = transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w), signed(uint64(w>>12), 9)
}

func operandsUnsigned(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.imm = transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w), uint64(w>>10&0xfff)<<sizeOf(w)
}

func operandsRegisterOffset(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm = transferRegister(w, w>>22&3 != 0, w&31), fieldRnSP(w), fieldRm(w)
	o.ra, o.imm = uint8(w>>13&7), uint64(w>>12&1)*uint64(sizeOf(w))
}

func operandsPair(w uint32, _ uint64, o *op) {
	load, shift := w>>22&1 != 0, 2+w>>31
	if w>>26&1 != 0 {
		shift = 2 + w>>30
	}
	o.rd, o.ra, o.rn = transferRegister(w, load, w&31), transferRegister(w, load, w>>10&31), fieldRnSP(w)
	o.imm = signed(uint64(w>>15), 7) << shift
}
