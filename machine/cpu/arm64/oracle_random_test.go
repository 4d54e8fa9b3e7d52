package arm64

import (
	"encoding/binary"
	"math/bits"
	"math/rand"
	"strings"
	"testing"
)

// interesting64 are operands at which integer and floating-point instructions turn corners.
var interesting64 = []uint64{
	0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000,
	0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 1<<63 - 1, 1 << 63, ^uint64(0), ^uint64(0) - 1,
	0x3ff0000000000000, 0xbff0000000000000, 0x4000000000000000, 0x7ff0000000000000, 0xfff0000000000000, // 1 -1 2 inf -inf
	0x7ff8000000000000, 0x7ff0000000000001, 0xfff8000000000123, 0xfff4000000000001, // NaNs
	1, 0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff, 0x8000000000000001, // denormals and bounds
	0x3fe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0xbfe0000000000000, 0x41dfffffffc00000, 0x43e0000000000000, // halves, 2^31-1, 2^63
	0x3f8000003f800000, 0x7f8000007fc00000, 0xff8000007f800001, 0x0000000180000000, 0x007fffff00800000, 0x7f7fffffff7fffff, // pairs of singles
	0x3f000000bf000000, 0x3fc0000040200000, 0x4f0000004effffff, 0x5f0000005effffff, 0xcf00000040000000,
	0x3c007c0001fffbff, 0x7e007d0003ff0400, 0x80000001fc008400, // halves
}

func randomWord(r *rand.Rand) uint64 {
	switch r.Intn(5) {
	case 0:
		return r.Uint64()
	case 1:
		return r.Uint64() >> r.Intn(64)
	case 2:
		return bits.RotateLeft64(^uint64(0)>>r.Intn(64), r.Intn(64))
	case 3: // floating-point numbers of similar size
		return uint64(r.Intn(2))<<63 | uint64(1023-60+r.Intn(120))<<52 | r.Uint64()>>(12+r.Intn(52))
	}
	return interesting64[r.Intn(len(interesting64))]
}

func randomVector(r *rand.Rand) (v vreg) {
	for i := range v {
		switch r.Intn(4) {
		case 0, 1:
			v[i] = randomWord(r)
		case 2: // two singles of similar size
			for h := range 2 {
				v[i] |= (uint64(r.Intn(2))<<31 | uint64(127-30+r.Intn(60))<<23 | uint64(r.Uint32()>>(9+r.Intn(23)))) << (32 * h)
			}
		case 3: // small lanes
			v[i] = r.Uint64() & 0x8103810381038103
		}
	}
	return v
}

func randomState(r *rand.Rand) (s userState) {
	for i := range s.x {
		s.x[i] = randomWord(r)
	}
	s.sp = oracleWindow + 256
	s.nzcv = uint64(r.Intn(16)) << 28
	for i := range s.v {
		s.v[i] = randomVector(r)
	}
	if r.Intn(2) == 0 {
		s.fpcr = uint64(r.Intn(4))<<22 | uint64(r.Intn(4)/3)*fpcrFZ16
		if r.Intn(3) == 0 {
			s.fpcr |= uint64(r.Intn(8)) << 24 // FZ DN AHP
		}
	}
	if r.Intn(2) == 0 {
		s.fpsr = uint64(r.Intn(32)) | uint64(r.Intn(2))<<7 | uint64(r.Intn(2))<<27
	}
	r.Read(s.window[:])
	return s
}

// randomOf gives an encoding of row i, with registers close together so that they meet.
func randomOf(r *rand.Rand, i int) (w uint32, ok bool) {
	for range 200 {
		w = rows[i].value | r.Uint32()&^rows[i].mask
		if findRow(w) == i {
			return w, true
		}
	}
	return 0, false
}

// inFamily says whether row i belongs to one of the families.
func rowsOf(families ...[]row) []int {
	var out []int
	base := 0
	for i := range rows {
		for _, f := range families {
			for j := range f {
				if f[j].name == rows[i].name && f[j].pattern == rows[i].pattern {
					out = append(out, base+i)
				}
			}
		}
	}
	return out
}

// TestOracleData compares every data-processing row, one instruction at a time, with random operands.
func TestOracleData(t *testing.T) { workData.Needed(t) }

func compareData(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for _, i := range rowsOf(rowsImmediate, rowsRegister, rowsFP, rowsSIMDSame, rowsSIMDMisc, rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed,
		rowsSIMDExtension, rowsCrypto, halfRows()) {
		for range *oracleCases {
			w, ok := randomOf(r, i)
			if !ok {
				t.Errorf("%s: no valid encoding found", rows[i].name)
				break
			}
			cases = append(cases, oracleCase{rows[i].name, []uint32{w}, randomState(r)})
		}
	}
	compare(t, cases)
}

// TestOracleSequences compares sequences of register-only instructions, so that lazily kept flags and joined
// instructions meet everything that can follow them.
func TestOracleSequences(t *testing.T) { workSequences.Needed(t) }

func compareSequences(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	all := rowsOf(rowsImmediate, rowsRegister)
	vector := rowsOf(rowsFP, rowsSIMDSame, rowsSIMDMisc, rowsSIMDMove, rowsSIMDShift, rowsSIMDWide, rowsSIMDIndexed,
		rowsSIMDExtension, rowsCrypto, halfRows())
	var cases []oracleCase
	for range 30 * *oracleCases {
		var words []uint32
		for len(words) < 24 {
			from := all
			if len(vector) > 0 && r.Intn(4) == 0 {
				from = vector
			}
			w, ok := randomOf(r, from[r.Intn(len(from))])
			if r.Intn(6) == 0 { // a conditional branch over the next instruction
				w, ok = 0x54000040|uint32(r.Intn(14)), true
			}
			if ok && w&31 != 31 { // SP stays where it is
				words = append(words, w)
			}
		}
		words = append(words, 0xd503201f, 0xd503201f)
		cases = append(cases, oracleCase{"sequence", words, randomState(r)})
	}
	compare(t, cases)
}

// memoryCase gives an instruction of a memory row with registers such that it accesses the window. ok is false for
// encodings whose result is unpredictable.
func memoryCase(r *rand.Rand, w uint32, s *userState) bool {
	rn, rt, rt2, rm := w>>5&31, w&31, w>>10&31, w>>16&31
	simd := w>>26&1 != 0
	target := uint64(oracleWindow + 64 + r.Intn(windowBytes-128-64))
	if r.Intn(3) == 0 {
		target = oracleWindow + 256 - uint64(r.Intn(40)) // across the page border
	}
	offset := uint64(0)
	switch {
	case w>>24&0x3f == 0x18 || w>>24&0x3f == 0x1c: // literal
		return w>>5&0x7ffff < 30
	case w>>27&7 == 5: // pair
		size := uint(2 + w>>31)
		if simd {
			size = uint(2 + w>>30)
		} else if w>>30 == 1 {
			size = 2
		}
		if w>>23&3 != 1 {
			offset = signed(uint64(w>>15&0x7f), 7) << size
		}
		if w>>22&1 != 0 && rt == rt2 || !simd && w>>23&1 != 0 && rn != 31 && (rt == rn || rt2 == rn) {
			return false
		}
	case w>>24&0x3f == 8: // exclusive and ordered
		target &^= 15
		if atomicRow(w) {
			if rm == rn { // an operand that is the address
				return false
			}
			if rm != 31 && r.Intn(2) == 0 { // a comparison that succeeds
				size := uint(w >> 30)
				if w>>23&1 == 0 {
					size += 2
				}
				old := s.window[target-oracleWindow:]
				s.x[rm] = laneCut(size, binary.LittleEndian.Uint64(old))
				if w>>23&1 == 0 && rm < 30 {
					if rm+1 == rn {
						return false
					}
					s.x[rm+1] = laneCut(size, binary.LittleEndian.Uint64(old[1<<size:]))
				}
			}
			break
		}
		if w>>23&1 == 0 && (w>>22&1 == 0 && (rm == rt || rm == rn || rm == rt2 && w>>21&1 != 0) || w>>22&1 != 0 && rt == rt2) {
			return false
		}
	case w>>24&0x3e == 0xc: // structures
	case w>>24&1 != 0:
		offset = uint64(w>>10&0xfff) << sizeOf(w)
	case w>>21&1 != 0 && w>>10&3 == 0: // atomic
		if r.Intn(8) != 0 || w>>12&15 == 12 { // the reference lets a misaligned LDAPR pass
			target &^= 7
		}
		if rm == rn {
			return false
		}
	case w>>21&1 != 0: // register offset
		if rm == rn {
			return false
		}
		m := uint64(0)
		if rm != 31 {
			s.x[rm] = signed(r.Uint64()&0x1ff, 9)
			m = extend(s.x[rm], w>>13&7)
		}
		if w>>12&1 != 0 {
			m <<= sizeOf(w)
		}
		offset = m
	default:
		if w>>10&3 != 1 {
			offset = signed(uint64(w>>12&0x1ff), 9)
		}
		if !simd && w>>10&1 != 0 && rt == rn && rn != 31 {
			return false
		}
	}
	if rn == 31 {
		s.sp = target - offset
	} else {
		s.x[rn] = target - offset
	}
	return true
}

// atomicRow says whether w is CAS or CASP.
func atomicRow(w uint32) bool { return w>>21&1 != 0 && w>>10&31 == 31 && (w>>23&1 != 0 || w>>31 == 0) }

// TestOracleMemory compares every load and store, aligned or not, within a page and across pages.
func TestOracleMemory(t *testing.T) { workMemory.Needed(t) }

func compareMemory(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for _, i := range rowsOf(rowsMemory, rowsSIMDMemory, rowsAtomic) {
		for n := 0; n < 3**oracleCases; {
			w, _ := randomOf(r, i)
			if strings.Contains(rows[i].name, "literal") {
				w = w&^(0x7ffff<<5) | uint32(3+r.Intn(20))<<5
			}
			s := randomState(r)
			if !memoryCase(r, w, &s) {
				continue
			}
			n++
			words := []uint32{w}
			if n%3 == 0 && w&31 != w>>16&31 && w&31 != w>>5&31 && w>>10&31 != w>>5&31 && w>>5&31 != 31 && w>>24&0x3f != 8 && w>>24&0x3e != 0xc { // again, when the TLB knows the page
				words = append(words, w)
			}
			cases = append(cases, oracleCase{rows[i].name, words, s})
		}
	}
	compare(t, cases)
}

// notYet are extensions of the reference processor that this CPU does not announce.
var notYet = []struct{ mask, value uint32 }{
	{0x3fa08000, 0x08800000}, // LDLAR, STLLR of FEAT_LOR
	// Bit 22 of the pairs of a scalar and of the reductions, which the reference ignores for halves.
	{0xff7f0c00, 0x5e700800}, {0xbf7f0c00, 0x0e700800},
	{0xbff8fc00, 0x2f00fc00}, // FMOV of half precision with op set, likewise
}

// TestOracleAllocation compares which words are instructions at all.
func TestOracleAllocation(t *testing.T) { workAllocation.Needed(t) }

func compareAllocation(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	system := rowsOf(rowsBranch, rowsSystem)
	skip := map[int]bool{}
	for _, i := range system {
		skip[i] = true
	}
	var cases []oracleCase
next:
	for len(cases) < 300**oracleCases {
		w := r.Uint32()
		if r.Intn(2) == 0 { // nearly an instruction
			i := r.Intn(len(rows))
			w = rows[i].value | w&^rows[i].mask ^ 1<<r.Intn(32)
		}
		switch {
		case w>>24 == 0xd4 || w>>24 == 0xd5 || skip[findRow(w)]:
			continue
		case w>>25&0x7f == 0x6b: // branches to registers, and returns from exceptions
			continue
		}
		if (w&0x9f7e0c00 == 0x0e780800 || w&0xdf7e0c00 == 0x5e780800) && findRow(w) < 0 {
			continue // the reference aborts on some of these
		}
		for _, n := range notYet {
			if w&n.mask == n.value {
				continue next
			}
		}
		s := randomState(r)
		for i := range s.x { // loads and stores fault: above the user half
			s.x[i] = 1<<62 | s.x[i]>>2
		}
		s.sp = 1 << 60
		cases = append(cases, oracleCase{"word", []uint32{w}, s})
	}
	differ := 0
	for first := 0; first < len(cases); first += batchCases {
		batch := cases[first:min(first+batchCases, len(cases))]
		want := runOracle(t, batch)
		for i := range batch {
			w := batch[i].words[0]
			row := findRow(w)
			if exists := want[i].signal != 4; exists != (row >= 0) {
				if differ++; differ < 20 {
					t.Errorf("%08x: the reference has it: %v; our row is %d", w, exists, row)
				}
			}
		}
	}
	t.Logf("%d words, %d differ", len(cases), differ)
}

// TestOracleBranches compares every kind of branch, taken and not.
func TestOracleBranches(t *testing.T) { workBranches.Needed(t) }

func compareBranches(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	const (
		movz  = 0xd2800000
		plus3 = 3 << 5
	)
	mov := func(rd, v uint32) uint32 { return movz | v<<5 | rd }
	var cases []oracleCase
	for range 10 * *oracleCases {
		rt := uint32(r.Intn(29))
		s := randomState(r)
		if r.Intn(2) == 0 {
			s.x[rt] = uint64(r.Intn(2)) << r.Intn(64)
		}
		f := uint32(r.Intn(2)) << 31
		for _, w := range []uint32{
			0x14000003, 0x94000003, // B, BL
			0x54000000 | plus3 | uint32(r.Intn(16)),                  // B.cond
			0x34000000 | f | plus3 | rt, 0x35000000 | f | plus3 | rt, // CBZ, CBNZ
			0x36000000 | f | uint32(r.Intn(32))<<19 | plus3 | rt, 0x37000000 | f | uint32(r.Intn(32))<<19 | plus3 | rt,
		} {
			cases = append(cases, oracleCase{"branch", []uint32{w, mov(1, 11), mov(2, 22), mov(3, 33)}, s})
		}
		for _, w := range []uint32{0xd61f0000, 0xd63f0000, 0xd65f0000} { // BR, BLR, RET
			target := 0x10000000 | 4<<5 | rt // adr rt, the fifth word
			cases = append(cases, oracleCase{"register branch", []uint32{target, w | rt<<5, mov(1, 11), mov(2, 22), mov(3, 33)}, s})
		}
		// Backwards: a loop that counts rt down from a few.
		loop := []uint32{mov(rt, uint32(1+r.Intn(5))), 0x8b000000 | rt<<16 | 29<<5 | 29, 0xf1000400 | rt<<5 | rt, 0x54ffffc1}
		cases = append(cases, oracleCase{"loop", loop, s})
	}
	compare(t, cases)
}

// TestOracleCommon compares what compilers write most and random words seldom are: register operands without a shift, moves, and
// every comparison followed by every conditional branch, with operands that are often equal or next to each other.
func TestOracleCommon(t *testing.T) { workCommon.Needed(t) }

func compareCommon(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for range 4 * *oracleCases {
		s := randomState(r)
		s.x[2] = s.x[1]
		switch r.Intn(4) {
		case 0:
			s.x[2]++
		case 1:
			s.x[2] = s.x[1] ^ 1<<63
		case 2:
			s.x[2] = s.x[1]&^0xffffffff | s.x[3]
		}
		if r.Intn(2) == 0 {
			s.x[1], s.x[2] = s.x[2], s.x[1]
		}
		if r.Intn(2) == 0 {
			s.x[1] = uint64(r.Intn(4))
		}
		wide := uint32(r.Intn(2)) << 31
		registers := uint32(2<<16 | 1<<5)
		for _, w := range []uint32{0x0b000000, 0x2b000000, 0x4b000000, 0x6b000000, 0x0a000000, 0x2a000000, 0x4a000000, 0x6a000000,
			0x0a200000, 0x2a200000, 0x2a0003e0 &^ registers, 0x2a0003e0} {
			// The result, and the flags it may have left: CSET X9, cond.
			w |= wide | 2<<16 | 4
			if w&0x3e0 == 0 {
				w |= registers
			}
			cases = append(cases, oracleCase{"common", []uint32{w, 0x9a9f07e0 | uint32(r.Intn(14))<<12 | 9}, s})
		}
		for cond := range uint32(14) {
			for _, w := range []uint32{0x6b00001f | registers, 0x7100001f | 1<<5 | uint32(r.Intn(4))<<10, 0x2b00001f | registers, 0x6a00001f | registers} {
				cases = append(cases, oracleCase{"compare and branch", []uint32{w | wide, 0x54000040 | cond, 0xd2800160 | 3, 0xd28002c0 | 4}, s})
			}
		}
	}
	compare(t, cases)
}

// found are encodings that some version of this CPU got wrong: each is compared for ever, with many operands.
var found = []struct {
	name  string
	words []uint32
}{
	{"SHA1C, SHA1P and SHA1M had a row that was one bit off and took SHA256SU1's place", []uint32{0x5e044223, 0x5e0b42a5, 0x5e134224, 0x5e041041, 0x5e042041, 0x5e066041}},
	{"FCVTZS of a half to a fixed-point number saturates to 16 bits", []uint32{0x5f18fed9, 0x5f19ffac, 0x5f1cffdc}},
	{"CASP of words and of doublewords with the pair (X30, XZR)", []uint32{0x083e7c20, 0x483e7c3e}},
	{"SQRDMLAH and SQRDMLSH of the least words: the sum needs 65 bits before it is halved", []uint32{0x6e828420, 0x6e828c20, 0x7e828420}},
}

func TestOracleFound(t *testing.T) { workFound.Needed(t) }

func compareFound(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for _, f := range found {
		for _, w := range f.words {
			for range 2 * *oracleCases {
				s := randomState(r)
				s.x[1] = oracleWindow + 128
				if r.Intn(2) == 0 {
					s.v[0], s.v[1], s.v[2] = vreg{0x8000000080000000, 0x7fffffff80000000}, vreg{0x8000000080000000, 0x8000000080000000}, vreg{0x8000000080000000, 0x800000007fffffff}
				}
				cases = append(cases, oracleCase{f.name, []uint32{w}, s})
			}
		}
	}
	compare(t, cases)
}

// TestOracleExclusive compares pairs of exclusive accesses, with and without a CLREX, and to another address.
func TestOracleExclusive(t *testing.T) { workExclusive.Needed(t) }

func compareExclusive(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for range 10 * *oracleCases {
		s := randomState(r)
		size := uint32(r.Intn(4))
		pair := uint32(0)
		if size >= 2 {
			pair = uint32(r.Intn(2)) << 21
		}
		order := uint32(r.Intn(2)) << 15
		s.x[1] = oracleWindow + uint64(16*(1+r.Intn(20)))
		s.x[2] = s.x[1]
		words := []uint32{size<<30 | 0x085f7c00 | pair | order | 1<<5 | 5} // LDXR or LDXP x5, x6, [x1]
		if pair != 0 {
			words[0] = words[0]&^(31<<10) | 6<<10
		}
		switch r.Intn(4) {
		case 0:
			words = append(words, 0xd503305f) // CLREX
		case 1:
			s.x[2] += 128
		}
		store := size<<30 | 0x08007c00 | pair | order | 9<<16 | 2<<5 | 7 // STXR w9, x7, [x2]
		if pair != 0 {
			store = store&^(31<<10) | 8<<10
		}
		words = append(words, store, store&^(31<<16)|10<<16) // the second always fails
		cases = append(cases, oracleCase{"exclusive", words, s})
	}
	compare(t, cases)
}

// TestOracleUserRegisters compares the system registers of EL0 that do not differ between processors.
func TestOracleUserRegisters(t *testing.T) { workUserRegisters.Needed(t) }

func compareUserRegisters(t *testing.T) {
	r := oracleRand(t)
	buildIndex()
	var cases []oracleCase
	for range 5 * *oracleCases {
		for _, reg := range []uint32{0x1a10, 0x1a20, 0x1a21, 0x1e82} { // NZCV FPCR FPSR TPIDR_EL0: op0 to op2 above Rt
			s := randomState(r)
			if reg == 0x1a20 {
				s.x[3] &= fpcrMask
			}
			if reg == 0x1a21 {
				s.x[3] &= fpsrMask
			}
			cases = append(cases, oracleCase{"MSR and MRS",
				[]uint32{0xd5100000 | (reg|0x4000)<<5 | 3, 0xd5300000 | (reg|0x4000)<<5 | 4}, s})
		}
	}
	compare(t, cases)
}
