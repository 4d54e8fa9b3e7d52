package arm64

import "math/bits"

// AdvSIMD copies, permutations, table lookup, extraction and immediates (C4.1.90).
var rowsSIMDMove = []row{
	{name: "DUP (element)", pattern: "0q001110 000iiiii 000001nn nnnddddd", valid: validDUP, simd: simdDUPElement},
	{name: "DUP (element, scalar)", pattern: "01011110 000iiiii 000001nn nnnddddd", valid: validElement, simd: simdDUPScalar},
	{name: "DUP (general)", pattern: "0q001110 000iiiii 000011nn nnnddddd", valid: validDUP, simd: simdDUPGeneral},
	{name: "INS (general)", pattern: "01001110 000iiiii 000111nn nnnddddd", valid: validElement, simd: simdINSGeneral},
	{name: "SMOV", pattern: "0q001110 000iiiii 001011nn nnnddddd", valid: validSMOV, simd: simdSMOV},
	{name: "UMOV", pattern: "0q001110 000iiiii 001111nn nnnddddd", valid: validUMOV, simd: simdUMOV},
	{name: "INS (element)", pattern: "01101110 000iiiii 0jjjj1nn nnnddddd", valid: validElement, simd: simdINSElement},
	{name: "UZP1/UZP2", pattern: "0q001110 zz0mmmmm 0o0110nn nnnddddd", valid: sizes(15), simd: simdUZP},
	{name: "TRN1/TRN2", pattern: "0q001110 zz0mmmmm 0o1010nn nnnddddd", valid: sizes(15), simd: simdTRN},
	{name: "ZIP1/ZIP2", pattern: "0q001110 zz0mmmmm 0o1110nn nnnddddd", valid: sizes(15), simd: simdZIP},
	{name: "EXT", pattern: "0q101110 000mmmmm 0iiii0nn nnnddddd", valid: validEXT, simd: simdEXT},
	{name: "TBL/TBX", pattern: "0q001110 000mmmmm 0llo00nn nnnddddd", simd: simdTBL},
	{name: "MOVI/MVNI/ORR/BIC/FMOV (immediate)", pattern: "0qo01111 00000abc cccc01de fghddddd", valid: validModified, simd: simdModified},
}

// elementOf decodes imm5: the lowest set bit gives the element size, the bits above it the lane.
func elementOf(w uint32) (size uint, lane int) {
	imm := w >> 16 & 31
	size = uint(bits.TrailingZeros32(imm | 16))
	return size, int(imm >> (size + 1))
}

func validElement(w uint32) bool { return w>>16&15 != 0 }

func validDUP(w uint32) bool { return validElement(w) && (w>>16&15 != 8 || w>>30&1 != 0) }

func validSMOV(w uint32) bool {
	size, _ := elementOf(w)
	return validElement(w) && (size < 2 || size == 2 && w>>30&1 != 0)
}

func validUMOV(w uint32) bool {
	size, _ := elementOf(w)
	return validElement(w) && (size == 3) == (w>>30&1 != 0)
}

// replicate fills a register's lanes with v.
func replicate(w uint32, size uint, v uint64) (r vreg) {
	v = laneCut(size, v) * lowBits[size]
	r[0] = v
	if w>>30&1 != 0 {
		r[1] = v
	}
	return r
}

func simdDUPElement(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.v[w&31] = replicate(w, size, c.v[w>>5&31].get(size, i))
}

func simdDUPScalar(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.setFP(w, c.v[w>>5&31].get(size, i))
}

func simdDUPGeneral(c *CPU, w uint32) {
	size, _ := elementOf(w)
	c.v[w&31] = replicate(w, size, c.x[fieldRn(w)])
}

func simdINSGeneral(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.v[w&31].set(size, i, c.x[fieldRn(w)])
}

func simdSMOV(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.setX(w, uint64(sx(size, c.v[w>>5&31].get(size, i))), w>>30&1 != 0)
}

func simdUMOV(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.setX(w, c.v[w>>5&31].get(size, i), true)
}

func simdINSElement(c *CPU, w uint32) {
	size, i := elementOf(w)
	c.v[w&31].set(size, i, c.v[w>>5&31].get(size, int(w>>11&15>>size)))
}

func simdUZP(c *CPU, w uint32) {
	size, part := simdSize(w), int(w>>14&1)
	a, b := c.v[w>>5&31], c.v[w>>16&31]
	n := simdLanes(w, size)
	var r vreg
	for i := range n / 2 {
		r.set(size, i, a.get(size, 2*i+part))
		r.set(size, n/2+i, b.get(size, 2*i+part))
	}
	c.v[w&31] = r
}

func simdTRN(c *CPU, w uint32) {
	size, part := simdSize(w), int(w>>14&1)
	a, b := c.v[w>>5&31], c.v[w>>16&31]
	var r vreg
	for i := range simdLanes(w, size) / 2 {
		r.set(size, 2*i, a.get(size, 2*i+part))
		r.set(size, 2*i+1, b.get(size, 2*i+part))
	}
	c.v[w&31] = r
}

func simdZIP(c *CPU, w uint32) {
	size, part := simdSize(w), int(w>>14&1)
	a, b := c.v[w>>5&31], c.v[w>>16&31]
	n := simdLanes(w, size) / 2
	var r vreg
	for i := range n {
		r.set(size, 2*i, a.get(size, part*n+i))
		r.set(size, 2*i+1, b.get(size, part*n+i))
	}
	c.v[w&31] = r
}

func validEXT(w uint32) bool { return w>>30&1 != 0 || w>>14&1 == 0 }

func simdEXT(c *CPU, w uint32) {
	a, b, first := c.v[w>>5&31], c.v[w>>16&31], uint(w>>11&15)
	if w>>30&1 == 0 { // the low halves, one above the other
		c.v[w&31] = vreg{extract128(vreg{a[0], b[0]}, vreg{}, first)[0], 0}
		return
	}
	c.v[w&31] = extract128(a, b, first)
}

func simdTBL(c *CPU, w uint32) {
	n := 16 * (int(w>>13&3) + 1)
	index, r := c.v[w>>16&31], vreg{}
	for i := range simdLanes(w, 0) {
		k := int(index.get(0, i))
		switch {
		case k < n:
			r.set(0, i, c.v[(w>>5+uint32(k/16))&31].get(0, k%16))
		case w>>12&1 != 0: // TBX keeps what is out of range
			r.set(0, i, c.v[w&31].get(0, i))
		}
	}
	c.v[w&31] = r
}

// validModified: FMOV of doubles (op 1, cmode 15) needs Q.
func validModified(w uint32) bool {
	return !(w>>12&15 == 15 && w>>29&1 != 0 && w>>30&1 == 0)
}

// simdModified is the modified-immediate group (AdvSIMDExpandImm).
func simdModified(c *CPU, w uint32) {
	imm := uint64(w>>16&7<<5 | w>>5&31)
	cmode, op := w>>12&15, w>>29&1 != 0
	var v uint64
	rep := func(size uint, v uint64) uint64 {
		for n := uint(8) << size; n < 64; n *= 2 {
			v |= v << n
		}
		return v
	}
	switch {
	case cmode < 8:
		v = rep(2, imm<<(8*(cmode>>1)))
	case cmode < 12:
		v = rep(1, imm<<(8*(cmode>>1&1)))
	case cmode == 12:
		v = rep(2, imm<<8|0xff)
	case cmode == 13:
		v = rep(2, imm<<16|0xffff)
	case cmode == 14 && !op:
		v = rep(0, imm)
	case cmode == 14:
		for i := range 8 {
			if imm>>i&1 != 0 {
				v |= 0xff << (8 * i)
			}
		}
	case !op:
		v = rep(2, expandImm8(2, imm))
	default:
		v = expandImm8(3, imm)
	}
	d := &c.v[w&31]
	for i := range d {
		switch {
		case i == 1 && w>>30&1 == 0:
			d[i] = 0
		case cmode < 12 && cmode&1 != 0 && op: // BIC
			d[i] &^= v
		case cmode < 12 && cmode&1 != 0: // ORR
			d[i] |= v
		case cmode < 14 && op: // MVNI
			d[i] = ^v
		default:
			d[i] = v
		}
	}
}
