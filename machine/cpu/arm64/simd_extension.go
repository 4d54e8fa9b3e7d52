package arm64

// rowsSIMDExtension are the AdvSIMD instructions of ARMv8.1 and 8.2: rounding doubling multiply-accumulate (FEAT_RDM) and
// dot products (FEAT_DotProd).
var rowsSIMDExtension = []row{
	{name: "SQRDMLAH/SQRDMLSH", pattern: "0q101110 zz0mmmmm 1000o1nn nnnddddd", valid: scalarSizes(6), simd: simdRDM},
	{name: "SQRDMLAH/SQRDMLSH (scalar)", pattern: "01111110 zz0mmmmm 1000o1nn nnnddddd", valid: scalarSizes(6), simd: simdRDMScalar},
	{name: "SQRDMLAH/SQRDMLSH (by element)", pattern: "0q101111 zzlmmmmm 11o1h0nn nnnddddd", valid: scalarSizes(6), simd: simdRDMElement},
	{name: "SQRDMLAH/SQRDMLSH (by element, scalar)", pattern: "01111111 zzlmmmmm 11o1h0nn nnnddddd", valid: scalarSizes(6), simd: simdRDMElementScalar},
	{name: "SDOT/UDOT", pattern: "0qu01110 100mmmmm 100101nn nnnddddd", simd: simdDot},
	{name: "SDOT/UDOT (by element)", pattern: "0qu01111 10lmmmmm 1110h0nn nnnddddd", simd: simdDotElement},
}

// doubleHighAccumulate adds twice the product a×b, or subtracts it, to d at the top of double width, and keeps the rounded upper half.
// Everything is halved first, so that 32-bit operands fit 64 bits.
func doubleHighAccumulate(c *CPU, size uint, sub bool, d, a, b uint64) uint64 {
	bits := uint(8) << size
	p := sx(size, a) * sx(size, b)
	if sub {
		p = -p
	}
	return c.saturate(size, false, (sx(size, d)<<(bits-1)+p+1<<(bits-2))>>(bits-1))
}

func (c *CPU) mapRDM(w uint32, lanes int, sub bool, b func(i int) uint64) {
	size := simdSize(w)
	d, a := c.v[w&31], c.v[w>>5&31]
	var r vreg
	for i := range lanes {
		r.set(size, i, doubleHighAccumulate(c, size, sub, d.get(size, i), a.get(size, i), b(i)))
	}
	c.v[w&31] = r
}

func simdRDM(c *CPU, w uint32) {
	b := c.v[w>>16&31]
	c.mapRDM(w, simdLanes(w, simdSize(w)), w>>11&1 != 0, func(i int) uint64 { return b.get(simdSize(w), i) })
}

func simdRDMScalar(c *CPU, w uint32) {
	b := c.v[w>>16&31]
	c.mapRDM(w, 1, w>>11&1 != 0, func(int) uint64 { return b.get(simdSize(w), 0) })
}

func simdRDMElement(c *CPU, w uint32) {
	b := c.indexed(w, simdSize(w))
	c.mapRDM(w, simdLanes(w, simdSize(w)), w>>13&1 != 0, func(int) uint64 { return b })
}

func simdRDMElementScalar(c *CPU, w uint32) {
	b := c.indexed(w, simdSize(w))
	c.mapRDM(w, 1, w>>13&1 != 0, func(int) uint64 { return b })
}

// dot adds the products of four bytes each of a and b to d.
func dot(u bool, d, a, b uint64) uint64 {
	for i := range 4 {
		p, q := a>>(8*i)&0xff, b>>(8*i)&0xff
		d += widen(0, u, p) * widen(0, u, q)
	}
	return d
}

func simdDot(c *CPU, w uint32) {
	d, a, b := c.v[w&31], c.v[w>>5&31], c.v[w>>16&31]
	var r vreg
	for i := range simdLanes(w, 2) {
		r.set(2, i, dot(simdU(w), d.get(2, i), a.get(2, i), b.get(2, i)))
	}
	c.v[w&31] = r
}

func simdDotElement(c *CPU, w uint32) {
	d, a, b := c.v[w&31], c.v[w>>5&31], c.indexed(w, 2)
	var r vreg
	for i := range simdLanes(w, 2) {
		r.set(2, i, dot(simdU(w), d.get(2, i), a.get(2, i), b))
	}
	c.v[w&31] = r
}
