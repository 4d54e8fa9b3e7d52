package x86

// Integer operations on 64 bits, of which an MMX register is one and an XMM register two.

// Lane operations: MMX and SSE2, then SSSE3 (from PABSB on), SSE4.1 (from PMULDQ on) and SSE4.2.
const (
	lanePCmpGtB = iota
	lanePCmpGtW
	lanePCmpGtD
	lanePCmpEqB
	lanePCmpEqW
	lanePCmpEqD
	lanePAddQ
	lanePMulLW
	lanePSubUSB
	lanePSubUSW
	lanePMinUB
	lanePAnd
	lanePAddUSB
	lanePAddUSW
	lanePMaxUB
	lanePAndN
	lanePAvgB
	lanePAvgW
	lanePMulHUW
	lanePMulHW
	lanePSubSB
	lanePSubSW
	lanePMinSW
	lanePOr
	lanePAddSB
	lanePAddSW
	lanePMaxSW
	lanePXor
	lanePMulUDQ
	lanePMAddWD
	lanePSadBW
	lanePSubB
	lanePSubW
	lanePSubD
	lanePSubQ
	lanePAddB
	lanePAddW
	lanePAddD
	lanePAbsB
	lanePAbsW
	lanePAbsD
	lanePSignB
	lanePSignW
	lanePSignD
	lanePMulHRSW
	lanePMAddUBSW
	lanePMulDQ
	lanePMulLD
	lanePCmpEqQ
	lanePMinSB
	lanePMinSD
	lanePMinUW
	lanePMinUD
	lanePMaxSB
	lanePMaxSD
	lanePMaxUW
	lanePMaxUD
	lanePCmpGtQ
)

// laneOpcodes gives the lane operation of an opcode 0F xx.
var laneOpcodes = map[uint8]uint8{
	0x64: lanePCmpGtB, 0x65: lanePCmpGtW, 0x66: lanePCmpGtD,
	0x74: lanePCmpEqB, 0x75: lanePCmpEqW, 0x76: lanePCmpEqD,
	0xd4: lanePAddQ, 0xd5: lanePMulLW,
	0xd8: lanePSubUSB, 0xd9: lanePSubUSW, 0xda: lanePMinUB, 0xdb: lanePAnd,
	0xdc: lanePAddUSB, 0xdd: lanePAddUSW, 0xde: lanePMaxUB, 0xdf: lanePAndN,
	0xe0: lanePAvgB, 0xe3: lanePAvgW, 0xe4: lanePMulHUW, 0xe5: lanePMulHW,
	0xe8: lanePSubSB, 0xe9: lanePSubSW, 0xea: lanePMinSW, 0xeb: lanePOr,
	0xec: lanePAddSB, 0xed: lanePAddSW, 0xee: lanePMaxSW, 0xef: lanePXor,
	0xf4: lanePMulUDQ, 0xf5: lanePMAddWD, 0xf6: lanePSadBW,
	0xf8: lanePSubB, 0xf9: lanePSubW, 0xfa: lanePSubD, 0xfb: lanePSubQ,
	0xfc: lanePAddB, 0xfd: lanePAddW, 0xfe: lanePAddD,
}

const (
	top8  = 0x8080808080808080
	top16 = 0x8000800080008000
	top32 = 0x8000000080000000
)

// addLanes adds without carries between lanes, whose top bits are in top.
func addLanes(a, b, top uint64) uint64 { return ((a &^ top) + (b &^ top)) ^ (a^b)&top }

// subLanes subtracts without borrows between lanes.
func subLanes(a, b, top uint64) uint64 { return ((a | top) - (b &^ top)) ^ (a^^b)&top }

func bytes8(a, b uint64, f func(a, b uint8) uint8) (r uint64) {
	for i := 0; i < 64; i += 8 {
		r |= uint64(f(uint8(a>>i), uint8(b>>i))) << i
	}
	return r
}

func words4(a, b uint64, f func(a, b uint16) uint16) (r uint64) {
	for i := 0; i < 64; i += 16 {
		r |= uint64(f(uint16(a>>i), uint16(b>>i))) << i
	}
	return r
}

func dwords2(a, b uint64, f func(a, b uint32) uint32) uint64 {
	return uint64(f(uint32(a), uint32(b))) | uint64(f(uint32(a>>32), uint32(b>>32)))<<32
}

func clampS8(v int32) uint8   { return uint8(min(max(v, -0x80), 0x7f)) }
func clampU8(v int32) uint8   { return uint8(min(max(v, 0), 0xff)) }
func clampS16(v int32) uint16 { return uint16(min(max(v, -0x8000), 0x7fff)) }
func clampU16(v int32) uint16 { return uint16(min(max(v, 0), 0xffff)) }

func ones8(b bool) uint8 {
	if b {
		return 0xff
	}
	return 0
}

func ones16(b bool) uint16 {
	if b {
		return 0xffff
	}
	return 0
}

func ones32(b bool) uint32 {
	if b {
		return 0xffffffff
	}
	return 0
}

func ones64(b bool) uint64 {
	if b {
		return ^uint64(0)
	}
	return 0
}

// withSign gives a the sign of b: negated, zero or as it is.
func withSign[T int8 | int16 | int32](a, b T) T {
	switch {
	case b < 0:
		return -a
	case b == 0:
		return 0
	}
	return a
}

// laneOps are the operations that treat each 64 bits alike; a is the destination.
var laneOps = [...]func(a, b uint64) uint64{
	lanePCmpGtB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return ones8(int8(a) > int8(b)) })
	},
	lanePCmpGtW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return ones16(int16(a) > int16(b)) })
	},
	lanePCmpGtD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return ones32(int32(a) > int32(b)) })
	},
	lanePCmpEqB: func(a, b uint64) uint64 {
		x := a ^ b
		// The top bit of each byte that is not zero, then spread.
		n := ((x &^ top8) + (1<<63-1)&^top8 | x) & top8
		return ^(n>>7*0xff | n)
	},
	lanePCmpEqW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return ones16(a == b) })
	},
	lanePCmpEqD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return ones32(a == b) })
	},
	lanePAddQ: func(a, b uint64) uint64 { return a + b },
	lanePMulLW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return a * b })
	},
	lanePSubUSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return a - min(a, b) })
	},
	lanePSubUSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return a - min(a, b) })
	},
	lanePMinUB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return min(a, b) })
	},
	lanePAnd: func(a, b uint64) uint64 { return a & b },
	lanePAddUSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return clampU8(int32(a) + int32(b)) })
	},
	lanePAddUSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return clampU16(int32(a) + int32(b)) })
	},
	lanePMaxUB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return max(a, b) })
	},
	lanePAndN: func(a, b uint64) uint64 { return b &^ a },
	lanePAvgB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return uint8((uint16(a) + uint16(b) + 1) >> 1) })
	},
	lanePAvgW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16((uint32(a) + uint32(b) + 1) >> 1) })
	},
	lanePMulHUW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16(uint32(a) * uint32(b) >> 16) })
	},
	lanePMulHW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16(int32(int16(a)) * int32(int16(b)) >> 16) })
	},
	lanePSubSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return clampS8(int32(int8(a)) - int32(int8(b))) })
	},
	lanePSubSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return clampS16(int32(int16(a)) - int32(int16(b))) })
	},
	lanePMinSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16(min(int16(a), int16(b))) })
	},
	lanePOr: func(a, b uint64) uint64 { return a | b },
	lanePAddSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return clampS8(int32(int8(a)) + int32(int8(b))) })
	},
	lanePAddSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return clampS16(int32(int16(a)) + int32(int16(b))) })
	},
	lanePMaxSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16(max(int16(a), int16(b))) })
	},
	lanePXor:    func(a, b uint64) uint64 { return a ^ b },
	lanePMulUDQ: func(a, b uint64) uint64 { return a & 0xffffffff * (b & 0xffffffff) },
	lanePMAddWD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 {
			return uint32(int32(int16(a))*int32(int16(b)) + int32(a)>>16*(int32(b)>>16))
		})
	},
	lanePSadBW: func(a, b uint64) (r uint64) {
		for i := 0; i < 64; i += 8 {
			x, y := uint8(a>>i), uint8(b>>i)
			r += uint64(max(x, y) - min(x, y))
		}
		return r
	},
	lanePSubB: func(a, b uint64) uint64 { return subLanes(a, b, top8) },
	lanePSubW: func(a, b uint64) uint64 { return subLanes(a, b, top16) },
	lanePSubD: func(a, b uint64) uint64 { return subLanes(a, b, top32) },
	lanePSubQ: func(a, b uint64) uint64 { return a - b },
	lanePAddB: func(a, b uint64) uint64 { return addLanes(a, b, top8) },
	lanePAddW: func(a, b uint64) uint64 { return addLanes(a, b, top16) },
	lanePAddD: func(a, b uint64) uint64 { return addLanes(a, b, top32) },
	lanePAbsB: func(_, b uint64) uint64 {
		return bytes8(0, b, func(_, b uint8) uint8 { return uint8(max(int8(b), -int8(b))) })
	},
	lanePAbsW: func(_, b uint64) uint64 {
		return words4(0, b, func(_, b uint16) uint16 { return uint16(max(int16(b), -int16(b))) })
	},
	lanePAbsD: func(_, b uint64) uint64 {
		return dwords2(0, b, func(_, b uint32) uint32 { return uint32(max(int32(b), -int32(b))) })
	},
	lanePSignB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return uint8(withSign(int8(a), int8(b))) })
	},
	lanePSignW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16(withSign(int16(a), int16(b))) })
	},
	lanePSignD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return uint32(withSign(int32(a), int32(b))) })
	},
	lanePMulHRSW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return uint16((int32(int16(a))*int32(int16(b))>>14 + 1) >> 1) })
	},
	lanePMAddUBSW: func(a, b uint64) uint64 { // unsigned bytes of a, signed ones of b
		return words4(a, b, func(a, b uint16) uint16 {
			return clampS16(int32(a&0xff)*int32(int8(b)) + int32(a>>8)*int32(int8(b>>8)))
		})
	},
	lanePMulDQ: func(a, b uint64) uint64 { return uint64(int64(int32(a)) * int64(int32(b))) },
	lanePMulLD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return a * b })
	},
	lanePCmpEqQ: func(a, b uint64) uint64 { return ones64(a == b) },
	lanePMinSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return uint8(min(int8(a), int8(b))) })
	},
	lanePMinSD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return uint32(min(int32(a), int32(b))) })
	},
	lanePMinUW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return min(a, b) })
	},
	lanePMinUD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return min(a, b) })
	},
	lanePMaxSB: func(a, b uint64) uint64 {
		return bytes8(a, b, func(a, b uint8) uint8 { return uint8(max(int8(a), int8(b))) })
	},
	lanePMaxSD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return uint32(max(int32(a), int32(b))) })
	},
	lanePMaxUW: func(a, b uint64) uint64 {
		return words4(a, b, func(a, b uint16) uint16 { return max(a, b) })
	},
	lanePMaxUD: func(a, b uint64) uint64 {
		return dwords2(a, b, func(a, b uint32) uint32 { return max(a, b) })
	},
	lanePCmpGtQ: func(a, b uint64) uint64 { return ones64(int64(a) > int64(b)) },
}

// Shift operations.
const (
	shiftRLW = iota
	shiftRLD
	shiftRLQ
	shiftRAW
	shiftRAD
	shiftLLW
	shiftLLD
	shiftLLQ
)

// shiftOps shift every element of 64 bits by the same count, of which all 64 bits matter.
var shiftOps = [...]func(a, n uint64) uint64{
	shiftRLW: func(a, n uint64) uint64 { return eachWord(a, func(w uint16) uint16 { return w >> n }) },
	shiftRLD: func(a, n uint64) uint64 { return eachDword(a, func(w uint32) uint32 { return w >> n }) },
	shiftRLQ: func(a, n uint64) uint64 { return a >> n },
	shiftRAW: func(a, n uint64) uint64 { return eachWord(a, func(w uint16) uint16 { return uint16(int16(w) >> n) }) },
	shiftRAD: func(a, n uint64) uint64 { return eachDword(a, func(w uint32) uint32 { return uint32(int32(w) >> n) }) },
	shiftLLW: func(a, n uint64) uint64 { return eachWord(a, func(w uint16) uint16 { return w << n }) },
	shiftLLD: func(a, n uint64) uint64 { return eachDword(a, func(w uint32) uint32 { return w << n }) },
	shiftLLQ: func(a, n uint64) uint64 { return a << n },
}

func eachWord(a uint64, f func(uint16) uint16) (r uint64) {
	for i := 0; i < 64; i += 16 {
		r |= uint64(f(uint16(a>>i))) << i
	}
	return r
}

func eachDword(a uint64, f func(uint32) uint32) uint64 {
	return uint64(f(uint32(a))) | uint64(f(uint32(a>>32)))<<32
}

// Pack operations, and the horizontal ones of SSSE3, which have their form.
const (
	packSSWB = iota
	packUSWB
	packSSDW
	packUSDW
	packHAddW
	packHAddD
	packHAddSW
	packHSubW
	packHSubD
	packHSubSW
)

// packOps narrow the elements of a into the low half and those of b into the high half.
var packOps = [...]func(a, b uint64) uint64{
	packSSWB: func(a, b uint64) uint64 { return packWords(a, clampS8) | packWords(b, clampS8)<<32 },
	packUSWB: func(a, b uint64) uint64 { return packWords(a, clampU8) | packWords(b, clampU8)<<32 },
	packSSDW: func(a, b uint64) uint64 {
		return uint64(clampS16(int32(a))) | uint64(clampS16(int32(a>>32)))<<16 |
			uint64(clampS16(int32(b)))<<32 | uint64(clampS16(int32(b>>32)))<<48
	},
	packUSDW: func(a, b uint64) uint64 {
		return uint64(clampU16(int32(a))) | uint64(clampU16(int32(a>>32)))<<16 |
			uint64(clampU16(int32(b)))<<32 | uint64(clampU16(int32(b>>32)))<<48
	},
	packHAddW:  horizontal(func(x, y int32) uint16 { return uint16(x + y) }),
	packHAddSW: horizontal(func(x, y int32) uint16 { return clampS16(x + y) }),
	packHSubW:  horizontal(func(x, y int32) uint16 { return uint16(x - y) }),
	packHSubSW: horizontal(func(x, y int32) uint16 { return clampS16(x - y) }),
	packHAddD: func(a, b uint64) uint64 {
		return uint64(uint32(a)+uint32(a>>32)) | uint64(uint32(b)+uint32(b>>32))<<32
	},
	packHSubD: func(a, b uint64) uint64 {
		return uint64(uint32(a)-uint32(a>>32)) | uint64(uint32(b)-uint32(b>>32))<<32
	},
}

// horizontal applies f to neighbouring words.
func horizontal(f func(x, y int32) uint16) func(a, b uint64) uint64 {
	two := func(v uint64) uint64 {
		return uint64(f(int32(int16(v)), int32(int16(v>>16)))) | uint64(f(int32(int16(v>>32)), int32(int16(v>>48))))<<16
	}
	return func(a, b uint64) uint64 { return two(a) | two(b)<<32 }
}

func packWords(a uint64, clamp func(int32) uint8) (r uint64) {
	for i := 0; i < 4; i++ {
		r |= uint64(clamp(int32(int16(a>>(16*i))))) << (8 * i)
	}
	return r
}

// interleave gives elements of a and b in turn, a's first, each of 1<<width bytes.
func interleave(a, b uint32, width uint8) (r uint64) {
	n := 8 << width
	mask := uint64(1)<<n - 1
	for i := 0; i < 32; i += n {
		r |= uint64(a) >> i & mask << (2 * i)
		r |= uint64(b) >> i & mask << (2*i + n)
	}
	return r
}

// shuffleWords picks four words by two bits of imm each.
func shuffleWords(v uint64, imm uint32) (r uint64) {
	for i := 0; i < 4; i++ {
		r |= v >> (imm >> (2 * i) & 3 * 16) & 0xffff << (16 * i)
	}
	return r
}

// signMask8 gathers the top bits of eight bytes.
func signMask8(v uint64) uint32 {
	return uint32(v & top8 >> 7 * 0x0102040810204080 >> 56)
}
