package arm64

import (
	"math/bits"

	"forkscope/machine/cpu/softfloat"
)

// AdvSIMD two-register miscellaneous, across lanes, and scalar pairwise (C4.1.90).
var rowsSIMDMisc = []row{
	{name: "REV64", pattern: "0q001110 zz100000 000010nn nnnddddd", valid: sizes(7), simd: reverse(3)},
	{name: "REV32 (vector)", pattern: "0q101110 zz100000 000010nn nnnddddd", valid: sizes(3), simd: reverse(2)},
	{name: "REV16 (vector)", pattern: "0q001110 00100000 000110nn nnnddddd", simd: reverse(1)},
	{name: "SADDLP/UADDLP", pattern: "0qu01110 zz100000 001010nn nnnddddd", valid: sizes(7), simd: addLongPairs(false)},
	{name: "SADALP/UADALP", pattern: "0qu01110 zz100000 011010nn nnnddddd", valid: sizes(7), simd: addLongPairs(true)},
	{name: "SUQADD/USQADD", pattern: "0qu01110 zz100000 001110nn nnnddddd", valid: sizes(15), simd: accumulate1},
	{name: "SUQADD/USQADD (scalar)", pattern: "01u11110 zz100000 001110nn nnnddddd", simd: accumulateScalar},
	{name: "CLS/CLZ (vector)", pattern: "0qu01110 zz100000 010010nn nnnddddd", valid: sizes(7), simd: map1(laneCountLeading)},
	{name: "CNT", pattern: "0q001110 00100000 010110nn nnnddddd", simd: simdCountBytes},
	{name: "NOT", pattern: "0q101110 00100000 010110nn nnnddddd", simd: simdNot},
	{name: "RBIT (vector)", pattern: "0q101110 01100000 010110nn nnnddddd", simd: simdRBIT},
	{name: "SQABS/SQNEG", pattern: "0qu01110 zz100000 011110nn nnnddddd", valid: sizes(15), simd: map1(absNegSaturated)},
	{name: "SQABS/SQNEG (scalar)", pattern: "01u11110 zz100000 011110nn nnnddddd", simd: scalar1(absNegSaturated)},
	{name: "CMGT/CMGE (zero)", pattern: "0qu01110 zz100000 100010nn nnnddddd", valid: sizes(15), simd: map1(zeroGreater)},
	{name: "CMGT/CMGE (zero, scalar)", pattern: "01u11110 11100000 100010nn nnnddddd", simd: scalar1(zeroGreater)},
	{name: "CMEQ/CMLE (zero)", pattern: "0qu01110 zz100000 100110nn nnnddddd", valid: sizes(15), simd: simdEqualZero},
	{name: "CMEQ/CMLE (zero, scalar)", pattern: "01u11110 11100000 100110nn nnnddddd", simd: scalar1(zeroEqual)},
	{name: "CMLT (zero)", pattern: "0q001110 zz100000 101010nn nnnddddd", valid: sizes(15), simd: map1(zeroLess)},
	{name: "CMLT (zero, scalar)", pattern: "01011110 11100000 101010nn nnnddddd", simd: scalar1(zeroLess)},
	{name: "ABS/NEG (vector)", pattern: "0qu01110 zz100000 101110nn nnnddddd", valid: sizes(15), simd: map1(absNeg)},
	{name: "ABS/NEG (scalar)", pattern: "01u11110 11100000 101110nn nnnddddd", simd: scalar1(absNeg)},
	{name: "XTN", pattern: "0q001110 zz100001 001010nn nnnddddd", valid: scalarSizes(7), simd: narrow1(func(_ *CPU, _ uint, a uint64) uint64 { return a })},
	{name: "SQXTUN", pattern: "0q101110 zz100001 001010nn nnnddddd", valid: scalarSizes(7), simd: narrow1(narrowSignedUnsigned)},
	{name: "SQXTUN (scalar)", pattern: "01111110 zz100001 001010nn nnnddddd", valid: scalarSizes(7), simd: narrowScalar(narrowSignedUnsigned)},
	{name: "SHLL", pattern: "0q101110 zz100001 001110nn nnnddddd", valid: scalarSizes(7), simd: simdSHLL},
	{name: "SQXTN", pattern: "0q001110 zz100001 010010nn nnnddddd", valid: scalarSizes(7), simd: narrow1(narrowSigned)},
	{name: "SQXTN (scalar)", pattern: "01011110 zz100001 010010nn nnnddddd", valid: scalarSizes(7), simd: narrowScalar(narrowSigned)},
	{name: "UQXTN", pattern: "0q101110 zz100001 010010nn nnnddddd", valid: scalarSizes(7), simd: narrow1(narrowUnsigned)},
	{name: "UQXTN (scalar)", pattern: "01111110 zz100001 010010nn nnnddddd", valid: scalarSizes(7), simd: narrowScalar(narrowUnsigned)},

	{name: "FCVTN", pattern: "0q001110 0z100001 011010nn nnnddddd", simd: simdFCVTN},
	{name: "FCVTXN", pattern: "0q101110 01100001 011010nn nnnddddd", simd: simdFCVTXN},
	{name: "FCVTXN (scalar)", pattern: "01111110 01100001 011010nn nnnddddd", simd: simdFCVTXNScalar},
	{name: "FCVTL", pattern: "0q001110 0z100001 011110nn nnnddddd", simd: simdFCVTL},
	{name: "FRINTN/FRINTA (vector)", pattern: "0qu01110 0z100001 100010nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, u bool, a uint64) uint64 {
		if u {
			return c.fp.with(softfloat.NearestAway, func() uint64 { return c.fp.roundInt(size, a, true) })
		}
		return c.fp.with(softfloat.NearestEven, func() uint64 { return c.fp.roundInt(size, a, true) })
	})},
	{name: "FRINTM/FRINTX (vector)", pattern: "0qu01110 0z100001 100110nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, u bool, a uint64) uint64 {
		if u {
			return c.fp.roundInt(size, a, false)
		}
		return c.fp.with(softfloat.Down, func() uint64 { return c.fp.roundInt(size, a, true) })
	})},
	{name: "FRINTP (vector)", pattern: "0q001110 1z100001 100010nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, _ bool, a uint64) uint64 {
		return c.fp.with(softfloat.Up, func() uint64 { return c.fp.roundInt(size, a, true) })
	})},
	{name: "FRINTZ/FRINTI (vector)", pattern: "0qu01110 1z100001 100110nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, u bool, a uint64) uint64 {
		if u {
			return c.fp.roundInt(size, a, true)
		}
		return c.fp.with(softfloat.TowardZero, func() uint64 { return c.fp.roundInt(size, a, true) })
	})},
	{name: "FCVTNS/FCVTNU (vector)", pattern: "0qu01110 0z100001 101010nn nnnddddd", valid: floatSizes, simd: float1(toInteger(softfloat.NearestEven))},
	{name: "FCVTNS/FCVTNU (scalar)", pattern: "01u11110 0z100001 101010nn nnnddddd", simd: floatScalar1(toInteger(softfloat.NearestEven))},
	{name: "FCVTMS/FCVTMU (vector)", pattern: "0qu01110 0z100001 101110nn nnnddddd", valid: floatSizes, simd: float1(toInteger(softfloat.Down))},
	{name: "FCVTMS/FCVTMU (scalar)", pattern: "01u11110 0z100001 101110nn nnnddddd", simd: floatScalar1(toInteger(softfloat.Down))},
	{name: "FCVTAS/FCVTAU (vector)", pattern: "0qu01110 0z100001 110010nn nnnddddd", valid: floatSizes, simd: float1(toInteger(softfloat.NearestAway))},
	{name: "FCVTAS/FCVTAU (scalar)", pattern: "01u11110 0z100001 110010nn nnnddddd", simd: floatScalar1(toInteger(softfloat.NearestAway))},
	{name: "FCVTPS/FCVTPU (vector)", pattern: "0qu01110 1z100001 101010nn nnnddddd", valid: floatSizes, simd: float1(toInteger(softfloat.Up))},
	{name: "FCVTPS/FCVTPU (scalar)", pattern: "01u11110 1z100001 101010nn nnnddddd", simd: floatScalar1(toInteger(softfloat.Up))},
	{name: "FCVTZS/FCVTZU (vector)", pattern: "0qu01110 1z100001 101110nn nnnddddd", valid: floatSizes, simd: float1(toInteger(softfloat.TowardZero))},
	{name: "FCVTZS/FCVTZU (scalar)", pattern: "01u11110 1z100001 101110nn nnnddddd", simd: floatScalar1(toInteger(softfloat.TowardZero))},
	{name: "SCVTF/UCVTF (vector)", pattern: "0qu01110 0z100001 110110nn nnnddddd", valid: floatSizes, simd: float1(fromInteger)},
	{name: "SCVTF/UCVTF (scalar)", pattern: "01u11110 0z100001 110110nn nnnddddd", simd: floatScalar1(fromInteger)},
	{name: "FCMGT/FCMGE (zero)", pattern: "0qu01110 1z100000 110010nn nnnddddd", valid: floatSizes, simd: float1(floatZeroGreater)},
	{name: "FCMGT/FCMGE (zero, scalar)", pattern: "01u11110 1z100000 110010nn nnnddddd", simd: floatScalar1(floatZeroGreater)},
	{name: "FCMEQ/FCMLE (zero)", pattern: "0qu01110 1z100000 110110nn nnnddddd", valid: floatSizes, simd: float1(floatZeroEqual)},
	{name: "FCMEQ/FCMLE (zero, scalar)", pattern: "01u11110 1z100000 110110nn nnnddddd", simd: floatScalar1(floatZeroEqual)},
	{name: "FCMLT (zero)", pattern: "0q001110 1z100000 111010nn nnnddddd", valid: floatSizes, simd: float1(floatZeroLess)},
	{name: "FCMLT (zero, scalar)", pattern: "01011110 1z100000 111010nn nnnddddd", simd: floatScalar1(floatZeroLess)},
	{name: "FABS/FNEG (vector)", pattern: "0qu01110 1z100000 111110nn nnnddddd", valid: floatSizes, simd: float1(func(_ *CPU, size uint, u bool, a uint64) uint64 {
		if u {
			return neg(size, a)
		}
		return abs(size, a)
	})},
	{name: "URECPE", pattern: "0q001110 10100001 110010nn nnnddddd", simd: map1(func(_ *CPU, _ uint, _ bool, a uint64) uint64 { return recipInteger(a) })},
	{name: "URSQRTE", pattern: "0q101110 10100001 110010nn nnnddddd", simd: map1(func(_ *CPU, _ uint, _ bool, a uint64) uint64 { return rsqrtInteger(a) })},
	{name: "FRECPE", pattern: "0q001110 1z100001 110110nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.recip(size, a) })},
	{name: "FRECPE (scalar)", pattern: "01011110 1z100001 110110nn nnnddddd", simd: floatScalar1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.recip(size, a) })},
	{name: "FRSQRTE", pattern: "0q101110 1z100001 110110nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.rsqrt(size, a) })},
	{name: "FRSQRTE (scalar)", pattern: "01111110 1z100001 110110nn nnnddddd", simd: floatScalar1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.rsqrt(size, a) })},
	{name: "FRECPX", pattern: "01011110 1z100001 111110nn nnnddddd", simd: floatScalar1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.recipExponent(size, a) })},
	{name: "FSQRT (vector)", pattern: "0q101110 1z100001 111110nn nnnddddd", valid: floatSizes, simd: float1(func(c *CPU, size uint, _ bool, a uint64) uint64 { return c.fp.sqrt(size, a) })},

	{name: "SADDLV/UADDLV", pattern: "0qu01110 zz110000 001110nn nnnddddd", valid: validAcross, simd: simdAddLongAcross},
	{name: "SMAXV/UMAXV", pattern: "0qu01110 zz110000 101010nn nnnddddd", valid: validAcross, simd: across(laneMax)},
	{name: "SMINV/UMINV", pattern: "0qu01110 zz110001 101010nn nnnddddd", valid: validAcross, simd: across(laneMin)},
	{name: "ADDV", pattern: "0q001110 zz110001 101110nn nnnddddd", valid: validAcross, simd: across(func(_ *CPU, _ uint, _ bool, a, b uint64) uint64 { return a + b })},
	{name: "FMAXNMV/FMINNMV", pattern: "01101110 m0110000 110010nn nnnddddd", simd: acrossFloat(fpMaxNum, fpMinNum)},
	{name: "FMAXV/FMINV", pattern: "01101110 m0110000 111110nn nnnddddd", simd: acrossFloat(fpMax, fpMin)},

	{name: "ADDP (scalar)", pattern: "01011110 11110001 101110nn nnnddddd", simd: func(c *CPU, w uint32) { a := c.v[w>>5&31]; c.setFP(w, a[0]+a[1]) }},
	{name: "FMAXNMP/FMINNMP (scalar)", pattern: "01111110 mz110000 110010nn nnnddddd", simd: pairScalar(fpMaxNum, fpMinNum)},
	{name: "FADDP (scalar)", pattern: "01111110 0z110000 110110nn nnnddddd", simd: pairScalar(fpAdd, fpAdd)},
	{name: "FMAXP/FMINP (scalar)", pattern: "01111110 mz110000 111110nn nnnddddd", simd: pairScalar(fpMax, fpMin)},
}

// reverse reverses the elements within each container of 8 << container bits.
func reverse(container uint) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a := c.v[w>>5&31]
		r := vreg{reverseWord(container, size, a[0]), 0}
		if w>>30&1 != 0 {
			r[1] = reverseWord(container, size, a[1])
		}
		c.v[w&31] = r
	}
}

func addLongPairs(accumulate bool) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size, u := simdSize(w), simdU(w)
		a, d := c.v[w>>5&31], c.v[w&31]
		var r vreg
		for i := range simdLanes(w, size) / 2 {
			p, q := wide2(size, u, a.get(size, 2*i), a.get(size, 2*i+1))
			sum := uint64(p + q)
			if accumulate {
				sum += d.get(size+1, i)
			}
			r.set(size+1, i, sum)
		}
		c.v[w&31] = r
	}
}

// accumulate1 adds an unsigned operand to a signed destination (SUQADD), or the reverse (USQADD), with saturation.
func accumulate1(c *CPU, w uint32) { c.accumulate(w, simdLanes(w, simdSize(w))) }

func accumulateScalar(c *CPU, w uint32) { c.accumulate(w, 1) }

func (c *CPU) accumulate(w uint32, lanes int) {
	size, u := simdSize(w), simdU(w)
	a, d := c.v[w>>5&31], c.v[w&31]
	var r vreg
	for i := range lanes {
		p, q := a.get(size, i), d.get(size, i)
		var v uint64
		switch {
		case size < 3 && u:
			v = c.saturate(size, true, int64(q)+sx(size, p))
		case size < 3:
			v = c.saturate(size, false, sx(size, q)+int64(p))
		case u: // unsigned q plus signed p
			v = q + p
			if int64(p) >= 0 && v < q {
				v = c.most(true, false)
			} else if int64(p) < 0 && v > q {
				v = c.most(true, true)
			}
		default: // signed q plus unsigned p
			v = q + p
			if int64(v) < int64(q) || int64(p) < 0 && int64(q) >= 0 {
				v = c.most(false, false)
			}
		}
		r.set(size, i, v)
	}
	c.v[w&31] = r
}

func laneCountLeading(_ *CPU, size uint, u bool, a uint64) uint64 {
	width := 8 << size
	if !u { // sign bits after the first
		a = (a ^ a<<1) &^ 1
		a &= 1<<width - 1
		return uint64(min(bits.LeadingZeros64(a)-(64-width), width-1))
	}
	return uint64(bits.LeadingZeros64(a) - (64 - width))
}

func simdRBIT(c *CPU, w uint32) {
	a := c.v[w>>5&31]
	r := vreg{bits.ReverseBytes64(bits.Reverse64(a[0])), 0}
	if w>>30&1 != 0 {
		r[1] = bits.ReverseBytes64(bits.Reverse64(a[1]))
	}
	c.v[w&31] = r
}

func absNegSaturated(c *CPU, size uint, u bool, a uint64) uint64 {
	v := sx(size, a)
	if !u && v >= 0 {
		return a
	}
	if v == -1<<(8<<size-1) {
		c.fp.qc = true
		return uint64(^v)
	}
	return uint64(-v)
}

func absNeg(_ *CPU, size uint, u bool, a uint64) uint64 {
	if u || sx(size, a) < 0 {
		return -a
	}
	return a
}

func zeroGreater(_ *CPU, size uint, u bool, a uint64) uint64 {
	v := sx(size, a)
	return ones(v > 0 || u && v == 0)
}

func zeroEqual(_ *CPU, size uint, u bool, a uint64) uint64 {
	v := sx(size, a)
	return ones(v == 0 || u && v < 0)
}

func zeroLess(_ *CPU, size uint, _ bool, a uint64) uint64 { return ones(sx(size, a) < 0) }

// narrow1 makes lanes of half the width of f's results, in the lower half of the destination, or in the upper (Q).
func narrow1(f func(c *CPU, size uint, a uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a := c.v[w>>5&31]
		var r vreg
		for i := range 8 >> size {
			r.set(size, i, f(c, size, a.get(size+1, i)))
		}
		c.setHalf(w, r[0])
	}
}

// setHalf writes 64 bits: the low half, clearing the high one, or with Q the high half alone.
func (c *CPU) setHalf(w uint32, v uint64) {
	if w>>30&1 != 0 {
		c.v[w&31][1] = v
	} else {
		c.v[w&31] = vreg{v, 0}
	}
}

func narrowScalar(f func(c *CPU, size uint, a uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		var r vreg
		r.set(size, 0, f(c, size, c.v[w>>5&31].get(size+1, 0)))
		c.v[w&31] = r
	}
}

func narrowSigned(c *CPU, size uint, a uint64) uint64 { return c.saturate(size, false, sx(size+1, a)) }

func narrowSignedUnsigned(c *CPU, size uint, a uint64) uint64 {
	return c.saturate(size, true, sx(size+1, a))
}

func narrowUnsigned(c *CPU, size uint, a uint64) uint64 {
	if a>>(8<<size) != 0 {
		c.fp.qc = true
		return ^uint64(0)
	}
	return a
}

// half gives the 64 bits that a widening instruction reads: the low half, or with Q the high one.
func (c *CPU) half(w uint32, r uint32) vreg { return vreg{c.v[r&31][w>>30&1], 0} }

func simdSHLL(c *CPU, w uint32) {
	size := simdSize(w)
	a := c.half(w, w>>5)
	var r vreg
	for i := range 8 >> size {
		r.set(size+1, i, a.get(size, i)<<(8<<size))
	}
	c.v[w&31] = r
}

func simdFCVTN(c *CPU, w uint32) {
	size := 1 + uint(w>>22&1)
	a := c.v[w>>5&31]
	var r vreg
	for i := range 8 >> size {
		r.set(size, i, c.fp.convert(size, size+1, a.get(size+1, i)))
	}
	c.setHalf(w, r[0])
}

func (c *CPU) toOdd(v uint64) uint64 {
	return c.fp.with(softfloat.ToOdd, func() uint64 { return c.fp.convert(2, 3, v) })
}

func simdFCVTXN(c *CPU, w uint32) {
	a := c.v[w>>5&31]
	lo := c.toOdd(a[0])
	c.setHalf(w, lo|c.toOdd(a[1])<<32)
}

func simdFCVTXNScalar(c *CPU, w uint32) { c.setFP(w, c.toOdd(c.v[w>>5&31][0])) }

func simdFCVTL(c *CPU, w uint32) {
	size := 1 + uint(w>>22&1)
	a := c.half(w, w>>5)
	var r vreg
	for i := range 8 >> size {
		r.set(size+1, i, c.fp.convert(size+1, size, a.get(size, i)))
	}
	c.v[w&31] = r
}

func toInteger(direction softfloat.Rounding) lanes1 {
	return func(c *CPU, size uint, u bool, a uint64) uint64 {
		return c.fp.with(direction, func() uint64 { return c.fp.toFixed(size, a, 8<<size, !u, 0) })
	}
}

func fromInteger(c *CPU, size uint, u bool, a uint64) uint64 {
	if !u {
		a = signed(a, 8<<size)
	}
	return c.fp.fromFixed(size, a, !u, 0)
}

func floatZeroGreater(c *CPU, size uint, u bool, a uint64) uint64 {
	if u {
		return fpCompareGreaterEqual(c, size, u, a, 0)
	}
	return fpCompareGreater(c, size, u, a, 0)
}

func floatZeroEqual(c *CPU, size uint, u bool, a uint64) uint64 {
	if u {
		return fpCompareGreaterEqual(c, size, u, 0, a)
	}
	return fpCompareEqual(c, size, u, a, 0)
}

func floatZeroLess(c *CPU, size uint, u bool, a uint64) uint64 {
	return fpCompareGreater(c, size, u, 0, a)
}

// validAcross: 64-bit elements do not exist, and two 32-bit ones are not enough.
func validAcross(w uint32) bool {
	size := w >> 22 & 3
	return size < 2 || size == 2 && w>>30&1 != 0
}

func across(f lanes2) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := simdSize(w)
		a := &c.v[w>>5&31]
		v := a.get(size, 0)
		for i := 1; i < simdLanes(w, size); i++ {
			v = f(c, size, simdU(w), v, a.get(size, i))
		}
		var r vreg
		r.set(size, 0, v)
		c.v[w&31] = r
	}
}

func simdAddLongAcross(c *CPU, w uint32) {
	size := simdSize(w)
	a := &c.v[w>>5&31]
	var sum uint64
	for i := range simdLanes(w, size) {
		v := a.get(size, i)
		if !simdU(w) {
			v = uint64(sx(size, v))
		}
		sum += v
	}
	var r vreg
	r.set(size+1, 0, sum)
	c.v[w&31] = r
}

// acrossFloat reduces the lanes by halves, as the hardware does: the order shows in NaNs.
func acrossFloat(maximum, minimum func(c *CPU, size uint, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		f := maximum
		if w>>23&1 != 0 {
			f = minimum
		}
		a := &c.v[w>>5&31]
		size := uint(2)
		if !simdU(w) {
			size = 1
		}
		var reduce func(first, n int) uint64
		reduce = func(first, n int) uint64 {
			if n == 1 {
				return a.get(size, first)
			}
			low := reduce(first, n/2)
			return f(c, size, low, reduce(first+n/2, n/2))
		}
		c.setFP(w, reduce(0, simdLanes(w, size)))
	}
}

func pairScalar(f, other func(c *CPU, size uint, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		g := f
		if w>>23&1 != 0 {
			g = other
		}
		size := acrossSize(w)
		a := &c.v[w>>5&31]
		c.setFP(w, g(c, size, a.get(size, 0), a.get(size, 1)))
	}
}
