package arm64

import "forkscope/machine/cpu/softfloat"

// Scalar floating point (C4.1.90). Type 0 is single, 1 double, 3 half precision.
var rowsFP = []row{
	{name: "FMOV (register)", pattern: "00011110 tt100000 010000nn nnnddddd", valid: validType, simd: fpOne(func(_ *CPU, _ uint, a uint64) uint64 { return a })},
	{name: "FABS", pattern: "00011110 tt100000 110000nn nnnddddd", valid: validType, simd: fpOne(func(_ *CPU, size uint, a uint64) uint64 { return abs(size, a) })},
	{name: "FNEG", pattern: "00011110 tt100001 010000nn nnnddddd", valid: validType, simd: fpOne(func(_ *CPU, size uint, a uint64) uint64 { return neg(size, a) })},
	{name: "FSQRT", pattern: "00011110 tt100001 110000nn nnnddddd", valid: validType, simd: fpOne(func(c *CPU, size uint, a uint64) uint64 { return c.fp.sqrt(size, a) })},
	{name: "FCVT", pattern: "00011110 tt10001o o10000nn nnnddddd", valid: validFCVT, simd: simdFCVT},
	{name: "FRINT", pattern: "00011110 tt10010o o10000nn nnnddddd", valid: validType, simd: simdFRINT},
	{name: "FRINTA", pattern: "00011110 tt100110 010000nn nnnddddd", valid: validType, simd: simdFRINT},
	{name: "FRINTX/FRINTI", pattern: "00011110 tt100111 o10000nn nnnddddd", valid: validType, simd: simdFRINT},
	{name: "FCMP/FCMPE", pattern: "00011110 tt1mmmmm 001000nn nnnoo000", valid: validType, simd: simdFCMP},
	{name: "FMOV (immediate)", pattern: "00011110 tt1iiiii iii10000 000ddddd", valid: validType, simd: simdFMOVImmediate},
	{name: "FCCMP/FCCMPE", pattern: "00011110 tt1mmmmm cccc01nn nnnovvvv", valid: validType, simd: simdFCCMP},
	{name: "FCSEL", pattern: "00011110 tt1mmmmm cccc11nn nnnddddd", valid: validType, simd: simdFCSEL},
	{name: "FMUL", pattern: "00011110 tt1mmmmm 000010nn nnnddddd", valid: validType, simd: fpTwo(fpMul)},
	{name: "FDIV", pattern: "00011110 tt1mmmmm 000110nn nnnddddd", valid: validType, simd: fpTwo(fpDiv)},
	{name: "FADD", pattern: "00011110 tt1mmmmm 001010nn nnnddddd", valid: validType, simd: fpTwo(fpAdd)},
	{name: "FSUB", pattern: "00011110 tt1mmmmm 001110nn nnnddddd", valid: validType, simd: fpTwo(fpSub)},
	{name: "FMAX", pattern: "00011110 tt1mmmmm 010010nn nnnddddd", valid: validType, simd: fpTwo(fpMax)},
	{name: "FMIN", pattern: "00011110 tt1mmmmm 010110nn nnnddddd", valid: validType, simd: fpTwo(fpMin)},
	{name: "FMAXNM", pattern: "00011110 tt1mmmmm 011010nn nnnddddd", valid: validType, simd: fpTwo(fpMaxNum)},
	{name: "FMINNM", pattern: "00011110 tt1mmmmm 011110nn nnnddddd", valid: validType, simd: fpTwo(fpMinNum)},
	{name: "FNMUL", pattern: "00011110 tt1mmmmm 100010nn nnnddddd", valid: validType, simd: fpTwo(func(c *CPU, size uint, a, b uint64) uint64 {
		return neg(size, c.fp.mul(size, a, b))
	})},
	{name: "FMADD/FMSUB/FNMADD/FNMSUB", pattern: "00011111 ttommmmm oaaaaann nnnddddd", valid: validType, simd: simdFMADD},
	{name: "SCVTF/UCVTF (fixed-point)", pattern: "f0011110 tt00001u ssssssnn nnnddddd", valid: validTypeScale, simd: simdFromFixed},
	{name: "FCVTZS/FCVTZU (fixed-point)", pattern: "f0011110 tt01100u ssssssnn nnnddddd", valid: validTypeScale, simd: simdToInteger},
	{name: "FCVT to integer", pattern: "f0011110 tt1rr00u 000000nn nnnddddd", valid: validType, simd: simdToInteger},
	{name: "SCVTF/UCVTF (integer)", pattern: "f0011110 tt10001u 000000nn nnnddddd", valid: validType, simd: simdFromFixed},
	{name: "FCVTAS/FCVTAU", pattern: "f0011110 tt10010u 000000nn nnnddddd", valid: validType, simd: simdToInteger},
	{name: "FMOV (W)", pattern: "00011110 0010011o 000000nn nnnddddd", simd: simdFMOVGeneral},
	{name: "FMOV (X)", pattern: "10011110 0110011o 000000nn nnnddddd", simd: simdFMOVGeneral},
	{name: "FMOV (top half)", pattern: "10011110 1010111o 000000nn nnnddddd", simd: simdFMOVGeneral},
}

// The binary operations as lane functions, shared with the vector instructions.
func fpAdd(c *CPU, size uint, a, b uint64) uint64    { return c.fp.add(size, a, b) }
func fpSub(c *CPU, size uint, a, b uint64) uint64    { return c.fp.sub(size, a, b) }
func fpMul(c *CPU, size uint, a, b uint64) uint64    { return c.fp.mul(size, a, b) }
func fpDiv(c *CPU, size uint, a, b uint64) uint64    { return c.fp.div(size, a, b) }
func fpMax(c *CPU, size uint, a, b uint64) uint64    { return c.fp.max(size, a, b) }
func fpMin(c *CPU, size uint, a, b uint64) uint64    { return c.fp.min(size, a, b) }
func fpMaxNum(c *CPU, size uint, a, b uint64) uint64 { return c.fp.maxNum(size, a, b) }
func fpMinNum(c *CPU, size uint, a, b uint64) uint64 { return c.fp.minNum(size, a, b) }

// fpSize is the lane size of singles and doubles by bit 22, in the vector instructions.
func fpSize(w uint32) uint { return 2 + uint(w>>22&1) }

// fpReg reads the low element of a register.
func (c *CPU) fpReg(size uint, r uint32) uint64 { return c.v[r&31].get(size, 0) }

// setFP writes the low element and clears the rest.
func (c *CPU) setFP(w uint32, v uint64) { c.v[w&31] = vreg{v, 0} }

func fpOne(f func(c *CPU, size uint, a uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := typeOf(w)
		c.setFP(w, f(c, size, c.fpReg(size, w>>5)))
	}
}

func fpTwo(f func(c *CPU, size uint, a, b uint64) uint64) func(c *CPU, w uint32) {
	return func(c *CPU, w uint32) {
		size := typeOf(w)
		c.setFP(w, f(c, size, c.fpReg(size, w>>5), c.fpReg(size, w>>16)))
	}
}

// typeSize gives the element size of a type field, 0 for the reserved one.
var typeSize = [4]uint{2, 3, 0, 1}

func validFCVT(w uint32) bool {
	from, to := w>>22&3, w>>15&3
	return from != to && from != 2 && to != 2
}

func simdFCVT(c *CPU, w uint32) {
	from, to := typeSize[w>>22&3], typeSize[w>>15&3]
	c.setFP(w, c.fp.convert(to, from, c.fpReg(from, w>>5)))
}

// directions gives rounding modes in the order of the rmode fields.
var directions = [4]softfloat.Rounding{softfloat.NearestEven, softfloat.Up, softfloat.Down, softfloat.TowardZero}

func simdFRINT(c *CPU, w uint32) {
	size := typeOf(w)
	a := c.fpReg(size, w>>5)
	opcode := w >> 15 & 7
	switch {
	case opcode < 4:
		a = c.fp.with(directions[opcode], func() uint64 { return c.fp.roundInt(size, a, true) })
	case opcode == 4:
		a = c.fp.with(softfloat.NearestAway, func() uint64 { return c.fp.roundInt(size, a, true) })
	default:
		a = c.fp.roundInt(size, a, opcode == 7)
	}
	c.setFP(w, a)
}

func (c *CPU) compareFlags(size uint, a, b uint64, signalling bool) {
	c.setFlags([4]uint8{8, 6, 2, 3}[c.fp.compare(size, a, b, signalling)+1])
}

func simdFCMP(c *CPU, w uint32) {
	size := typeOf(w)
	b := uint64(0)
	if w>>3&1 == 0 {
		b = c.fpReg(size, w>>16)
	}
	c.compareFlags(size, c.fpReg(size, w>>5), b, w>>4&1 != 0)
}

func simdFCCMP(c *CPU, w uint32) {
	if !c.holds(uint8(w >> 12 & 15)) {
		c.setFlags(uint8(w & 15))
		return
	}
	size := typeOf(w)
	c.compareFlags(size, c.fpReg(size, w>>5), c.fpReg(size, w>>16), w>>4&1 != 0)
}

func simdFCSEL(c *CPU, w uint32) {
	from := w >> 5
	if !c.holds(uint8(w >> 12 & 15)) {
		from = w >> 16
	}
	c.setFP(w, c.fpReg(typeOf(w), from))
}

// expandImm8 is VFPExpandImm: sign, three bits of exponent, four of fraction.
func expandImm8(size uint, imm uint64) uint64 {
	m := &formats[size]
	sign := imm >> 7 << (8<<size - 1)
	exp := m.one &^ m.fraction // 1.0
	v := imm & 0x3f << (m.shift - 4)
	if imm>>6&1 != 0 {
		// The exponent field is 0 followed by ones, and the two bits of the immediate.
		return sign | (exp &^ (3 << m.shift)) | v
	}
	return sign | m.sign>>1 | v
}

func simdFMOVImmediate(c *CPU, w uint32) {
	c.setFP(w, expandImm8(typeOf(w), uint64(w>>13&0xff)))
}

func simdFMADD(c *CPU, w uint32) {
	size := typeOf(w)
	a, n, m := c.fpReg(size, w>>10), c.fpReg(size, w>>5), c.fpReg(size, w>>16)
	if w>>21&1 != 0 { // FNMADD, FNMSUB
		a = neg(size, a)
	}
	if w>>21&1 != w>>15&1 {
		n = neg(size, n)
	}
	c.setFP(w, c.fp.mulAdd(size, a, n, m))
}

func validType(w uint32) bool { return w>>22&3 != 2 }

func validTypeScale(w uint32) bool { return validType(w) && validScale(w) }

// typeOf is the size of a scalar instruction's type field.
func typeOf(w uint32) uint { return typeSize[w>>22&3] }

func validScale(w uint32) bool { return is64(w) || w>>15&1 != 0 }

// simdFromFixed converts an integer, or a fixed-point number, from a general register.
func simdFromFixed(c *CPU, w uint32) {
	v, unsigned := c.x[fieldRn(w)], w>>16&1 != 0
	if !is64(w) {
		v = uint64(uint32(v))
		if !unsigned {
			v = signed(v, 32)
		}
	}
	fraction := 0
	if w>>21&1 == 0 {
		fraction = 64 - int(w>>10&63)
	}
	c.setFP(w, c.fp.fromFixed(typeOf(w), v, !unsigned, fraction))
}

func simdToInteger(c *CPU, w uint32) {
	size, fraction, direction := typeOf(w), 0, directions[w>>19&3]
	if w>>21&1 == 0 {
		fraction = 64 - int(w>>10&63)
	}
	if w>>18&1 != 0 {
		direction = softfloat.NearestAway
	}
	bits := uint(32) << (w >> 31)
	if fraction == 0 && direction == softfloat.TowardZero {
		if v, ok := c.fp.truncate(size, c.fpReg(size, w>>5), bits, w>>16&1 == 0); ok {
			c.setX(w, v, is64(w))
			return
		}
	}
	c.setX(w, c.fp.with(direction, func() uint64 {
		return c.fp.toFixed(size, c.fpReg(size, w>>5), bits, w>>16&1 == 0, fraction)
	}), is64(w))
}

func simdFMOVGeneral(c *CPU, w uint32) {
	top := 0
	if w>>19&1 != 0 {
		top = 1
	}
	if w>>16&1 == 0 {
		c.setX(w, c.v[w>>5&31][top], is64(w))
		return
	}
	v := c.x[fieldRn(w)]
	switch {
	case top == 1:
		c.v[w&31][1] = v
	case is64(w):
		c.v[w&31] = vreg{v, 0}
	default:
		c.v[w&31] = vreg{uint64(uint32(v)), 0}
	}
}
