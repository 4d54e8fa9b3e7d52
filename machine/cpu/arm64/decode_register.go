package arm64

import (
	"hash/crc32"
	"math/bits"
	"slices"
)

// Data processing of registers (C4.1.89).
var rowsRegister = []row{
	{name: "AND/BIC (shifted register)", pattern: "f0001010 ttNmmmmm iiiiiinn nnnddddd", valid: validShift6, operands: operandsRegisters, exec: execLogic, hot: slices.Concat(
		both("AndR", "........ ..0..... 000000", hotCombine, variant{op: opAnd, b: register}),
		both("BicR", "........ ..1..... 000000", hotCombine, variant{op: opBic, b: register}),
		one("AndL64", "1....... 000", hotCombine, variant{op: opAnd, b: shiftedLeft, wide: true}),
	)},
	{name: "ORR/ORN (shifted register)", pattern: "f0101010 ttNmmmmm iiiiiinn nnnddddd", valid: validShift6, operands: operandsRegisters, exec: execLogic, hot: slices.Concat(
		both("Mov", "........ ..0..... 00000011 111", hotMov, variant{b: register}),
		both("OrrR", "........ ..0..... 000000", hotCombine, variant{op: opOrr, b: register}),
		both("OrnR", "........ ..1..... 000000", hotCombine, variant{op: opOrn, b: register}),
		both("OrrL", "........ 000", hotCombine, variant{op: opOrr, b: shiftedLeft}),
	)},
	{name: "EOR/EON (shifted register)", pattern: "f1001010 ttNmmmmm iiiiiinn nnnddddd", valid: validShift6, operands: operandsRegisters, exec: execLogic, hot: slices.Concat(
		both("EorR", "........ ..0..... 000000", hotCombine, variant{op: opEor, b: register}),
		both("EorL", "........ 000", hotCombine, variant{op: opEor, b: shiftedLeft}),
		both("EorRight", "........ 010", hotCombine, variant{op: opEor, b: shiftedRight}),
	)},
	{name: "ANDS/BICS (shifted register)", pattern: "f1101010 ttNmmmmm iiiiiinn nnnddddd", valid: validShift6, operands: operandsRegisters, exec: execLogic,
		hot: both("AndsR", "........ ..0..... 000000", hotAndFlags, variant{b: register})},
	{name: "ADD/SUB (shifted register)", pattern: "fos01011 tt0mmmmm iiiiiinn nnnddddd", valid: validAddShift, operands: operandsRegisters, exec: execAddShift, hot: slices.Concat(
		both("AddR", ".00..... ........ 000000", hotCombine, variant{op: opAdd, b: register}),
		both("SubR", ".10..... ........ 000000", hotCombine, variant{op: opSub, b: register}),
		both("AddsR", ".01..... ........ 000000", hotAddFlags, variant{op: opAdd, b: register}),
		both("SubsR", ".11..... ........ 000000", hotAddFlags, variant{op: opSub, b: register}),
		both("AddL", ".00..... 00", hotCombine, variant{op: opAdd, b: shiftedLeft}),
		both("SubL", ".10..... 00", hotCombine, variant{op: opSub, b: shiftedLeft}),
	)},
	{name: "ADD/SUB (extended register)", pattern: "fos01011 001mmmmm tttiiinn nnnddddd", valid: validAddExtend, operands: operandsExtended, exec: execAddExtend, hot: slices.Concat(
		toSP,
		one("AddUxtw", "100..... ........ 010", hotCombine, variant{op: opAdd, b: zeroExtended, wide: true}),
		one("AddSxtw", "100..... ........ 110", hotCombine, variant{op: opAdd, b: signExtended, wide: true}),
		one("AddL64", "100..... ........ .11", hotCombine, variant{op: opAdd, b: shiftedLeft, wide: true}),
	)},
	{name: "ADC/SBC", pattern: "fos11010 000mmmmm 000000nn nnnddddd", exec: execADC},
	{name: "CCMN/CCMP (register)", pattern: "fo111010 010mmmmm cccc00nn nnn0vvvv", operands: operandsCcmp, exec: execCcmp,
		hot: both("CcmpR", ".1", hotCcmp, variant{b: register})},
	{name: "CCMN/CCMP (immediate)", pattern: "fo111010 010iiiii cccc10nn nnn0vvvv", operands: operandsCcmp, exec: execCcmp,
		hot: both("CcmpI", ".1", hotCcmp, variant{b: immediate})},
	{name: "CSEL/CSINC", pattern: "f0011010 100mmmmm cccc0inn nnnddddd", operands: operandsCsel, exec: execCsel, hot: slices.Concat(
		both("Csel", "........ ........ .....0", hotSelect, variant{}),
		both("Csinc", "........ ........ .....1", hotSelect, variant{op: opIncrement}),
	)},
	{name: "CSINV/CSNEG", pattern: "f1011010 100mmmmm cccc0inn nnnddddd", operands: operandsCsel, exec: execCsel, hot: slices.Concat(
		both("Csinv", "........ ........ .....0", hotSelect, variant{op: opInvert}),
		both("Csneg", "........ ........ .....1", hotSelect, variant{op: opNegate}),
	)},
	{name: "RBIT", pattern: "f1011010 11000000 000000nn nnnddddd", exec: execOneSource},
	{name: "REV16", pattern: "f1011010 11000000 000001nn nnnddddd", exec: execOneSource},
	{name: "REV/REV32", pattern: "f1011010 11000000 000010nn nnnddddd", operands: operandsRegisters, exec: execOneSource,
		hot: one("Rev32", "0", hotRev32)},
	{name: "REV (64-bit)", pattern: "11011010 11000000 000011nn nnnddddd", operands: operandsRegisters, exec: execOneSource,
		hot: one("Rev64", "", hotRev64)},
	{name: "CLZ", pattern: "f1011010 11000000 000100nn nnnddddd", operands: operandsRegisters, exec: execOneSource,
		hot: both("Clz", "", hotClz, variant{})},
	{name: "CLS", pattern: "f1011010 11000000 000101nn nnnddddd", exec: execOneSource},
	{name: "UDIV", pattern: "f0011010 110mmmmm 000010nn nnnddddd", operands: operandsRegisters, exec: execTwoSource,
		hot: both("Udiv", "", hotUdiv, variant{})},
	{name: "SDIV", pattern: "f0011010 110mmmmm 000011nn nnnddddd", operands: operandsRegisters, exec: execTwoSource,
		hot: both("Sdiv", "", hotSdiv, variant{})},
	{name: "LSLV", pattern: "f0011010 110mmmmm 001000nn nnnddddd", operands: operandsRegisters, exec: execTwoSource,
		hot: both("Lslv", "", hotLslv, variant{})},
	{name: "LSRV", pattern: "f0011010 110mmmmm 001001nn nnnddddd", operands: operandsRegisters, exec: execTwoSource,
		hot: both("Lsrv", "", hotLsrv, variant{})},
	{name: "ASRV", pattern: "f0011010 110mmmmm 001010nn nnnddddd", operands: operandsRegisters, exec: execTwoSource,
		hot: both("Asrv", "", hotAsrv, variant{})},
	{name: "RORV", pattern: "f0011010 110mmmmm 001011nn nnnddddd", exec: execTwoSource},
	{name: "CRC32", pattern: "f0011010 110mmmmm 0100zznn nnnddddd", valid: validCRC, exec: execCRC},
	{name: "CRC32C", pattern: "f0011010 110mmmmm 0101zznn nnnddddd", valid: validCRC, exec: execCRC},
	{name: "MADD/MSUB", pattern: "f0011011 000mmmmm oaaaaann nnnddddd", operands: operandsThreeSource, exec: execThreeSource, hot: slices.Concat(
		both("Madd", "........ ........ 0", hotMadd, variant{op: opAdd}),
		both("Msub", "........ ........ 1", hotMadd, variant{op: opSub}),
	)},
	{name: "SMADDL/SMSUBL", pattern: "10011011 001mmmmm oaaaaann nnnddddd", operands: operandsThreeSource, exec: execThreeSource,
		hot: one("Smaddl", "........ ........ 0", hotSmaddl)},
	{name: "UMADDL/UMSUBL", pattern: "10011011 101mmmmm oaaaaann nnnddddd", operands: operandsThreeSource, exec: execThreeSource,
		hot: one("Umaddl", "........ ........ 0", hotUmaddl)},
	{name: "SMULH", pattern: "10011011 010mmmmm 0aaaaann nnnddddd", operands: operandsRegisters, exec: execThreeSource,
		hot: one("Smulh", "", hotSmulh)},
	{name: "UMULH", pattern: "10011011 110mmmmm 0aaaaann nnnddddd", operands: operandsRegisters, exec: execThreeSource,
		hot: one("Umulh", "", hotUmulh)},
}

func validShift6(w uint32) bool { return is64(w) || w>>15&1 == 0 }

func validAddShift(w uint32) bool { return w>>22&3 != 3 && validShift6(w) }

func validAddExtend(w uint32) bool { return w>>10&7 <= 4 }

func validCRC(w uint32) bool { return is64(w) == (w>>10&3 == 3) }

// shifted gives the second operand of a shifted-register instruction.
func (c *CPU) shifted(w uint32) uint64 {
	v := c.x[fieldRm(w)]
	n := uint(w >> 10 & 63)
	if is64(w) {
		switch w >> 22 & 3 {
		case 0:
			return v << n
		case 1:
			return v >> n
		case 2:
			return uint64(int64(v) >> n)
		}
		return bits.RotateLeft64(v, -int(n))
	}
	u := uint32(v)
	switch w >> 22 & 3 {
	case 0:
		u <<= n
	case 1:
		u >>= n
	case 2:
		u = uint32(int32(u) >> n)
	default:
		u = bits.RotateLeft32(u, -int(n))
	}
	return uint64(u)
}

// setX writes register rd (31 is the zero register), cut to 32 bits unless wide.
func (c *CPU) setX(rd uint32, v uint64, wide bool) {
	if !wide {
		v = uint64(uint32(v))
	}
	c.x[write31(rd&31)] = v
}

// addSub computes a±b and, if asked, sets the flags.
func (c *CPU) addSub(a, b uint64, sub, wide, flags bool) uint64 {
	if !wide {
		a, b = a<<32, b<<32
	}
	r := a + b
	if sub {
		r = a - b
	}
	if flags {
		c.flagA, c.flagB, c.flagKind = a, b, flagsAdd
		if sub {
			c.flagKind = flagsSub
		}
	}
	if !wide {
		r >>= 32
	}
	return r
}

// setNZ sets the flags of a logical result.
func (c *CPU) setNZ(v uint64, wide bool) {
	if !wide {
		v <<= 32
	}
	c.flagA, c.flagB, c.flagKind = v, 0, flagsAdd
}

func operandsRegisters(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRn(w), fieldRm(w), uint8(w>>10&63)
}

// logic gives a AND, ORR or EOR b; ANDS sets the flags.
func (c *CPU) logic(w uint32, a, b uint64) uint64 {
	switch w >> 29 & 3 {
	case 1:
		a |= b
	case 2:
		a ^= b
	default:
		a &= b
	}
	if !is64(w) {
		a = uint64(uint32(a))
	}
	if w>>29&3 == 3 {
		c.setNZ(a, is64(w))
	}
	return a
}

func execLogic(c *CPU, w uint32) status {
	b := c.shifted(w)
	if w>>21&1 != 0 {
		b = ^b
	}
	c.setX(w, c.logic(w, c.x[fieldRn(w)], b), is64(w))
	return stNext
}

func execAddShift(c *CPU, w uint32) status {
	c.setX(w, c.addSub(c.x[fieldRn(w)], c.shifted(w), w>>30&1 != 0, is64(w), w>>29&1 != 0), is64(w))
	return stNext
}

// extend gives an extended-register operand; option is the field of that name (C6.1, ExtendReg).
func extend(v uint64, option uint32) uint64 {
	switch option {
	case 0:
		return uint64(uint8(v))
	case 1:
		return uint64(uint16(v))
	case 2:
		return uint64(uint32(v))
	case 4:
		return uint64(int64(int8(v)))
	case 5:
		return uint64(int64(int16(v)))
	case 6:
		return uint64(int64(int32(v)))
	}
	return v
}

func operandsExtended(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRnSP(w), fieldRm(w), uint8(w>>10&7)
}

func execAddExtend(c *CPU, w uint32) status {
	b := extend(c.x[fieldRm(w)], w>>13&7) << (w >> 10 & 7)
	flags := w>>29&1 != 0
	v := c.addSub(c.x[fieldRnSP(w)], b, w>>30&1 != 0, is64(w), flags)
	if !flags && w&31 == 31 {
		return c.writeSP(v)
	}
	c.setX(w, v, is64(w))
	return stNext
}

func execADC(c *CPU, w uint32) status {
	a, b := c.x[fieldRn(w)], c.x[fieldRm(w)]
	carry := uint64(c.flags() >> 1 & 1)
	if w>>30&1 != 0 {
		b = ^b
	}
	var r, out, overflow uint64
	if is64(w) {
		r, out = bits.Add64(a, b, carry)
		overflow = ((a ^ r) & (b ^ r)) >> 63
	} else {
		sum := uint64(uint32(a)) + uint64(uint32(b)) + carry
		r, out = uint64(uint32(sum)), sum>>32
		overflow = ((a ^ r) & (b ^ r)) >> 31 & 1
	}
	if w>>29&1 != 0 {
		c.setNZ(r, is64(w))
		c.setFlags(c.flags()&12 | uint8(out<<1|overflow))
	}
	c.setX(w, r, is64(w))
	return stNext
}

func operandsCcmp(w uint32, _ uint64, o *op) {
	o.rn, o.rm, o.imm = fieldRn(w), fieldRm(w), uint64(w>>16&31)
	o.rd, o.ra = uint8(w&15), uint8(w>>12&15) // the flags if the condition is false, and the condition
}

func execCcmp(c *CPU, w uint32) status {
	if !c.holds(uint8(w >> 12 & 15)) {
		c.setFlags(uint8(w & 15))
		return stNext
	}
	b := uint64(w >> 16 & 31)
	if w>>11&1 == 0 {
		b = c.x[fieldRm(w)]
	}
	c.addSub(c.x[fieldRn(w)], b, w>>30&1 != 0, is64(w), true)
	return stNext
}

func operandsCsel(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRn(w), fieldRm(w), uint8(w>>12&15)
}

func execCsel(c *CPU, w uint32) status {
	v := c.x[fieldRn(w)]
	if !c.holds(uint8(w >> 12 & 15)) {
		v = c.x[fieldRm(w)]
		if w>>30&1 != 0 {
			v = ^v
		}
		v += uint64(w >> 10 & 1)
	}
	c.setX(w, v, is64(w))
	return stNext
}

func execOneSource(c *CPU, w uint32) status {
	v, wide := c.x[fieldRn(w)], is64(w)
	switch w >> 10 & 63 {
	case 0:
		v = bits.Reverse64(v)
		if !wide {
			v >>= 32
		}
	case 1:
		v = v>>8&0x00ff00ff00ff00ff | v&0x00ff00ff00ff00ff<<8
	case 2:
		v = bits.ReverseBytes64(v)
		v = v>>32 | v<<32
	case 3:
		v = bits.ReverseBytes64(v)
	case 4:
		if wide {
			v = uint64(bits.LeadingZeros64(v))
		} else {
			v = uint64(bits.LeadingZeros32(uint32(v)))
		}
	case 5:
		if wide {
			v = uint64(bits.LeadingZeros64((v ^ v<<1) | 1)) // bit 0 of v^v<<1 is v's own; all equal gives 63
		} else {
			u := uint32(v)
			v = uint64(bits.LeadingZeros32((u ^ u<<1) | 1))
		}
	}
	c.setX(w, v, wide)
	return stNext
}

func execTwoSource(c *CPU, w uint32) status {
	a, b, size := c.x[fieldRn(w)], c.x[fieldRm(w)], uint64(64)
	low, sign := a, int64(a) // the first operand, without and with a sign
	if !is64(w) {
		b, size = uint64(uint32(b)), 32
		low, sign = uint64(uint32(a)), int64(int32(a))
	}
	n := b % size
	var v uint64
	switch w >> 10 & 63 {
	case 2:
		if b != 0 {
			v = low / b
		}
	case 3:
		if b != 0 {
			v = uint64(sign / int64(signed(b, uint(size)))) // Go defines the overflow as the hardware does
		}
	case 8:
		v = low << n
	case 9:
		v = low >> n
	case 10:
		v = uint64(sign >> n)
	case 11:
		v = low>>n | low<<(size-n)
	}
	c.setX(w, v, is64(w))
	return stNext
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func execCRC(c *CPU, w uint32) status {
	table := crc32.IEEETable
	if w>>12&1 != 0 {
		table = castagnoli
	}
	v, crc := c.x[fieldRm(w)], uint32(c.x[fieldRn(w)])
	for i := 0; i < 1<<(w>>10&3); i++ {
		crc = crc>>8 ^ table[uint8(crc)^uint8(v)]
		v >>= 8
	}
	c.setX(w, uint64(crc), true)
	return stNext
}

func operandsThreeSource(w uint32, _ uint64, o *op) {
	o.rd, o.rn, o.rm, o.ra = fieldRd(w), fieldRn(w), fieldRm(w), fieldRa(w)
}

func execThreeSource(c *CPU, w uint32) status {
	a, b, sum := c.x[fieldRn(w)], c.x[fieldRm(w)], c.x[fieldRa(w)]
	var product uint64
	switch w >> 21 & 7 {
	case 0:
		product = a * b
	case 1:
		product = uint64(int64(int32(a)) * int64(int32(b)))
	case 5:
		product = uint64(uint32(a)) * uint64(uint32(b))
	default: // the high half
		product, _ = bits.Mul64(a, b)
		if w>>23&1 == 0 {
			product -= uint64(int64(a)>>63)&b + uint64(int64(b)>>63)&a
		}
		sum = 0
	}
	if w>>15&1 != 0 {
		product = -product
	}
	c.setX(w, sum+product, is64(w))
	return stNext
}
