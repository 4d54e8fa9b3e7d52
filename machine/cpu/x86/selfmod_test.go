package x86

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/cpu/code"
)

// forgetCode drops all that is decoded.
func (m *machine) forgetCode() {
	for pa := uint64(0); pa < m.ram.Size(); pa += 0x1000 {
		m.ram.ClearCode(pa)
	}
	m.c.code = code.New[block, *block](m.ram, codeMost, m.c.codeOwner())
	m.c.newEpochs()
}

// sameByOnes runs what start sets up for n instructions twice, in slices that rng cuts and one by one with nothing decoded before each, and
// compares every bit of the two states.
func sameByOnes(t *testing.T, what string, size uint64, n uint64, rng *rand.Rand, start func(m *machine)) {
	t.Helper()
	var digests, ends [2]string
	for i := range 2 {
		m := newMachine(t, size)
		m.bus.onMMIO = func(pa uint64, size int, v uint64, write bool) uint64 { return pa * 0x9e3779b97f4a7c15 }
		start(m)
		for m.clk.Retired < n {
			step := uint64(1)
			if i == 0 {
				step = rng.Uint64N(200) + 1
			} else {
				m.forgetCode()
			}
			if e := m.upTo(min(n, m.clk.Retired+step)); e.Reason != cpu.Limit {
				ends[i] = fmt.Sprint(e.Reason)
				break
			}
		}
		digests[i], ends[i] = m.digest(), fmt.Sprintf("%s at %#x after %d", ends[i], m.c.PC(), m.clk.Retired)
		m.ram.Close()
	}
	if digests[0] != digests[1] {
		t.Fatalf("%s: ends in slices %s, %s; one by one %s, %s", what, ends[0], digests[0], ends[1], digests[1])
	}
}

// TestWhatIsDecodedIsNoState: random code in every mode, that writes over itself and its page tables, does the same whatever is decoded when.
func TestWhatIsDecodedIsNoState(t *testing.T) {
	for round := range uint64(300) {
		rng := rand.New(rand.NewPCG(*seedFlag, round))
		sameByOnes(t, fmt.Sprintf("seed %d round %d", *seedFlag, round), 64<<12, 300, rng, func(m *machine) {
			randomMachine(m, rand.New(rand.NewPCG(*seedFlag, round)))
		})
	}
}

// patchProgram makes a loop at org whose instructions write to each other, mostly to operands: some at every turn, some now and then.
func patchProgram(rng *rand.Rand, org uint32) []byte {
	var code []byte
	var operands []uint32 // places to write to
	u32 := binary.LittleEndian.AppendUint32
	for range 6 + rng.IntN(30) {
		at := org + uint32(len(code))
		target := org + rng.Uint32N(250)
		if len(operands) > 0 && rng.IntN(8) != 0 {
			target = operands[rng.IntN(len(operands))]
		}
		switch rng.IntN(12) {
		case 0, 1: // mov byte [target], imm8
			code = append(u32(append(code, 0xc6, 0x05), target), byte(0x40+rng.IntN(16)))
			operands = append(operands, at+6)
		case 2: // inc byte [target]
			code = u32(append(code, 0xfe, 0x05), target)
		case 3: // mov [target], edx
			code = u32(append(code, 0x89, 0x15), target)
		case 4: // add [target], dx
			code = u32(append(code, 0x66, 0x01, 0x15), target)
		case 5: // mov edi, target; mov esi, org; mov ecx, n; rep movsb: also over themselves
			from := org + rng.Uint32N(uint32(len(code)+1))
			code = u32(append(u32(append(u32(append(code, 0xbf), target), 0xbe), from), 0xb9), uint32(rng.IntN(6)))
			code = append(code, 0xf3, 0xa4)
		case 6, 7: // add eax, imm32
			code = u32(append(code, 0x05), rng.Uint32())
			operands = append(operands, at+1, at+2)
		case 8: // mov edx, imm32
			code = u32(append(code, 0xba), 0x90424140)
			operands = append(operands, at+1, at+4)
		case 9: // test edx, imm32; jz over the next
			code = append(u32(append(code, 0xf7, 0xc2), 1<<rng.IntN(32)), 0x74, 1, 0x43)
			operands = append(operands, at+2)
		case 10: // rol edx, imm8
			code = append(code, 0xc1, 0xc2, byte(rng.IntN(32)))
			operands = append(operands, at+2)
		default: // inc edx; xor eax, edx
			code = append(code, 0x42, 0x31, 0xd0)
			operands = append(operands, at)
		}
	}
	return u32(append(code, 0xe9), -uint32(len(code)+5))
}

// TestPatchedCode: programs that change themselves, also across a page border, do the same in any slices as one by one with nothing kept.
func TestPatchedCode(t *testing.T) {
	for round := range uint64(400) {
		rng := rand.New(rand.NewPCG(*seedFlag, round))
		org := testOrg + []uint32{0, 0x800, 0xfc0, 0xf80}[rng.IntN(4)] + rng.Uint32N(32)
		program := patchProgram(rng, org)
		sameByOnes(t, fmt.Sprintf("seed %d round %d", *seedFlag, round), 2<<20, 1500, rng, func(m *machine) {
			m.write(org, program)
			m.c.SetProtectedFlat(Entry{EIP: org, ESP: 0x90000})
		})
	}
}

// TestSpacesShareCode: code that two page-table roots map, at different addresses too, is decoded once.
func TestSpacesShareCode(t *testing.T) {
	m := newTLBMachine(t, false, true)
	const frame = tlbFrames // A's first; B gets it as its second
	m.write32(tlbSpaceB+0x1000+4, frame|ptePresent|pteWrite)
	for range 3 {
		m.do(snippetCR3, tlbSpaceA, 0)
		a := m.do(snippetCall, 0, tlbPages)
		m.do(snippetCR3, tlbSpaceB, 0)
		if b := m.do(snippetCall, 0, tlbPages+0x1000); a != 'a' || b != 'a' {
			t.Fatalf("the calls gave %q and %q", rune(a), rune(b))
		}
	}
	n := 0
	for b := m.c.code.At(frame).First(frame); b != nil; b = b.Next() {
		n++
	}
	if n != 1 {
		t.Errorf("%d blocks were decoded of one function", n)
	}
}

// TestPatchingIsCheap: of a loop that changes one of its instructions at each turn, the others stay decoded.
func TestPatchingIsCheap(t *testing.T) {
	m := newMachine(t, 4<<20)
	m.start(buildBench(t, "-O2", patchLoop+"patch + 2\n", ""))
	m.upTo(1000)
	before := m.c.code.Bytes()
	at := m.c.code.At(testOrg)
	var kept []*block
	for _, first := range at.Slots {
		for b := first; b != nil; b = b.Next() {
			kept = append(kept, b)
		}
	}
	allocations := testing.AllocsPerRun(10, func() { m.upTo(m.clk.Retired + 6000) })
	for _, b := range kept {
		if !b.Kept() {
			t.Errorf("the block at +%#x was dropped", b.Off)
		}
	}
	if len(kept) == 0 || m.c.code.Bytes() > before+1000 || allocations > 5 {
		t.Errorf("%d blocks, %d bytes before and %d after, %v allocations in 1000 turns", len(kept), before, m.c.code.Bytes(), allocations)
	}
}
