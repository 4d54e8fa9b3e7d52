package arm64

// AdvSIMD vector by indexed element (C4.1.90).
var rowsSIMDIndexed = []row{
	{name: "MLA (by element)", pattern: "0q101111 zzlmmmmm 0000h0nn nnnddddd", valid: validIndexed, simd: byElement(func(_ *CPU, _ uint, d, a, b uint64) uint64 { return d + a*b })},
	{name: "MLS (by element)", pattern: "0q101111 zzlmmmmm 0100h0nn nnnddddd", valid: validIndexed, simd: byElement(func(_ *CPU, _ uint, d, a, b uint64) uint64 { return d - a*b })},
	{name: "MUL (by element)", pattern: "0q001111 zzlmmmmm 1000h0nn nnnddddd", valid: validIndexed, simd: byElement(func(_ *CPU, _ uint, _, a, b uint64) uint64 { return a * b })},
	{name: "SMLAL/UMLAL (by element)", pattern: "0qu01111 zzlmmmmm 0010h0nn nnnddddd", valid: validIndexed, simd: longByElement(longMultiplyAdd)},
	{name: "SMLSL/UMLSL (by element)", pattern: "0qu01111 zzlmmmmm 0110h0nn nnnddddd", valid: validIndexed, simd: longByElement(longMultiplySub)},
	{name: "SMULL/UMULL (by element)", pattern: "0qu01111 zzlmmmmm 1010h0nn nnnddddd", valid: validIndexed, simd: longByElement(longMultiply)},
	{name: "SQDMLAL (by element)", pattern: "0q001111 zzlmmmmm 0011h0nn nnnddddd", valid: validIndexed, simd: longByElement(doublingAdd)},
	{name: "SQDMLAL (by element, scalar)", pattern: "01011111 zzlmmmmm 0011h0nn nnnddddd", valid: validIndexed, simd: longByElementScalar(doublingAdd)},
	{name: "SQDMLSL (by element)", pattern: "0q001111 zzlmmmmm 0111h0nn nnnddddd", valid: validIndexed, simd: longByElement(doublingSub)},
	{name: "SQDMLSL (by element, scalar)", pattern: "01011111 zzlmmmmm 0111h0nn nnnddddd", valid: validIndexed, simd: longByElementScalar(doublingSub)},
	{name: "SQDMULL (by element)", pattern: "0q001111 zzlmmmmm 1011h0nn nnnddddd", valid: validIndexed, simd: longByElement(doubling)},
	{name: "SQDMULL (by element, scalar)", pattern: "01011111 zzlmmmmm 1011h0nn nnnddddd", valid: validIndexed, simd: longByElementScalar(doubling)},
	{name: "SQDMULH (by element)", pattern: "0q001111 zzlmmmmm 1100h0nn nnnddddd", valid: validIndexed, simd: byElement(highByElement(false))},
	{name: "SQDMULH (by element, scalar)", pattern: "01011111 zzlmmmmm 1100h0nn nnnddddd", valid: validIndexed, simd: byElementScalar(highByElement(false))},
	{name: "SQRDMULH (by element)", pattern: "0q001111 zzlmmmmm 1101h0nn nnnddddd", valid: validIndexed, simd: byElement(highByElement(true))},
	{name: "SQRDMULH (by element, scalar)", pattern: "01011111 zzlmmmmm 1101h0nn nnnddddd", valid: validIndexed, simd: byElementScalar(highByElement(true))},
	{name: "FMLA (by element)", pattern: "0q001111 1zlmmmmm 0001h0nn nnnddddd", valid: validIndexedFloat, simd: floatByElement(fmla)},
	{name: "FMLA (by element, scalar)", pattern: "01011111 1zlmmmmm 0001h0nn nnnddddd", valid: validIndexedScalar, simd: floatByElementScalar(fmla)},
	{name: "FMLS (by element)", pattern: "0q001111 1zlmmmmm 0101h0nn nnnddddd", valid: validIndexedFloat, simd: floatByElement(fmls)},
	{name: "FMLS (by element, scalar)", pattern: "01011111 1zlmmmmm 0101h0nn nnnddddd", valid: validIndexedScalar, simd: floatByElementScalar(fmls)},
	{name: "FMUL (by element)", pattern: "0q001111 1zlmmmmm 1001h0nn nnnddddd", valid: validIndexedFloat, simd: floatByElement(fmulIndexed)},
	{name: "FMUL (by element, scalar)", pattern: "01011111 1zlmmmmm 1001h0nn nnnddddd", valid: validIndexedScalar, simd: floatByElementScalar(fmulIndexed)},
	{name: "FMULX (by element)", pattern: "0q101111 1zlmmmmm 1001h0nn nnnddddd", valid: validIndexedFloat, simd: floatByElement(fmulxIndexed)},
	{name: "FMULX (by element, scalar)", pattern: "01111111 1zlmmmmm 1001h0nn nnnddddd", valid: validIndexedScalar, simd: floatByElementScalar(fmulxIndexed)},
}

func validIndexed(w uint32) bool { return w>>22&3 == 1 || w>>22&3 == 2 }

// validIndexedScalar: L must be 0 for doubles.
func validIndexedScalar(w uint32) bool { return w>>22&1 == 0 || w>>21&1 == 0 }

func validIndexedFloat(w uint32) bool { return validIndexedScalar(w) && floatSizes(w) }

// indexed reads the selected element: H:L:M and four bits of register for 16-bit elements, H:L for 32, H for 64.
func (c *CPU) indexed(w uint32, size uint) uint64 {
	h, l, m := int(w>>11&1), int(w>>21&1), int(w>>20&1)
	switch size {
	case 1:
		return c.v[w>>16&15].get(1, h<<2|l<<1|m)
	case 2:
		return c.v[w>>16&31].get(2, h<<1|l)
	}
	return c.v[w>>16&31].get(3, h)
}

func (c *CPU) eachByElement(w uint32, size uint, lanes int, f longLanes) {
	d, a, b := c.v[w&31], c.v[w>>5&31], c.indexed(w, size)
	var r vreg
	for i := range lanes {
		r.set(size, i, f(c, size, d.get(size, i), a.get(size, i), b))
	}
	c.v[w&31] = r
}

func byElement(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.eachByElement(w, simdSize(w), simdLanes(w, simdSize(w)), f) }
}

func byElementScalar(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.eachByElement(w, simdSize(w), 1, f) }
}

func floatByElement(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.eachByElement(w, elementSize(w), simdLanes(w, elementSize(w)), f) }
}

func floatByElementScalar(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.eachByElement(w, elementSize(w), 1, f) }
}

func longByElement(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size, u := simdSize(w), simdU(w)
		d, a, b := c.v[w&31], c.half(w, w>>5), widen(size, u, c.indexed(w, size))
		var r vreg
		for i := range 8 >> size {
			r.set(size+1, i, f(c, size, d.get(size+1, i), widen(size, u, a.get(size, i)), b))
		}
		c.v[w&31] = r
	}
}

func longByElementScalar(f longLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		var r vreg
		r.set(size+1, 0, f(c, size, c.v[w&31].get(size+1, 0),
			widen(size, false, c.v[w>>5&31].get(size, 0)), widen(size, false, c.indexed(w, size))))
		c.v[w&31] = r
	}
}

func highByElement(round bool) longLanes {
	return func(c *CPU, size uint, _, a, b uint64) uint64 { return doubleHigh(c, size, round, a, b) }
}

func fmla(c *CPU, size uint, d, a, b uint64) uint64 { return c.fp.mulAdd(size, d, a, b) }

func fmls(c *CPU, size uint, d, a, b uint64) uint64 { return c.fp.mulAdd(size, d, neg(size, a), b) }

func fmulIndexed(c *CPU, size uint, _, a, b uint64) uint64 { return c.fp.mul(size, a, b) }

func fmulxIndexed(c *CPU, size uint, _, a, b uint64) uint64 { return c.fp.mulX(size, a, b) }
