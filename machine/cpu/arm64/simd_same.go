package arm64

import "forkscope/machine/cpu/softfloat"

// AdvSIMD three same, vector and scalar (C4.1.90).
var rowsSIMDSame = []row{
	{name: "SHADD/UHADD", pattern: "0qu01110 zz1mmmmm 000001nn nnnddddd", valid: sizes(7), simd: map2(halvingAdd)},
	{name: "SQADD/UQADD", pattern: "0qu01110 zz1mmmmm 000011nn nnnddddd", valid: sizes(15), simd: map2(addSaturated)},
	{name: "SQADD/UQADD (scalar)", pattern: "01u11110 zz1mmmmm 000011nn nnnddddd", simd: scalar2(addSaturated)},
	{name: "SRHADD/URHADD", pattern: "0qu01110 zz1mmmmm 000101nn nnnddddd", valid: sizes(7), simd: map2(roundingHalvingAdd)},
	{name: "AND (vector)", pattern: "0q001110 001mmmmm 000111nn nnnddddd", simd: bitwise(func(_, a, b uint64) uint64 { return a & b })},
	{name: "BIC (vector, register)", pattern: "0q001110 011mmmmm 000111nn nnnddddd", simd: bitwise(func(_, a, b uint64) uint64 { return a &^ b })},
	{name: "ORR (vector, register)", pattern: "0q001110 101mmmmm 000111nn nnnddddd", simd: bitwise(func(_, a, b uint64) uint64 { return a | b })},
	{name: "ORN (vector)", pattern: "0q001110 111mmmmm 000111nn nnnddddd", simd: bitwise(func(_, a, b uint64) uint64 { return a | ^b })},
	{name: "EOR (vector)", pattern: "0q101110 001mmmmm 000111nn nnnddddd", simd: bitwise(func(_, a, b uint64) uint64 { return a ^ b })},
	{name: "BSL", pattern: "0q101110 011mmmmm 000111nn nnnddddd", simd: bitwise(func(d, a, b uint64) uint64 { return b ^ (a^b)&d })},
	{name: "BIT", pattern: "0q101110 101mmmmm 000111nn nnnddddd", simd: bitwise(func(d, a, b uint64) uint64 { return d ^ (d^a)&b })},
	{name: "BIF", pattern: "0q101110 111mmmmm 000111nn nnnddddd", simd: bitwise(func(d, a, b uint64) uint64 { return d ^ (d^a)&^b })},
	{name: "SHSUB/UHSUB", pattern: "0qu01110 zz1mmmmm 001001nn nnnddddd", valid: sizes(7), simd: map2(halvingSub)},
	{name: "SQSUB/UQSUB", pattern: "0qu01110 zz1mmmmm 001011nn nnnddddd", valid: sizes(15), simd: map2(subSaturated)},
	{name: "SQSUB/UQSUB (scalar)", pattern: "01u11110 zz1mmmmm 001011nn nnnddddd", simd: scalar2(subSaturated)},
	{name: "CMGT/CMHI", pattern: "0qu01110 zz1mmmmm 001101nn nnnddddd", valid: sizes(15), simd: simdGreater},
	{name: "CMGT/CMHI (scalar)", pattern: "01u11110 111mmmmm 001101nn nnnddddd", simd: scalar2(laneGreater)},
	{name: "CMGE/CMHS", pattern: "0qu01110 zz1mmmmm 001111nn nnnddddd", valid: sizes(15), simd: simdNotLess},
	{name: "CMGE/CMHS (scalar)", pattern: "01u11110 111mmmmm 001111nn nnnddddd", simd: scalar2(laneGreaterEqual)},
	{name: "SSHL/USHL", pattern: "0qu01110 zz1mmmmm 010001nn nnnddddd", valid: sizes(15), simd: map2(shiftBy(false, false))},
	{name: "SSHL/USHL (scalar)", pattern: "01u11110 111mmmmm 010001nn nnnddddd", simd: scalar2(shiftBy(false, false))},
	{name: "SQSHL/UQSHL (register)", pattern: "0qu01110 zz1mmmmm 010011nn nnnddddd", valid: sizes(15), simd: map2(shiftBy(false, true))},
	{name: "SQSHL/UQSHL (register, scalar)", pattern: "01u11110 zz1mmmmm 010011nn nnnddddd", simd: scalar2(shiftBy(false, true))},
	{name: "SRSHL/URSHL", pattern: "0qu01110 zz1mmmmm 010101nn nnnddddd", valid: sizes(15), simd: map2(shiftBy(true, false))},
	{name: "SRSHL/URSHL (scalar)", pattern: "01u11110 111mmmmm 010101nn nnnddddd", simd: scalar2(shiftBy(true, false))},
	{name: "SQRSHL/UQRSHL", pattern: "0qu01110 zz1mmmmm 010111nn nnnddddd", valid: sizes(15), simd: map2(shiftBy(true, true))},
	{name: "SQRSHL/UQRSHL (scalar)", pattern: "01u11110 zz1mmmmm 010111nn nnnddddd", simd: scalar2(shiftBy(true, true))},
	{name: "SMAX/UMAX", pattern: "0qu01110 zz1mmmmm 011001nn nnnddddd", valid: sizes(7), simd: simdMaximum},
	{name: "SMIN/UMIN", pattern: "0qu01110 zz1mmmmm 011011nn nnnddddd", valid: sizes(7), simd: simdMinimum},
	{name: "SABD/UABD", pattern: "0qu01110 zz1mmmmm 011101nn nnnddddd", valid: sizes(7), simd: map2(laneDistance)},
	{name: "SABA/UABA", pattern: "0qu01110 zz1mmmmm 011111nn nnnddddd", valid: sizes(7), simd: map3(func(c *CPU, size uint, u bool, d, a, b uint64) uint64 {
		return d + laneDistance(c, size, u, a, b)
	})},
	{name: "ADD/SUB (vector)", pattern: "0qu01110 zz1mmmmm 100001nn nnnddddd", valid: sizes(15), simd: simdAddSub},
	{name: "ADD/SUB (scalar)", pattern: "01u11110 111mmmmm 100001nn nnnddddd", simd: scalar2(laneAddSub)},
	{name: "CMTST/CMEQ (register)", pattern: "0qu01110 zz1mmmmm 100011nn nnnddddd", valid: sizes(15), simd: simdTestEqual},
	{name: "CMTST/CMEQ (register, scalar)", pattern: "01u11110 111mmmmm 100011nn nnnddddd", simd: scalar2(laneTest)},
	{name: "MLA/MLS (vector)", pattern: "0qu01110 zz1mmmmm 100101nn nnnddddd", valid: sizes(7), simd: map3(laneMultiplyAdd)},
	{name: "MUL (vector)", pattern: "0q001110 zz1mmmmm 100111nn nnnddddd", valid: sizes(7), simd: map2(func(_ *CPU, _ uint, _ bool, a, b uint64) uint64 { return a * b })},
	{name: "PMUL", pattern: "0q101110 001mmmmm 100111nn nnnddddd", simd: map2(func(_ *CPU, _ uint, _ bool, a, b uint64) uint64 { return polynomial(a, b) })},
	{name: "SMAXP/UMAXP", pattern: "0qu01110 zz1mmmmm 101001nn nnnddddd", valid: sizes(7), simd: simdMaxPairs},
	{name: "SMINP/UMINP", pattern: "0qu01110 zz1mmmmm 101011nn nnnddddd", valid: sizes(7), simd: simdMinPairs},
	{name: "SQDMULH/SQRDMULH", pattern: "0qu01110 zz1mmmmm 101101nn nnnddddd", valid: sizes(6), simd: map2(doubleHigh)},
	{name: "SQDMULH/SQRDMULH (scalar)", pattern: "01u11110 zz1mmmmm 101101nn nnnddddd", valid: scalarSizes(6), simd: scalar2(doubleHigh)},
	{name: "ADDP (vector)", pattern: "0q001110 zz1mmmmm 101111nn nnnddddd", valid: sizes(15), simd: simdAddPairs},

	{name: "FMAXNM (vector)", pattern: "0q001110 0z1mmmmm 110001nn nnnddddd", valid: floatSizes, simd: float2(lane(fpMaxNum))},
	{name: "FMAXNMP", pattern: "0q101110 0z1mmmmm 110001nn nnnddddd", valid: floatSizes, simd: floatPairs2(lane(fpMaxNum))},
	{name: "FMINNM (vector)", pattern: "0q001110 1z1mmmmm 110001nn nnnddddd", valid: floatSizes, simd: float2(lane(fpMinNum))},
	{name: "FMINNMP", pattern: "0q101110 1z1mmmmm 110001nn nnnddddd", valid: floatSizes, simd: floatPairs2(lane(fpMinNum))},
	{name: "FMLA (vector)", pattern: "0q001110 0z1mmmmm 110011nn nnnddddd", valid: floatSizes, simd: float3(fpMultiplyAdd)},
	{name: "FMLS (vector)", pattern: "0q001110 1z1mmmmm 110011nn nnnddddd", valid: floatSizes, simd: float3(fpMultiplySub)},
	{name: "FADD (vector)", pattern: "0q001110 0z1mmmmm 110101nn nnnddddd", valid: floatSizes, simd: float2(lane(fpAdd))},
	{name: "FADDP (vector)", pattern: "0q101110 0z1mmmmm 110101nn nnnddddd", valid: floatSizes, simd: floatPairs2(lane(fpAdd))},
	{name: "FSUB (vector)", pattern: "0q001110 1z1mmmmm 110101nn nnnddddd", valid: floatSizes, simd: float2(lane(fpSub))},
	{name: "FABD", pattern: "0q101110 1z1mmmmm 110101nn nnnddddd", valid: floatSizes, simd: float2(fpDistance)},
	{name: "FABD (scalar)", pattern: "01111110 1z1mmmmm 110101nn nnnddddd", simd: floatScalar2(fpDistance)},
	{name: "FMULX", pattern: "0q001110 0z1mmmmm 110111nn nnnddddd", valid: floatSizes, simd: float2(fpMulX)},
	{name: "FMULX (scalar)", pattern: "01011110 0z1mmmmm 110111nn nnnddddd", simd: floatScalar2(fpMulX)},
	{name: "FMUL (vector)", pattern: "0q101110 0z1mmmmm 110111nn nnnddddd", valid: floatSizes, simd: float2(lane(fpMul))},
	{name: "FCMEQ (register)", pattern: "0q001110 0z1mmmmm 111001nn nnnddddd", valid: floatSizes, simd: float2(fpCompareEqual)},
	{name: "FCMEQ (register, scalar)", pattern: "01011110 0z1mmmmm 111001nn nnnddddd", simd: floatScalar2(fpCompareEqual)},
	{name: "FCMGE (register)", pattern: "0q101110 0z1mmmmm 111001nn nnnddddd", valid: floatSizes, simd: float2(fpCompareGreaterEqual)},
	{name: "FCMGE (register, scalar)", pattern: "01111110 0z1mmmmm 111001nn nnnddddd", simd: floatScalar2(fpCompareGreaterEqual)},
	{name: "FCMGT (register)", pattern: "0q101110 1z1mmmmm 111001nn nnnddddd", valid: floatSizes, simd: float2(fpCompareGreater)},
	{name: "FCMGT (register, scalar)", pattern: "01111110 1z1mmmmm 111001nn nnnddddd", simd: floatScalar2(fpCompareGreater)},
	{name: "FACGE", pattern: "0q101110 0z1mmmmm 111011nn nnnddddd", valid: floatSizes, simd: float2(absolute(fpCompareGreaterEqual))},
	{name: "FACGE (scalar)", pattern: "01111110 0z1mmmmm 111011nn nnnddddd", simd: floatScalar2(absolute(fpCompareGreaterEqual))},
	{name: "FACGT", pattern: "0q101110 1z1mmmmm 111011nn nnnddddd", valid: floatSizes, simd: float2(absolute(fpCompareGreater))},
	{name: "FACGT (scalar)", pattern: "01111110 1z1mmmmm 111011nn nnnddddd", simd: floatScalar2(absolute(fpCompareGreater))},
	{name: "FMAX (vector)", pattern: "0q001110 0z1mmmmm 111101nn nnnddddd", valid: floatSizes, simd: float2(lane(fpMax))},
	{name: "FMAXP", pattern: "0q101110 0z1mmmmm 111101nn nnnddddd", valid: floatSizes, simd: floatPairs2(lane(fpMax))},
	{name: "FMIN (vector)", pattern: "0q001110 1z1mmmmm 111101nn nnnddddd", valid: floatSizes, simd: float2(lane(fpMin))},
	{name: "FMINP", pattern: "0q101110 1z1mmmmm 111101nn nnnddddd", valid: floatSizes, simd: floatPairs2(lane(fpMin))},
	{name: "FRECPS", pattern: "0q001110 0z1mmmmm 111111nn nnnddddd", valid: floatSizes, simd: float2(fpRecipStep)},
	{name: "FRECPS (scalar)", pattern: "01011110 0z1mmmmm 111111nn nnnddddd", simd: floatScalar2(fpRecipStep)},
	{name: "FRSQRTS", pattern: "0q001110 1z1mmmmm 111111nn nnnddddd", valid: floatSizes, simd: float2(fpRsqrtStep)},
	{name: "FRSQRTS (scalar)", pattern: "01011110 1z1mmmmm 111111nn nnnddddd", simd: floatScalar2(fpRsqrtStep)},
	{name: "FDIV (vector)", pattern: "0q101110 0z1mmmmm 111111nn nnnddddd", valid: floatSizes, simd: float2(lane(fpDiv))},
}

// lane makes a lane function of a scalar operation.
func lane(f func(c *CPU, size uint, a, b uint64) uint64) lanes2 {
	return func(c *CPU, size uint, _ bool, a, b uint64) uint64 { return f(c, size, a, b) }
}

func bitwise(f func(d, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		d, a, b := &c.v[w&31], &c.v[w>>5&31], &c.v[w>>16&31]
		d[0] = f(d[0], a[0], b[0])
		if w>>30&1 != 0 {
			d[1] = f(d[1], a[1], b[1])
		} else {
			d[1] = 0
		}
	}
}

// wide2 widens both lanes by their signedness; elements are at most 32 bits.
func wide2(size uint, u bool, a, b uint64) (int64, int64) {
	if u {
		return int64(a), int64(b)
	}
	return sx(size, a), sx(size, b)
}

func halvingAdd(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	p, q := wide2(size, u, a, b)
	return uint64((p + q) >> 1)
}

func roundingHalvingAdd(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	p, q := wide2(size, u, a, b)
	return uint64((p + q + 1) >> 1)
}

func halvingSub(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	p, q := wide2(size, u, a, b)
	return uint64((p - q) >> 1)
}

func greater(size uint, u bool, a, b uint64) bool {
	if u {
		return a > b
	}
	return sx(size, a) > sx(size, b)
}

func laneGreater(_ *CPU, size uint, u bool, a, b uint64) uint64 { return ones(greater(size, u, a, b)) }

func laneGreaterEqual(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	return ones(!greater(size, u, b, a))
}

func laneMax(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	if greater(size, u, a, b) {
		return a
	}
	return b
}

func laneMin(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	if greater(size, u, a, b) {
		return b
	}
	return a
}

func laneDistance(_ *CPU, size uint, u bool, a, b uint64) uint64 {
	p, q := wide2(size, u, a, b)
	if p > q {
		return uint64(p - q)
	}
	return uint64(q - p)
}

func laneAddSub(_ *CPU, _ uint, u bool, a, b uint64) uint64 {
	if u {
		return a - b
	}
	return a + b
}

func laneTest(_ *CPU, _ uint, u bool, a, b uint64) uint64 {
	if u {
		return ones(a == b)
	}
	return ones(a&b != 0)
}

func laneMultiplyAdd(_ *CPU, _ uint, u bool, d, a, b uint64) uint64 {
	if u {
		return d - a*b
	}
	return d + a*b
}

// shiftBy shifts by the signed low byte of the second operand.
func shiftBy(round, saturating bool) lanes2 {
	return func(c *CPU, size uint, u bool, a, b uint64) uint64 {
		return c.shiftLane(size, u, round, saturating, a, int(int8(b)))
	}
}

func fpMultiplyAdd(c *CPU, size uint, _ bool, d, a, b uint64) uint64 {
	return c.fp.mulAdd(size, d, a, b)
}

func fpMultiplySub(c *CPU, size uint, _ bool, d, a, b uint64) uint64 {
	return c.fp.mulAdd(size, d, neg(size, a), b)
}

func fpDistance(c *CPU, size uint, _ bool, a, b uint64) uint64 {
	return abs(size, c.fp.sub(size, a, b))
}

func fpMulX(c *CPU, size uint, _ bool, a, b uint64) uint64 { return c.fp.mulX(size, a, b) }

func fpRecipStep(c *CPU, size uint, _ bool, a, b uint64) uint64 { return c.fp.recipStep(size, a, b) }

func fpRsqrtStep(c *CPU, size uint, _ bool, a, b uint64) uint64 { return c.fp.rsqrtStep(size, a, b) }

func fpCompareEqual(c *CPU, size uint, _ bool, a, b uint64) uint64 {
	return ones(c.fp.compare(size, a, b, false) == softfloat.Equal)
}

func fpCompareGreaterEqual(c *CPU, size uint, _ bool, a, b uint64) uint64 {
	o := c.fp.compare(size, a, b, true)
	return ones(o == softfloat.Greater || o == softfloat.Equal)
}

func fpCompareGreater(c *CPU, size uint, _ bool, a, b uint64) uint64 {
	return ones(c.fp.compare(size, a, b, true) == softfloat.Greater)
}

func absolute(f lanes2) lanes2 {
	return func(c *CPU, size uint, u bool, a, b uint64) uint64 { return f(c, size, u, abs(size, a), abs(size, b)) }
}
