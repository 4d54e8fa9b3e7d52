package arm64

import (
	"math/bits"

	"forkscope/machine/cpu/softfloat"
)

// AdvSIMD shifts by an immediate (C4.1.90). immh, bits 22:19, is not zero: those encodings are modified immediates.
var rowsSIMDShift = []row{
	{name: "SSHR/USHR", pattern: "0qu01111 0hhhhbbb 000001nn nnnddddd", valid: validShift, simd: shiftRight(false, false)},
	{name: "SSHR/USHR (scalar)", pattern: "01u11111 01hhhbbb 000001nn nnnddddd", simd: shiftRightScalar(false, false)},
	{name: "SSRA/USRA", pattern: "0qu01111 0hhhhbbb 000101nn nnnddddd", valid: validShift, simd: shiftRight(false, true)},
	{name: "SSRA/USRA (scalar)", pattern: "01u11111 01hhhbbb 000101nn nnnddddd", simd: shiftRightScalar(false, true)},
	{name: "SRSHR/URSHR", pattern: "0qu01111 0hhhhbbb 001001nn nnnddddd", valid: validShift, simd: shiftRight(true, false)},
	{name: "SRSHR/URSHR (scalar)", pattern: "01u11111 01hhhbbb 001001nn nnnddddd", simd: shiftRightScalar(true, false)},
	{name: "SRSRA/URSRA", pattern: "0qu01111 0hhhhbbb 001101nn nnnddddd", valid: validShift, simd: shiftRight(true, true)},
	{name: "SRSRA/URSRA (scalar)", pattern: "01u11111 01hhhbbb 001101nn nnnddddd", simd: shiftRightScalar(true, true)},
	{name: "SRI", pattern: "0q101111 0hhhhbbb 010001nn nnnddddd", valid: validShift, simd: vectorShift(insertRight)},
	{name: "SRI (scalar)", pattern: "01111111 01hhhbbb 010001nn nnnddddd", simd: scalarShift(insertRight)},
	{name: "SHL/SLI", pattern: "0qu01111 0hhhhbbb 010101nn nnnddddd", valid: validShift, simd: vectorShift(insertLeft)},
	{name: "SHL/SLI (scalar)", pattern: "01u11111 01hhhbbb 010101nn nnnddddd", simd: scalarShift(insertLeft)},
	{name: "SQSHLU", pattern: "0q101111 0hhhhbbb 011001nn nnnddddd", valid: validShift, simd: vectorShift(shiftLeftUnsigned)},
	{name: "SQSHLU (scalar)", pattern: "01111111 0hhhhbbb 011001nn nnnddddd", valid: validScalarShift, simd: scalarShift(shiftLeftUnsigned)},
	{name: "SQSHL/UQSHL (immediate)", pattern: "0qu01111 0hhhhbbb 011101nn nnnddddd", valid: validShift, simd: vectorShift(shiftLeftSaturated)},
	{name: "SQSHL/UQSHL (immediate, scalar)", pattern: "01u11111 0hhhhbbb 011101nn nnnddddd", valid: validScalarShift, simd: scalarShift(shiftLeftSaturated)},
	{name: "SHRN/SQSHRUN", pattern: "0qu01111 0hhhhbbb 100001nn nnnddddd", valid: validNarrow, simd: shiftNarrow},
	{name: "SQSHRUN (scalar)", pattern: "01111111 0hhhhbbb 100001nn nnnddddd", valid: validNarrow, simd: shiftNarrowScalar},
	{name: "RSHRN/SQRSHRUN", pattern: "0qu01111 0hhhhbbb 100011nn nnnddddd", valid: validNarrow, simd: shiftNarrow},
	{name: "SQRSHRUN (scalar)", pattern: "01111111 0hhhhbbb 100011nn nnnddddd", valid: validNarrow, simd: shiftNarrowScalar},
	{name: "SQSHRN/UQSHRN", pattern: "0qu01111 0hhhhbbb 100101nn nnnddddd", valid: validNarrow, simd: shiftNarrow},
	{name: "SQSHRN/UQSHRN (scalar)", pattern: "01u11111 0hhhhbbb 100101nn nnnddddd", valid: validNarrow, simd: shiftNarrowScalar},
	{name: "SQRSHRN/UQRSHRN", pattern: "0qu01111 0hhhhbbb 100111nn nnnddddd", valid: validNarrow, simd: shiftNarrow},
	{name: "SQRSHRN/UQRSHRN (scalar)", pattern: "01u11111 0hhhhbbb 100111nn nnnddddd", valid: validNarrow, simd: shiftNarrowScalar},
	{name: "SSHLL/USHLL", pattern: "0qu01111 0hhhhbbb 101001nn nnnddddd", valid: validNarrow, simd: simdSHLLImmediate},
	{name: "SCVTF/UCVTF (vector, fixed-point)", pattern: "0qu01111 0hhhhbbb 111001nn nnnddddd", valid: validFixed, simd: vectorShift(fromFixedLane)},
	{name: "SCVTF/UCVTF (scalar, fixed-point)", pattern: "01u11111 0hhhhbbb 111001nn nnnddddd", valid: validFixedScalar, simd: scalarShift(fromFixedLane)},
	{name: "FCVTZS/FCVTZU (vector, fixed-point)", pattern: "0qu01111 0hhhhbbb 111111nn nnnddddd", valid: validFixed, simd: vectorShift(toFixedLane)},
	{name: "FCVTZS/FCVTZU (scalar, fixed-point)", pattern: "01u11111 0hhhhbbb 111111nn nnnddddd", valid: validFixedScalar, simd: scalarShift(toFixedLane)},
}

// shiftOf decodes immh:immb: the element size, and the amounts by which left and right shifts go.
func shiftOf(w uint32) (size uint, left, right int) {
	immh, imm := w>>19&15, int(w>>16&127)
	size = uint(bits.Len32(immh) - 1)
	return size, imm - 8<<size, 16<<size - imm
}

func validScalarShift(w uint32) bool { return w>>19&15 != 0 }

func validShift(w uint32) bool { return validScalarShift(w) && (w>>22&1 == 0 || w>>30&1 != 0) }

func validNarrow(w uint32) bool { return validScalarShift(w) && w>>22&1 == 0 }

func validFixed(w uint32) bool { return w>>20&7 != 0 && (w>>22&1 == 0 || w>>30&1 != 0) }

func validFixedScalar(w uint32) bool { return w>>20&7 != 0 }

// shiftLanes computes a lane from the destination's, the operand's and the decoded immediate.
type shiftLanes func(c *CPU, size uint, u bool, d, a uint64, left, right int) uint64

func vectorShift(f shiftLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size, _, _ := shiftOf(w)
		c.shiftLanes(w, simdLanes(w, size), f)
	}
}

func scalarShift(f shiftLanes) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) { c.shiftLanes(w, 1, f) }
}

func (c *CPU) shiftLanes(w uint32, lanes int, f shiftLanes) {
	size, left, right := shiftOf(w)
	d, a := c.v[w&31], c.v[w>>5&31]
	var r vreg
	for i := range lanes {
		r.set(size, i, f(c, size, simdU(w), d.get(size, i), a.get(size, i), left, right))
	}
	c.v[w&31] = r
}

func rightLanes(round, accumulate bool) shiftLanes {
	return func(c *CPU, size uint, u bool, d, a uint64, _, right int) uint64 {
		v := c.shiftLane(size, u, round, false, a, -right)
		if accumulate {
			v += d
		}
		return v
	}
}

func shiftRight(round, accumulate bool) func(c *CPU, w uint32) {
	return vectorShift(rightLanes(round, accumulate))
}

func shiftRightScalar(round, accumulate bool) func(c *CPU, w uint32) {
	return scalarShift(rightLanes(round, accumulate))
}

func insertRight(_ *CPU, size uint, _ bool, d, a uint64, _, right int) uint64 {
	mask := ^uint64(0) >> (64 - 8<<size) >> right
	return d&^mask | a>>right
}

func insertLeft(_ *CPU, _ uint, u bool, d, a uint64, left, _ int) uint64 {
	v := a << left
	if u { // SLI keeps the bits below
		v |= d & (1<<left - 1)
	}
	return v
}

func shiftLeftSaturated(c *CPU, size uint, u bool, _, a uint64, left, _ int) uint64 {
	return c.shiftLane(size, u, false, true, a, left)
}

// shiftLeftUnsigned is SQSHLU: a signed operand, an unsigned result.
func shiftLeftUnsigned(c *CPU, size uint, _ bool, _, a uint64, left, _ int) uint64 {
	if sx(size, a) < 0 {
		c.fp.qc = true
		return 0
	}
	return c.shiftLane(size, true, false, true, a, left)
}

// narrowed computes one lane of the narrowing shifts: opcode bit 0 rounds; which operand and result are signed follows
// from opcode bit 1 and U.
func (c *CPU) narrowed(w uint32, size uint, a uint64, right int) uint64 {
	u, round := simdU(w), w>>11&1 != 0
	if w>>12&1 == 0 && !u { // SHRN, RSHRN
		return shiftLaneRight(true, round, a, uint(right))
	}
	if w>>12&1 != 0 && u { // UQSHRN, UQRSHRN
		v := shiftLaneRight(true, round, a, uint(right))
		return narrowUnsigned(c, size, v)
	}
	v := shiftLaneRight(false, round, uint64(sx(size+1, a)), uint(right))
	return c.saturate(size, u, int64(v))
}

func shiftNarrow(c *CPU, w uint32) {
	size, _, right := shiftOf(w)
	a := c.v[w>>5&31]
	if w>>11&3 == 0 && !simdU(w) { // SHRN, which string functions make bit masks with
		mask := lowBits[size+1] * (1<<(8<<size) - 1)
		c.setHalf(w, evens(size, a[0]>>right&mask, a[1]>>right&mask))
		return
	}
	var r vreg
	for i := range 8 >> size {
		r.set(size, i, c.narrowed(w, size, a.get(size+1, i), right))
	}
	c.setHalf(w, r[0])
}

func shiftNarrowScalar(c *CPU, w uint32) {
	size, _, right := shiftOf(w)
	var r vreg
	r.set(size, 0, c.narrowed(w, size, c.v[w>>5&31].get(size+1, 0), right))
	c.v[w&31] = r
}

func simdSHLLImmediate(c *CPU, w uint32) {
	size, left, _ := shiftOf(w)
	a := c.half(w, w>>5)
	var r vreg
	for i := range 8 >> size {
		v := a.get(size, i)
		if !simdU(w) {
			v = uint64(sx(size, v))
		}
		r.set(size+1, i, v<<left)
	}
	c.v[w&31] = r
}

func fromFixedLane(c *CPU, size uint, u bool, _, a uint64, _, right int) uint64 {
	if !u {
		a = signed(a, 8<<size)
	}
	return c.fp.fromFixed(size, a, !u, right)
}

func toFixedLane(c *CPU, size uint, u bool, _, a uint64, _, right int) uint64 {
	return c.fp.with(softfloat.TowardZero, func() uint64 { return c.fp.toFixed(size, a, 8<<size, !u, right) })
}
