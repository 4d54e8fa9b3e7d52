package x86

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSSE4AgainstHost executes each instruction of the maps 0F 38 and 0F 3A, and now and then what is none there because of its prefix.
func TestSSE4AgainstHost(t *testing.T) { workSSE4.Needed(t) }

func compareSSE4(t *testing.T) {
	r := hostRandom(t)
	var cases []hostCase
	forms := sse4Forms()
	for len(cases) < *hostCases {
		for _, f := range forms {
			if h, ok := f.randomCase(r); ok {
				cases = append(cases, h)
			}
		}
	}
	compareWithHost(t, familySSE, cases, func(*hostCase, *hostResult) uint16 { return 0 })
}

// sse4Form is an instruction of one of the maps.
type sse4Form struct {
	escape, prefix, opcode uint8
	sseForm
}

func sse4Forms() (l []sse4Form) {
	for escape, m := range map[uint8]*sseMap{0x38: sse38, 0x3a: sse3A} {
		for prefix, n := range mandatory {
			for opcode, f := range m[n] {
				if f.kind != 0 && f.kind != kINVPCID && f.kind != kWRSS {
					l = append(l, sse4Form{escape, prefix, uint8(opcode), f})
				}
			}
		}
	}
	slices.SortFunc(l, func(a, b sse4Form) int {
		return cmp.Or(cmp.Compare(a.escape, b.escape), cmp.Compare(a.opcode, b.opcode), cmp.Compare(a.prefix, b.prefix))
	})
	return l
}

// randomCase draws operands; it fails for those that use ESP, which the oracle needs for itself.
func (f *sse4Form) randomCase(r *rand.Rand) (h hostCase, ok bool) {
	prefix := f.prefix
	if r.IntN(50) == 0 && f.kind != kCRC32 { // MOVBE
		prefix = []uint8{0, 0x66, 0xf3, 0xf2}[r.IntN(4)]
	}
	if r.IntN(100) == 0 {
		h.code = append(h.code, 0xf0) // LOCK
	}
	if f.kind == kCRC32 && r.IntN(3) == 0 {
		h.code = append(h.code, 0x66)
	}
	if prefix != 0 {
		h.code = append(h.code, prefix)
	}
	modrm := uint8(r.Uint32())&0x38 | 0x45
	if r.IntN(2) == 0 {
		modrm = 0xc0 | uint8(r.Uint32())
		if modrm&7 == regESP && (f.kind == kSSEExtract || f.kind == kSSEInsert || f.kind == kCRC32) {
			return h, false
		}
	}
	if f.kind == kCRC32 && modrm>>3&7 == regESP {
		return h, false
	}
	h.code = append(h.code, 0x0f, f.escape, f.opcode, modrm)
	if modrm < 0xc0 {
		h.code = append(h.code, 0)
	}
	if f.form&formImm != 0 {
		imm := uint8(r.Uint32())
		if f.kind == kMMXAlign || f.kind == kSSEAlign {
			imm = uint8(r.IntN(40))
		}
		h.code = append(h.code, imm)
	}
	randomState(r, &h, 5)
	if r.IntN(8) == 0 {
		h.regs[regEBP] += uint32(r.IntN(16)) // not aligned
	}
	switch {
	case f.kind == kSSEString && r.IntN(8) != 0:
		randomText(r, &h)
	case f.kind == kSSETest:
		randomMasks(r, &h)
	}
	return h, true
}

// randomText fills registers and memory with strings over few letters, and EAX and EDX with lengths.
func randomText(r *rand.Rand, h *hostCase) {
	letters := []byte{0, 1, 2, 0x7f, 0x80, 0xff}
	letters = letters[r.IntN(2):][:2+r.IntN(4)]
	for i := range 128 {
		h.fx[160+i] = letters[r.IntN(len(letters))]
	}
	for i := range h.mem {
		h.mem[i] = letters[r.IntN(len(letters))]
	}
	copy(h.mem[r.IntN(32):], h.fx[160:160+r.IntN(16)])
	for _, n := range []int{regEAX, regEDX} {
		if r.IntN(8) != 0 {
			h.regs[n] = uint32(r.IntN(40) - 20)
		}
	}
}

// randomMasks makes some operands of PTEST zero, the same as others, or their complement.
func randomMasks(r *rand.Rand, h *hostCase) {
	for i := range 8 {
		v := h.fx[160+16*i:][:16]
		switch r.IntN(4) {
		case 0:
			clear(v)
		case 1:
			copy(v, h.fx[160+16*r.IntN(8):])
		case 2:
			copy(v, h.mem[:])
		case 3:
			binary.LittleEndian.PutUint64(v, ^binary.LittleEndian.Uint64(h.mem[:]))
			binary.LittleEndian.PutUint64(v[8:], ^binary.LittleEndian.Uint64(h.mem[8:]))
		}
	}
}
