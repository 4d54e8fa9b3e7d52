package arm64

import "math/bits"

// rowsCrypto are the instructions of FEAT_AES, FEAT_PMULL, FEAT_SHA1 and FEAT_SHA256 (C4.1.90).
var rowsCrypto = []row{
	{name: "AESE/AESD", pattern: "01001110 00101000 010o10nn nnnddddd", simd: simdAES},
	{name: "AESMC/AESIMC", pattern: "01001110 00101000 011o10nn nnnddddd", simd: simdAESMix},
	{name: "PMULL (64-bit)", pattern: "0q001110 111mmmmm 111000nn nnnddddd", simd: simdPMULL64},
	{name: "SHA1C/SHA1P/SHA1M", pattern: "01011110 000mmmmm 00oo00nn nnnddddd", valid: func(w uint32) bool { return w>>12&3 != 3 }, simd: simdSHA1},
	{name: "SHA1SU0", pattern: "01011110 000mmmmm 001100nn nnnddddd", simd: simdSHA1SU0},
	{name: "SHA256H/SHA256H2", pattern: "01011110 000mmmmm 010o00nn nnnddddd", simd: simdSHA256},
	{name: "SHA256SU1", pattern: "01011110 000mmmmm 011000nn nnnddddd", simd: simdSHA256SU1},
	{name: "SHA1H", pattern: "01011110 00101000 000010nn nnnddddd", simd: simdSHA1H},
	{name: "SHA1SU1", pattern: "01011110 00101000 000110nn nnnddddd", simd: simdSHA1SU1},
	{name: "SHA256SU0", pattern: "01011110 00101000 001010nn nnnddddd", simd: simdSHA256SU0},
}

// aesSub and aesInverse are the substitution of FIPS 197 section 5.1.1 and its inverse.
var aesSub, aesInverse = func() (sub, inverse [256]uint8) {
	// p runs over the field by the generator 3, and q over the inverses of what p is.
	p, q := uint8(1), uint8(1)
	for {
		p ^= aesDouble(p)
		q ^= q << 1
		q ^= q << 2
		q ^= q << 4
		if q&0x80 != 0 {
			q ^= 9
		}
		sub[p] = q ^ bits.RotateLeft8(q, 1) ^ bits.RotateLeft8(q, 2) ^ bits.RotateLeft8(q, 3) ^ bits.RotateLeft8(q, 4) ^ 0x63
		if p == 1 {
			break
		}
	}
	sub[0] = 0x63
	for i, v := range sub {
		inverse[v] = uint8(i)
	}
	return sub, inverse
}()

// aesDouble multiplies by x in the field of AES.
func aesDouble(a uint8) uint8 { return a<<1 ^ 0x1b*(a>>7) }

// simdAES is one round without the mixing of columns: add the key, shift rows, substitute.
func simdAES(c *CPU, w uint32) {
	d, k := c.v[w&31], c.v[w>>5&31]
	d[0] ^= k[0]
	d[1] ^= k[1]
	table, step := &aesSub, 5 // row r of a column comes from r columns further on
	if w>>12&1 != 0 {
		table, step = &aesInverse, 13
	}
	var r vreg
	for i := range 16 {
		from := (i&^3 + step*(i&3)) & 15 &^ 3 // the column
		r.set(0, i, uint64(table[uint8(d.get(0, from+i&3))]))
	}
	c.v[w&31] = r
}

// simdAESMix multiplies each column by the polynomial of MixColumns, or by its inverse.
func simdAESMix(c *CPU, w uint32) {
	a := c.v[w>>5&31]
	var r vreg
	for i := range 16 {
		var b [4]uint8
		for k := range b {
			b[k] = uint8(a.get(0, i&^3+(i+k)&3))
		}
		v := aesDouble(b[0]^b[1]) ^ b[1] ^ b[2] ^ b[3] // 2·b0 + 3·b1 + b2 + b3
		if w>>12&1 != 0 {                              // 14·b0 + 11·b1 + 13·b2 + 9·b3
			four := aesDouble(aesDouble(b[0] ^ b[2]))
			eight := aesDouble(aesDouble(aesDouble(b[0] ^ b[1] ^ b[2] ^ b[3])))
			v ^= four ^ eight
		}
		r.set(0, i, uint64(v))
	}
	c.v[w&31] = r
}

func simdPMULL64(c *CPU, w uint32) {
	half := w >> 30 & 1
	a, b := c.v[w>>5&31][half], c.v[w>>16&31][half]
	var r vreg
	for i := range uint(64) {
		if b>>i&1 != 0 {
			r[0] ^= a << i
			r[1] ^= a >> (64 - i)
		}
	}
	c.v[w&31] = r
}

// words gives the four 32-bit lanes.
func (v *vreg) words() [4]uint32 {
	return [4]uint32{uint32(v[0]), uint32(v[0] >> 32), uint32(v[1]), uint32(v[1] >> 32)}
}

func (v *vreg) setWords(x [4]uint32) {
	*v = vreg{uint64(x[1])<<32 | uint64(x[0]), uint64(x[3])<<32 | uint64(x[2])}
}

// simdSHA1 is four rounds of SHA-1 with the choice, parity or majority function (FIPS 180-4 section 6.1.2).
func simdSHA1(c *CPU, w uint32) {
	x, y, k := c.v[w&31].words(), uint32(c.v[w>>5&31][0]), c.v[w>>16&31].words()
	for i := range 4 {
		var t uint32
		switch w >> 12 & 3 {
		case 0:
			t = choose(x[1], x[2], x[3])
		case 1:
			t = x[1] ^ x[2] ^ x[3]
		default:
			t = majority(x[1], x[2], x[3])
		}
		y += bits.RotateLeft32(x[0], 5) + t + k[i]
		x[1] = bits.RotateLeft32(x[1], 30)
		x, y = [4]uint32{y, x[0], x[1], x[2]}, x[3]
	}
	c.v[w&31].setWords(x)
}

func choose(x, y, z uint32) uint32   { return x&y | ^x&z }
func majority(x, y, z uint32) uint32 { return x&y | (x|y)&z }

func simdSHA1H(c *CPU, w uint32) {
	c.v[w&31] = vreg{uint64(bits.RotateLeft32(uint32(c.v[w>>5&31][0]), 30)), 0}
}

func simdSHA1SU0(c *CPU, w uint32) {
	d, n, m := c.v[w&31], c.v[w>>5&31], c.v[w>>16&31]
	c.v[w&31] = vreg{d[1] ^ d[0] ^ m[0], n[0] ^ d[1] ^ m[1]}
}

func simdSHA1SU1(c *CPU, w uint32) {
	d, n := c.v[w&31].words(), c.v[w>>5&31].words()
	var r [4]uint32
	for i := range 3 {
		r[i] = bits.RotateLeft32(d[i]^n[i+1], 1)
	}
	r[3] = bits.RotateLeft32(d[3], 1) ^ bits.RotateLeft32(d[0]^n[1], 2)
	c.v[w&31].setWords(r)
}

// simdSHA256 is four rounds of SHA-256: SHA256H gives the first half of the new state, SHA256H2 the second (FIPS 180-4 section 6.2.2).
func simdSHA256(c *CPU, w uint32) {
	second := w>>12&1 != 0
	x, y, k := c.v[w&31].words(), c.v[w>>5&31].words(), c.v[w>>16&31].words()
	if second {
		x, y = y, x
	}
	for i := range 4 {
		t := y[3] + choose(y[0], y[1], y[2]) + k[i] +
			(bits.RotateLeft32(y[0], -6) ^ bits.RotateLeft32(y[0], -11) ^ bits.RotateLeft32(y[0], -25))
		e := x[3] + t
		a := t + majority(x[0], x[1], x[2]) +
			(bits.RotateLeft32(x[0], -2) ^ bits.RotateLeft32(x[0], -13) ^ bits.RotateLeft32(x[0], -22))
		x = [4]uint32{a, x[0], x[1], x[2]}
		y = [4]uint32{e, y[0], y[1], y[2]}
	}
	if second {
		x = y
	}
	c.v[w&31].setWords(x)
}

func simdSHA256SU0(c *CPU, w uint32) {
	d, n := c.v[w&31].words(), c.v[w>>5&31].words()
	next := [4]uint32{d[1], d[2], d[3], n[0]}
	for i, v := range next {
		d[i] += bits.RotateLeft32(v, -7) ^ bits.RotateLeft32(v, -18) ^ v>>3
	}
	c.v[w&31].setWords(d)
}

func simdSHA256SU1(c *CPU, w uint32) {
	d, n, m := c.v[w&31].words(), c.v[w>>5&31].words(), c.v[w>>16&31].words()
	t := [4]uint32{n[1], n[2], n[3], m[0]}
	for i := range d {
		v := m[2+i&1]
		if i >= 2 {
			v = d[i-2]
		}
		d[i] += t[i] + (bits.RotateLeft32(v, -17) ^ bits.RotateLeft32(v, -19) ^ v>>10)
	}
	c.v[w&31].setWords(d)
}
