package arm64

// AdvSIMD three different: operands and result differ in width (C4.1.90).
var rowsSIMDWide = []row{
	{name: "SADDL/UADDL", pattern: "0qu01110 zz1mmmmm 000000nn nnnddddd", valid: scalarSizes(7), simd: long(func(_ *CPU, _ uint, _, a, b uint64) uint64 { return a + b })},
	{name: "SADDW/UADDW", pattern: "0qu01110 zz1mmmmm 000100nn nnnddddd", valid: scalarSizes(7), simd: wide(func(a, b uint64) uint64 { return a + b })},
	{name: "SSUBL/USUBL", pattern: "0qu01110 zz1mmmmm 001000nn nnnddddd", valid: scalarSizes(7), simd: long(func(_ *CPU, _ uint, _, a, b uint64) uint64 { return a - b })},
	{name: "SSUBW/USUBW", pattern: "0qu01110 zz1mmmmm 001100nn nnnddddd", valid: scalarSizes(7), simd: wide(func(a, b uint64) uint64 { return a - b })},
	{name: "ADDHN/RADDHN", pattern: "0qu01110 zz1mmmmm 010000nn nnnddddd", valid: scalarSizes(7), simd: highNarrow(false)},
	{name: "SABAL/UABAL", pattern: "0qu01110 zz1mmmmm 010100nn nnnddddd", valid: scalarSizes(7), simd: long(func(_ *CPU, _ uint, d, a, b uint64) uint64 { return d + distance(a, b) })},
	{name: "SUBHN/RSUBHN", pattern: "0qu01110 zz1mmmmm 011000nn nnnddddd", valid: scalarSizes(7), simd: highNarrow(true)},
	{name: "SABDL/UABDL", pattern: "0qu01110 zz1mmmmm 011100nn nnnddddd", valid: scalarSizes(7), simd: long(func(_ *CPU, _ uint, _, a, b uint64) uint64 { return distance(a, b) })},
	{name: "SMLAL/UMLAL", pattern: "0qu01110 zz1mmmmm 100000nn nnnddddd", valid: scalarSizes(7), simd: long(longMultiplyAdd)},
	{name: "SQDMLAL", pattern: "0q001110 zz1mmmmm 100100nn nnnddddd", valid: scalarSizes(6), simd: long(doublingAdd)},
	{name: "SQDMLAL (scalar)", pattern: "01011110 zz1mmmmm 100100nn nnnddddd", valid: scalarSizes(6), simd: longScalar(doublingAdd)},
	{name: "SMLSL/UMLSL", pattern: "0qu01110 zz1mmmmm 101000nn nnnddddd", valid: scalarSizes(7), simd: long(longMultiplySub)},
	{name: "SQDMLSL", pattern: "0q001110 zz1mmmmm 101100nn nnnddddd", valid: scalarSizes(6), simd: long(doublingSub)},
	{name: "SQDMLSL (scalar)", pattern: "01011110 zz1mmmmm 101100nn nnnddddd", valid: scalarSizes(6), simd: longScalar(doublingSub)},
	{name: "SMULL/UMULL", pattern: "0qu01110 zz1mmmmm 110000nn nnnddddd", valid: scalarSizes(7), simd: long(longMultiply)},
	{name: "SQDMULL", pattern: "0q001110 zz1mmmmm 110100nn nnnddddd", valid: scalarSizes(6), simd: long(doubling)},
	{name: "SQDMULL (scalar)", pattern: "01011110 zz1mmmmm 110100nn nnnddddd", valid: scalarSizes(6), simd: longScalar(doubling)},
	{name: "PMULL", pattern: "0q001110 001mmmmm 111000nn nnnddddd", simd: simdPMULL},
}

// longLanes computes a lane of double width from extended operands; size is that of the operands.
type longLanes func(c *CPU, size uint, d, a, b uint64) uint64

func widen(size uint, u bool, a uint64) uint64 {
	if u {
		return a
	}
	return uint64(sx(size, a))
}

func long(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size, u := simdSize(w), simdU(w)
		a, b, d := c.half(w, w>>5), c.half(w, w>>16), c.v[w&31]
		var r vreg
		for i := range 8 >> size {
			r.set(size+1, i, f(c, size, d.get(size+1, i), widen(size, u, a.get(size, i)), widen(size, u, b.get(size, i))))
		}
		c.v[w&31] = r
	}
}

func longScalar(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		var r vreg
		r.set(size+1, 0, f(c, size, c.v[w&31].get(size+1, 0),
			widen(size, false, c.v[w>>5&31].get(size, 0)), widen(size, false, c.v[w>>16&31].get(size, 0))))
		c.v[w&31] = r
	}
}

func wide(f func(a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size, u := simdSize(w), simdU(w)
		a, b := c.v[w>>5&31], c.half(w, w>>16)
		var r vreg
		for i := range 8 >> size {
			r.set(size+1, i, f(a.get(size+1, i), widen(size, u, b.get(size, i))))
		}
		c.v[w&31] = r
	}
}

func distance(a, b uint64) uint64 {
	if int64(a) > int64(b) {
		return a - b
	}
	return b - a
}

func longMultiply(_ *CPU, _ uint, _, a, b uint64) uint64    { return a * b }
func longMultiplyAdd(_ *CPU, _ uint, d, a, b uint64) uint64 { return d + a*b }
func longMultiplySub(_ *CPU, _ uint, d, a, b uint64) uint64 { return d - a*b }

// doubling is twice the product, saturated to the double width: only the square of the least number overflows.
func doubling(c *CPU, size uint, _, a, b uint64) uint64 {
	p := int64(a) * int64(b)
	if size == 2 && p == 1<<62 {
		return c.most(false, false)
	}
	return c.saturate(size+1, false, 2*p)
}

func doublingAdd(c *CPU, size uint, d, a, b uint64) uint64 {
	return addSaturated(c, size+1, false, d, laneCut(size+1, doubling(c, size, 0, a, b)))
}

func doublingSub(c *CPU, size uint, d, a, b uint64) uint64 {
	return subSaturated(c, size+1, false, d, laneCut(size+1, doubling(c, size, 0, a, b)))
}

// laneCut makes a lane of a sign-extended number.
func laneCut(size uint, v uint64) uint64 { return v & (^uint64(0) >> (64 - 8<<size)) }

// highNarrow keeps the upper half of each sum or difference; U rounds.
func highNarrow(sub bool) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a, b := c.v[w>>5&31], c.v[w>>16&31]
		var r vreg
		for i := range 8 >> size {
			p, q := a.get(size+1, i), b.get(size+1, i)
			if sub {
				q = -q
			}
			p += q
			if simdU(w) {
				p += 1 << (8<<size - 1)
			}
			r.set(size, i, p>>(8<<size))
		}
		c.setHalf(w, r[0])
	}
}

func simdPMULL(c *CPU, w uint32) {
	a, b := c.half(w, w>>5), c.half(w, w>>16)
	var r vreg
	for i := range 8 {
		r.set(1, i, polynomial(a.get(0, i), b.get(0, i)))
	}
	c.v[w&31] = r
}
