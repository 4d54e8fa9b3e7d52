package arm64

// get and set access lane i of elements of 8 << size bits.
func (v *vreg) get(size uint, i int) uint64 {
	switch size {
	case 0:
		return v[i>>3] >> (8 * (i & 7)) & 0xff
	case 1:
		return v[i>>2] >> (16 * (i & 3)) & 0xffff
	case 2:
		return v[i>>1] >> (32 * (i & 1)) & 0xffffffff
	}
	return v[i]
}

func (v *vreg) set(size uint, i int, x uint64) {
	switch size {
	case 0:
		s := 8 * (i & 7)
		v[i>>3] = v[i>>3]&^(0xff<<s) | x&0xff<<s
	case 1:
		s := 16 * (i & 3)
		v[i>>2] = v[i>>2]&^(0xffff<<s) | x&0xffff<<s
	case 2:
		s := 32 * (i & 1)
		v[i>>1] = v[i>>1]&^(0xffffffff<<s) | x&0xffffffff<<s
	default:
		v[i] = x
	}
}

// The lanes of an operation come zero-extended and its result is cut to the lane; sx makes a lane signed.
func sx(size uint, a uint64) int64 { return int64(signed(a, 8<<size)) }

// lanes1 and lanes2 compute one lane. u is the U bit: in most pairs of instructions, the unsigned one.
type (
	lanes1 func(c *CPU, size uint, u bool, a uint64) uint64
	lanes2 func(c *CPU, size uint, u bool, a, b uint64) uint64
	// lanes3 also sees the destination's lane.
	lanes3 func(c *CPU, size uint, u bool, d, a, b uint64) uint64
)

func simdSize(w uint32) uint { return uint(w >> 22 & 3) }

func simdU(w uint32) bool { return w>>29&1 != 0 }

// simdLanes is how many lanes of the size Q selects.
func simdLanes(w uint32, size uint) int { return 8 << (w >> 30 & 1) >> size }

// sizes accepts the element sizes in mask (bit n for 8 << n bits) for vectors, where 64-bit elements need Q.
func sizes(mask uint32) func(w uint32) bool {
	return func(w uint32) bool {
		size := w >> 22 & 3
		return mask>>size&1 != 0 && (size < 3 || w>>30&1 != 0)
	}
}

// scalarSizes is sizes for the scalar forms.
func scalarSizes(mask uint32) func(w uint32) bool {
	return func(w uint32) bool { return mask>>(w>>22&3)&1 != 0 }
}

// floatSizes accepts sz = bit 22: two double lanes need Q.
func floatSizes(w uint32) bool { return w>>22&1 == 0 || w>>30&1 != 0 }

// map2 applies f to each pair of lanes.
func map2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes(w, simdSize(w), simdLanes(w, simdSize(w)), f) }
}

// scalar2 applies f to lane 0.
func scalar2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes(w, simdSize(w), 1, f) }
}

// float2 and floatScalar2 are map2 and scalar2 for the size in bit 22.
func float2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := sameSize(w)
		c.mapLanes(w, size, simdLanes(w, size), f)
	}
}

func floatScalar2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes(w, sameSize(w), 1, f) }
}

func (c *CPU) mapLanes(w uint32, size uint, lanes int, f lanes2) {
	a, b, u := c.v[w>>5&31], c.v[w>>16&31], simdU(w)
	var r vreg
	for i := range lanes {
		r.set(size, i, f(c, size, u, a.get(size, i), b.get(size, i)))
	}
	c.v[w&31] = r
}

// map3 applies f to each triple of lanes, the destination's first.
func map3(f lanes3) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes3(w, simdSize(w), f) }
}

func float3(f lanes3) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes3(w, sameSize(w), f) }
}

func (c *CPU) mapLanes3(w uint32, size uint, f lanes3) {
	d, a, b, u := c.v[w&31], c.v[w>>5&31], c.v[w>>16&31], simdU(w)
	var r vreg
	for i := range simdLanes(w, size) {
		r.set(size, i, f(c, size, u, d.get(size, i), a.get(size, i), b.get(size, i)))
	}
	c.v[w&31] = r
}

// pairs2 applies f to adjacent lanes of the concatenation of the second operand and the first.
func pairs2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapPairs(w, simdSize(w), f) }
}

func floatPairs2(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapPairs(w, sameSize(w), f) }
}

func (c *CPU) mapPairs(w uint32, size uint, f lanes2) {
	a, b, u := c.v[w>>5&31], c.v[w>>16&31], simdU(w)
	var r vreg
	n := simdLanes(w, size)
	for i := range n / 2 {
		r.set(size, i, f(c, size, u, a.get(size, 2*i), a.get(size, 2*i+1)))
		r.set(size, n/2+i, f(c, size, u, b.get(size, 2*i), b.get(size, 2*i+1)))
	}
	c.v[w&31] = r
}

// map1, scalar1, float1 and floatScalar1 are the same for one operand; f also gets 0 for the second.
func map1(f lanes1) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes1(w, simdSize(w), simdLanes(w, simdSize(w)), f) }
}

func scalar1(f lanes1) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes1(w, simdSize(w), 1, f) }
}

func float1(f lanes1) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes1(w, miscSize(w), simdLanes(w, miscSize(w)), f) }
}

func floatScalar1(f lanes1) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.mapLanes1(w, miscSize(w), 1, f) }
}

func (c *CPU) mapLanes1(w uint32, size uint, lanes int, f lanes1) {
	a, u := c.v[w>>5&31], simdU(w)
	var r vreg
	for i := range lanes {
		r.set(size, i, f(c, size, u, a.get(size, i)))
	}
	c.v[w&31] = r
}

// ones is a lane's "true".
func ones(b bool) uint64 {
	if b {
		return ^uint64(0)
	}
	return 0
}

// saturate cuts v to a signed or unsigned lane and notes in FPSR.QC when that changed it.
func (c *CPU) saturate(size uint, unsigned bool, v int64) uint64 {
	low, high := int64(-1)<<(8<<size-1), int64(1)<<(8<<size-1)-1
	if unsigned {
		low, high = 0, int64(1)<<(8<<size)-1
	}
	if v < low || v > high {
		c.fp.qc = true
		v = min(max(v, low), high)
	}
	return uint64(v)
}

// most gives the largest or, if negative, the smallest 64-bit lane, and sets FPSR.QC.
func (c *CPU) most(unsigned, negative bool) uint64 {
	c.fp.qc = true
	switch {
	case unsigned && negative:
		return 0
	case unsigned:
		return ^uint64(0)
	case negative:
		return 1 << 63
	}
	return 1<<63 - 1
}

// addSaturated and subSaturated are SQADD, UQADD, SQSUB and UQSUB.
func addSaturated(c *CPU, size uint, u bool, a, b uint64) uint64 {
	switch {
	case size < 3 && u:
		return c.saturate(size, true, int64(a+b))
	case size < 3:
		return c.saturate(size, false, sx(size, a)+sx(size, b))
	case u && a+b < a:
		return c.most(true, false)
	case !u && int64((a^(a+b))&(b^(a+b))) < 0:
		return c.most(false, int64(a) < 0)
	}
	return a + b
}

func subSaturated(c *CPU, size uint, u bool, a, b uint64) uint64 {
	switch {
	case size < 3 && u:
		return c.saturate(size, true, int64(a-b))
	case size < 3:
		return c.saturate(size, false, sx(size, a)-sx(size, b))
	case u && a < b:
		return c.most(true, true)
	case !u && int64((a^b)&(a^(a-b))) < 0:
		return c.most(false, int64(a) < 0)
	}
	return a - b
}

// doubleHigh is SQDMULH and SQRDMULH: the high half of twice the product.
func doubleHigh(c *CPU, size uint, round bool, a, b uint64) uint64 {
	bits := uint(8) << size
	low := int64(-1) << (bits - 1)
	p, q := sx(size, a), sx(size, b)
	if p == low && q == low {
		c.fp.qc = true
		return uint64(-(low + 1))
	}
	product := 2 * p * q
	if round {
		product += 1 << (bits - 1)
	}
	return c.saturate(size, false, product>>bits)
}

// shiftLane shifts by n, to the left if positive; rounding applies to the right, saturation to the left.
func (c *CPU) shiftLane(size uint, unsigned, round, saturating bool, a uint64, n int) uint64 {
	if !unsigned {
		a = uint64(sx(size, a))
	}
	if n < 0 {
		return shiftLaneRight(unsigned, round, a, uint(-n))
	}
	if !saturating {
		return a << uint(n)
	}
	if a == 0 {
		return 0
	}
	if n >= 8<<size {
		return c.overflowed(size, unsigned, int64(a) < 0)
	}
	r := a << uint(n)
	if size < 3 {
		return c.saturate(size, unsigned, int64(r))
	}
	if unsigned && r>>uint(n) != a || !unsigned && int64(r)>>uint(n) != int64(a) {
		return c.most(unsigned, int64(a) < 0 && !unsigned)
	}
	return r
}

func (c *CPU) overflowed(size uint, unsigned, negative bool) uint64 {
	if size == 3 {
		return c.most(unsigned, negative && !unsigned)
	}
	if negative && !unsigned {
		return c.saturate(size, false, -1<<62)
	}
	return c.saturate(size, unsigned, 1<<62)
}

func shiftLaneRight(unsigned, round bool, a uint64, n uint) uint64 {
	r := a >> n
	if !unsigned {
		r = uint64(int64(a) >> n)
	}
	if round && n > 0 {
		last := a >> (n - 1)
		if !unsigned {
			last = uint64(int64(a) >> (n - 1))
		}
		r += last & 1
	}
	return r
}

// polynomial multiplies over GF(2).
func polynomial(a, b uint64) (r uint64) {
	for i := 0; b != 0; i++ {
		if b&1 != 0 {
			r ^= a << i
		}
		b >>= 1
	}
	return r
}
