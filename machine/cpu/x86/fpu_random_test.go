package x86

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// random80 draws an extended number: every class, and exponents near each other so that results are interesting.
func random80(r *rand.Rand) (sig uint64, se uint16) {
	sig = randomBits(r, 63) | 1<<63
	se = uint16(r.Uint32()) & 0x8000
	switch r.IntN(24) {
	case 0: // zero
		return 0, se
	case 1: // infinity
		return 1 << 63, se | 0x7fff
	case 2: // quiet NaN
		return sig | 3<<62, se | 0x7fff
	case 3: // signalling NaN
		return sig&^(1<<62) | 1, se | 0x7fff
	case 4: // denormal
		return sig &^ (1 << 63) >> r.IntN(63), se
	case 5: // pseudo-denormal
		return sig, se
	case 6: // unsupported
		return sig &^ (1 << 63), se | uint16(1+r.IntN(0x7fff))
	case 7: // smallest
		return sig, se | uint16(1+r.IntN(70))
	case 8: // largest
		return sig, se | uint16(0x7ffe-r.IntN(70))
	case 9:
		return sig, se | uint16(r.IntN(0x7ffe)+1)
	case 10: // overflows or underflows in binary32
		return sig, se | uint16(0x3fff+[]int{128, -127, -150}[r.IntN(3)]+r.IntN(5)-2)
	case 11: // and in binary64
		return sig, se | uint16(0x3fff+[]int{1024, -1023, -1075}[r.IntN(3)]+r.IntN(5)-2)
	case 12: // as the square root of the extremes
		return sig, se | uint16(0x3fff+[]int{8192, -8192}[r.IntN(2)]+r.IntN(70)-35)
	case 13, 14, 15: // an integer
		n := uint64(r.IntN(1 << 20))
		if r.IntN(2) == 0 {
			n = r.Uint64() >> r.IntN(64)
		}
		e := uint16(0x3fff + 63)
		for n>>63 == 0 && n != 0 {
			n <<= 1
			e--
		}
		if n == 0 {
			e = 0
		}
		return n, se | e
	case 16: // near the limits of integers
		return sig, se | uint16(0x3fff+[]int{14, 15, 16, 30, 31, 32, 58, 59, 60, 62, 63, 64}[r.IntN(12)])
	}
	return sig, se | uint16(0x3fff+r.IntN(80)-40)
}

// randomBits draws n bits: sparse, dense, or near a rounding position.
func randomBits(r *rand.Rand, n int) uint64 {
	mask := uint64(1)<<n - 1
	switch r.IntN(9) {
	case 0:
		return 0
	case 1:
		return mask
	case 2:
		return 1 << r.IntN(n)
	case 3:
		return mask &^ (1 << r.IntN(n))
	case 4:
		return mask << r.IntN(n) & mask
	case 5:
		return r.Uint64() & mask &^ (mask >> (1 + r.IntN(n)))
	case 6: // a tie, or nearly, when rounded to fewer bits
		k := r.IntN(n)
		return r.Uint64()&mask>>k<<k | 1<<k>>1 + uint64(r.IntN(3)) - 1&mask
	}
	return r.Uint64() & mask
}

func random64(r *rand.Rand) uint64 {
	v := randomBits(r, 52) | r.Uint64()&(1<<63)
	switch r.IntN(20) {
	case 0:
		return v & (1 << 63)
	case 1:
		return v&(1<<63) | 0x7ff<<52
	case 2:
		return v | 0x7ff8<<48
	case 3:
		return v&^(1<<51) | 0x7ff<<52 | 1
	case 4:
		return v
	case 5:
		return v &^ (0x7ff << 52) >> r.IntN(50)
	case 6:
		return v | uint64(1+r.IntN(60))<<52
	case 7:
		return v | uint64(0x7fe-r.IntN(60))<<52
	case 8:
		return v | uint64(r.IntN(0x7ff))<<52
	case 9:
		return v | uint64(0x3ff+[]int{128, -127, -149}[r.IntN(3)]+r.IntN(5)-2)<<52
	case 10:
		return v | uint64(0x3ff+[]int{30, 31, 32, 14, 62, 63}[r.IntN(6)])<<52
	case 11:
		return v | uint64(0x1ff+r.IntN(60)-30)<<52
	}
	return v | uint64(0x3ff+r.IntN(60)-30)<<52
}

func random32(r *rand.Rand) uint32 {
	v := uint32(randomBits(r, 23)) | r.Uint32()&(1<<31)
	switch r.IntN(20) {
	case 0:
		return v & (1 << 31)
	case 1:
		return v&(1<<31) | 0xff<<23
	case 2:
		return v | 0x7fc<<20
	case 3:
		return v&^(1<<22) | 0xff<<23 | 1
	case 4, 5:
		return v
	case 6:
		return v | uint32(1+r.IntN(28))<<23
	case 7:
		return v | uint32(0xfe-r.IntN(28))<<23
	case 8:
		return v | uint32(r.IntN(0xff))<<23
	case 9:
		return v | uint32(0x7f+[]int{30, 31, 32}[r.IntN(3)])<<23
	case 10:
		return v | uint32(0x3f+r.IntN(28)-14)<<23
	}
	return v | uint32(0x7f+r.IntN(28)-14)<<23
}

// randomVector fills 16 bytes with elements of one kind.
func randomVector(r *rand.Rand, p []byte) {
	switch r.IntN(4) {
	case 0:
		for i := 0; i < 16; i += 4 {
			binary.LittleEndian.PutUint32(p[i:], random32(r))
		}
	case 1:
		for i := 0; i < 16; i += 8 {
			binary.LittleEndian.PutUint64(p[i:], random64(r))
		}
	case 2: // small integers, as shift counts and for saturation
		for i := 0; i < 16; i += 2 {
			v := uint16(r.IntN(80))
			if r.IntN(3) == 0 {
				v = []uint16{0x7fff, 0x8000, 0xffff, 0x7f, 0x80, 0xff, 0x100, 0xff80, 0xff7f, 0}[r.IntN(10)]
			}
			binary.LittleEndian.PutUint16(p[i:], v)
		}
		if r.IntN(2) == 0 {
			binary.LittleEndian.PutUint64(p, uint64(r.IntN(80)))
		}
	default:
		binary.LittleEndian.PutUint64(p, r.Uint64())
		binary.LittleEndian.PutUint64(p[8:], r.Uint64())
	}
}

// randomState draws everything but the instruction. trapping says how often (in 16) exceptions may be unmasked.
func randomState(r *rand.Rand, h *hostCase, trapping int) {
	for i := range h.regs {
		h.regs[i] = r.Uint32()
	}
	h.regs[regEBP] = hostData + 16*uint32(r.IntN(4))
	h.regs[regEDI] = hostData + uint32(r.IntN(32))
	h.eflags = r.Uint32()&flagsArith | 0x202
	cw := uint16(0x7f | r.IntN(16)<<8)
	if r.IntN(3) == 0 {
		cw |= 3 << 8
	}
	if r.IntN(16) < trapping {
		cw &^= uint16(r.Uint32()) & 0x3f
	}
	sw := uint16(r.Uint32()) & (7<<11 | swCC)
	if r.IntN(4) == 0 {
		sw |= uint16(r.Uint32()) & 0x7f & (cw | 0x40)
	}
	if r.IntN(64) == 0 {
		sw |= uint16(r.Uint32()) & 0x7f
	}
	binary.LittleEndian.PutUint16(h.fx[0:], cw)
	binary.LittleEndian.PutUint16(h.fx[2:], sw)
	h.fx[4] = 0xff
	switch r.IntN(4) {
	case 0:
		h.fx[4] = uint8(r.Uint32())
	case 1, 2: // ST(7) empty, so that pushes are possible
		h.fx[4] &^= 1 << ((sw>>11 + 7) & 7)
	}
	mxcsr := uint32(0x1f80)
	switch r.IntN(4) {
	case 0:
		mxcsr |= r.Uint32() & 0xe07f
	case 1:
		mxcsr |= r.Uint32() & 0x603f
	}
	if r.IntN(16) < trapping {
		mxcsr &^= r.Uint32() & 0x1f80
	}
	binary.LittleEndian.PutUint32(h.fx[24:], mxcsr)
	for i := range 8 {
		sig, se := random80(r)
		binary.LittleEndian.PutUint64(h.fx[32+16*i:], sig)
		binary.LittleEndian.PutUint16(h.fx[40+16*i:], se)
		randomVector(r, h.fx[160+16*i:])
	}
	for i := 0; i < 64; i += 16 {
		switch r.IntN(4) {
		case 0:
			sig, se := random80(r)
			binary.LittleEndian.PutUint64(h.mem[i:], sig)
			binary.LittleEndian.PutUint16(h.mem[i+8:], se)
		case 1:
			binary.LittleEndian.PutUint64(h.mem[i:], 0x9999999999999999&r.Uint64())
			binary.LittleEndian.PutUint16(h.mem[i+8:], uint16(r.Uint32())&0x8099)
		default:
			randomVector(r, h.mem[i:])
		}
	}
	for i := 64; i < hostMem; i += 4 {
		binary.LittleEndian.PutUint32(h.mem[i:], r.Uint32())
	}
}

// transcendental says whether an x87 register form is one whose result is only near the exact one.
func transcendental(code []byte) bool {
	if code[0] != 0xd9 {
		return false
	}
	switch code[1] {
	case 0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff:
		return true
	}
	return false
}

func TestX87RegisterFormsAgainstHost(t *testing.T) { workX87Registers.Needed(t) }

func compareX87Registers(t *testing.T) {
	r := hostRandom(t)
	var cases []hostCase
	for len(cases) < *hostCases {
		h := hostCase{code: []byte{0xd8 + uint8(r.IntN(8)), 0xc0 + uint8(r.IntN(64))}}
		if transcendental(h.code) {
			continue
		}
		randomState(r, &h, 6)
		cases = append(cases, h)
	}
	compareWithHost(t, familyX87, cases, undefinedX87)
}

func undefinedX87(h *hostCase, _ *hostResult) uint16 { return 0 }

func TestX87MemoryFormsAgainstHost(t *testing.T) { workX87Memory.Needed(t) }

func compareX87Memory(t *testing.T) {
	r := hostRandom(t)
	var cases []hostCase
	for len(cases) < *hostCases {
		// ModRM with EBP and an 8-bit displacement of 0.
		esc, reg := 0xd8+uint8(r.IntN(8)), uint8(r.IntN(8))
		h := hostCase{code: []byte{esc, 0x45 | reg<<3, 0}}
		if r.IntN(8) == 0 { // 16-bit environments
			h.code = append([]byte{0x66}, h.code...)
		}
		randomState(r, &h, 6)
		binary.LittleEndian.PutUint16(h.fx[6:], uint16(r.Uint32())&0x7ff)
		binary.LittleEndian.PutUint32(h.fx[8:], r.Uint32())
		binary.LittleEndian.PutUint32(h.fx[16:], r.Uint32())
		cases = append(cases, h)
	}
	compareWithHost(t, familyX87, cases, undefinedX87)
}

// mandatory numbers the mandatory prefixes as sseMap does.
var mandatory = map[uint8]int{0: np, 0x66: p66, 0xf3: pF3, 0xf2: pF2}

// sseOpcodes are the opcodes 0F xx that decodeSSE sees.
func sseOpcodes() []uint8 {
	var l []uint8
	for b := 0x10; b < 0x100; b++ {
		switch {
		case b <= 0x17, b >= 0x28 && b <= 0x2f, b >= 0x50 && b <= 0x7f, b == 0xae, b == 0xc2, b >= 0xc3 && b <= 0xc6, b >= 0xd0:
			l = append(l, uint8(b))
		}
	}
	return l
}

// later says whether a form is an instruction of the host that our processor lacks.
func later(prefix, opcode, modrm uint8) bool {
	switch opcode {
	case 0x78, 0x79: // VMX, SSE4A
		return true
	case 0x2b: // MOVNTSS, MOVNTSD of SSE4A
		return prefix == 0xf3 || prefix == 0xf2
	case 0xae:
		return prefix != 0 || modrm < 0xc0 && modrm>>3&7 >= 4 && modrm>>3&7 <= 6 // XSAVE and others
	case 0xff: // UD0: how much of it is fetched differs
		return true
	}
	return false
}

func TestSSEAgainstHost(t *testing.T) { workSSE.Needed(t) }

func compareSSE(t *testing.T) {
	r := hostRandom(t)
	opcodes := sseOpcodes()
	var cases []hostCase
	for len(cases) < *hostCases {
		prefix := []uint8{0, 0x66, 0xf3, 0xf2}[r.IntN(4)]
		opcode := opcodes[r.IntN(len(opcodes))]
		modrm := uint8(r.Uint32())
		rare := r.IntN(50)
		switch rare { // one opcode of several kinds
		case 0:
			prefix, opcode = 0, 0xae
		case 1:
			prefix, opcode, modrm = 0x66, 0x73, modrm|0x18
		}
		switch {
		case rare == 0 && r.IntN(4) == 0, rare == 1,
			opcode == 0xf7 || r.IntN(2) == 0:
			modrm |= 0xc0
		default:
			modrm = modrm&0x38 | 0x45
		}
		if later(prefix, opcode, modrm) || usesESP(prefix, opcode, modrm) || opcode == 0x52 || opcode == 0x53 {
			continue
		}
		var code []byte
		if prefix != 0 {
			code = append(code, prefix)
		}
		code = append(code, 0x0f, opcode)
		f := sseForms[mandatory[prefix]][opcode]
		if f.kind == 0 && !(opcode >= 0x71 && opcode <= 0x73) && opcode != 0xae && r.IntN(20) != 0 {
			continue
		}
		if f.form&formNoRM == 0 {
			code = append(code, modrm)
			if modrm < 0xc0 {
				code = append(code, 0)
			}
		}
		if f.form&formImm != 0 || opcode >= 0x71 && opcode <= 0x73 {
			imm := uint8(r.Uint32())
			if r.IntN(2) == 0 {
				imm = uint8(r.IntN(70))
			}
			code = append(code, imm)
		}
		h := hostCase{code: code}
		randomState(r, &h, 5)
		if r.IntN(8) == 0 {
			h.regs[regEBP] += uint32(r.IntN(16)) // not aligned
		}
		if opcode == 0xae && r.IntN(8) == 0 || rare == 0 {
			h.regs[regEBP] = hostData
		}
		if rare == 0 && r.IntN(4) != 0 { // no reserved bits in MXCSR, by FXRSTOR or LDMXCSR
			clear(h.mem[26:28])
			clear(h.mem[2:4])
		}
		cases = append(cases, h)
	}
	compareWithHost(t, familySSE, cases, func(*hostCase, *hostResult) uint16 { return 0 })
}

// usesESP says whether a form may have ESP as an operand, which the oracle needs for itself.
func usesESP(prefix, opcode, modrm uint8) bool {
	switch opcode {
	case 0x2c, 0x2d:
		return prefix >= 0xf2 && modrm>>3&7 == regESP
	case 0x50, 0xc5, 0xd7, 0xc3:
		return modrm>>3&7 == regESP
	case 0x2a:
		return prefix >= 0xf2 && modrm&7 == regESP
	case 0x6e, 0x7e, 0xc4:
		return modrm&7 == regESP
	}
	return false
}

// TestSequencesAgainstHost is where what one instruction leaves behind meets the next: sticky flags, pending exceptions, MMX after x87.
func TestSequencesAgainstHost(t *testing.T) { workMix.Needed(t) }

func compareMix(t *testing.T) {
	r := hostRandom(t)
	lanes := make([]uint8, 0, len(laneOpcodes))
	for opcode := 0; opcode < 256; opcode++ {
		if _, ok := laneOpcodes[uint8(opcode)]; ok {
			lanes = append(lanes, uint8(opcode))
		}
	}
	arith := []uint8{0x51, 0x58, 0x59, 0x5c, 0x5d, 0x5e, 0x5f, 0x5a}
	var cases []hostCase
	for len(cases) < *hostCases/2 {
		var h hostCase
		for len(h.code) < 36 {
			modrm := uint8(r.Uint32())
			switch r.IntN(10) {
			case 0, 1, 2, 3:
				one := []byte{0xd8 + uint8(r.IntN(8)), 0xc0 | modrm}
				if !transcendental(one) {
					h.code = append(h.code, one...)
				}
			case 4, 5:
				esc, reg := 0xd8+uint8(r.IntN(8)), modrm>>3&7
				environment := (esc == 0xd9 || esc == 0xdd) && (reg == 4 || reg == 6) // has FOP and FDP
				if !environment {
					h.code = append(h.code, esc, 0x45|reg<<3, modrm&0x30)
				}
			case 6, 7:
				if prefix := []uint8{0, 0x66, 0xf3, 0xf2}[r.IntN(4)]; prefix != 0 {
					h.code = append(h.code, prefix)
				}
				h.code = append(h.code, 0x0f, arith[r.IntN(len(arith))], 0xc0|modrm)
			case 8:
				h.code = append(h.code, 0x0f, lanes[r.IntN(len(lanes))], 0xc0|modrm)
			case 9:
				h.code = append(h.code, [][]byte{{0x0f, 0x77}, {0x9b}, {0xdb, 0xe2}, {0xd9, 0xd0}}[r.IntN(4)]...)
			}
		}
		randomState(r, &h, 4)
		h.mem = withControlWords(r, h.mem)
		cases = append(cases, h)
	}
	compareWithHost(t, familyMix, cases, undefinedX87)
}

// withControlWords makes some of the memory that a random FLDCW may load mask most exceptions.
func withControlWords(r *rand.Rand, m [hostMem]byte) [hostMem]byte {
	for i := 0; i < 64; i += 16 {
		if r.IntN(3) == 0 {
			binary.LittleEndian.PutUint16(m[i:], 0x7f|uint16(r.IntN(16))<<8)
		}
	}
	return m
}
