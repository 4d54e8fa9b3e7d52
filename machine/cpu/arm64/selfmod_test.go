package arm64

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"testing"

	"forkscope/machine/cpu"
	"forkscope/machine/cpu/code"
)

// forgetCode drops all that is decoded.
func (b *board) forgetCode() {
	for pa := b.ram.Base(); pa < b.ram.Base()+b.ram.Size(); pa += 0x1000 {
		b.ram.ClearCode(pa)
	}
	b.CPU.code = code.New[block, *block](b.ram, codeMost, b.codeOwner())
	b.flushCodeTLB()
}

// sameByOnes runs what start sets up for n instructions twice, in slices that r cuts and one by one with nothing decoded before each, and
// compares every bit of the two states.
func sameByOnes(t *testing.T, what string, n uint64, r *rand.Rand, start func(m *board)) {
	t.Helper()
	var digests, ends [2]string
	for i := range 2 {
		m := makeBoard(t, 1<<20, echoBus{})
		start(m)
		for m.clock.Retired < n {
			step := uint64(1)
			if i == 0 {
				step = uint64(r.Intn(200) + 1)
			} else {
				m.forgetCode()
			}
			if e := m.Run(min(n, m.clock.Retired+step)); e.Reason != cpu.Limit {
				ends[i] = fmt.Sprint(e.Reason)
				break
			}
		}
		digests[i], ends[i] = m.digest(), fmt.Sprintf("%s at %#x after %d", ends[i], m.PC(), m.clock.Retired)
		if err := m.ram.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if digests[0] != digests[1] {
		t.Fatalf("%s: ends in slices %s, one by one %s", what, ends[0], ends[1])
	}
}

// TestWhatIsDecodedIsNoState: random code that writes over itself and its page tables does the same whatever is decoded when.
func TestWhatIsDecodedIsNoState(t *testing.T) {
	for seed := range int64(150) {
		r := rand.New(rand.NewSource(seed))
		sameByOnes(t, fmt.Sprintf("seed %d", seed), 300, r, func(m *board) {
			r := rand.New(rand.NewSource(seed))
			randomSpace(r, m, testBase+0x80000)
			m.sys.cpacr, m.sys.elr, m.sys.vbar = cpacrFP, testBase, testBase+uint64(r.Intn(16))<<12
			m.contextChanged()
			words := make([]byte, 0x20000)
			for at := 0; at < len(words); at += 4 {
				w, ok := randomInstruction(r)
				if !ok || r.Intn(32) == 0 {
					w = r.Uint32()
				}
				binary.LittleEndian.PutUint32(words[at:], w)
			}
			m.ram.Write(testBase, words)
			for i := range 31 {
				m.SetX(i, testBase+uint64(r.Intn(1<<20))&^7)
			}
			m.SetPC(testBase)
		})
	}
}

// patchProgram makes a loop of at most 64 words at x1 of which some write others: x10 to x15 hold instructions.
func patchProgram(r *rand.Rand) (words []uint32) {
	for n := uint32(6 + r.Intn(50)); uint32(len(words)) < n; {
		to := uint32(r.Intn(int(n)))
		if r.Intn(2) == 0 {
			to = uint32(r.Intn(4)) // the same ones again and again
		}
		from := uint32(10 + r.Intn(6))
		switch r.Intn(10) {
		case 0, 1, 2:
			words = append(words, strw(from, 1, 4*to))
		case 3:
			words = append(words, str(from, 1, 4*(to&^1))) // the upper half is an instruction, too
		case 4:
			words = append(words, addi(16, 16, 32), strw(16, 1, 4*to)) // movz x4, one more than the last
		case 5:
			words = append(words, 0x36000040|uint32(r.Intn(4))<<19|3) // tbz x3, #bit, over the next
		case 6:
			words = append(words, ldr(5, 1, 8*(to/2)))
		default:
			words = append(words, addi(3, 3, uint32(r.Intn(64))), 0x8b040063) // add x3, x3, x4
		}
	}
	return append(words, b(-4*len(words)))
}

// TestPatchedCode: programs that change themselves do the same in any slices as one by one with nothing kept.
func TestPatchedCode(t *testing.T) {
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		at := testBase + uint64(r.Intn(2))*0xfc0
		program := patchProgram(r)
		sameByOnes(t, fmt.Sprintf("seed %d", seed), 1500, r, func(m *board) {
			if seed%2 == 0 {
				m.mapIdentity(testBase+0x80000, 1)
			}
			m.code(at, program...)
			m.SetX(1, at)
			for i, w := range []uint32{addi(3, 3, 5), movz(4, 77), wNop, subsi(5, 5, 1), 0xca030084, movz(4, 1)} {
				m.SetX(10+i, uint64(w)<<32|uint64(w))
			}
			m.SetX(16, uint64(movz(4, 0)))
			m.SetPC(at)
		})
	}
}

// TestSpacesShareCode: code that two page-table roots map, at different addresses too, is decoded once.
func TestSpacesShareCode(t *testing.T) {
	m := kernelBoard(t)
	const (
		user  = 0x10_0000_0000 // root entry 0, level 1 entry 64
		frame = testBase + 0x20000
	)
	for i, space := range []uint64{testBase + 0x90000, testBase + 0xa0000} {
		m.store(space, space+0x1000|3)
		m.store(space+0x1000+8, 1<<30|1<<10|3<<8|1) // RAM onto itself
		m.store(space+0x1000+8*64, space+0x2000|3)
		m.store(space+0x2000, space+0x3000|3)
		m.store(space+0x3000+8*uint64(i), frame|1<<11|1<<10|3<<8|3)
	}
	m.code(frame, addi(0, 0, 1), wRet)
	ttbr0 := key(3, 0, 2, 0, 0)
	m.code(testBase, msr(ttbr0, 1), wISB, 0xd63f00a0, msr(ttbr0, 2), wISB, 0xd63f00c0, b(-24)) // blr x5, blr x6
	m.SetX(1, testBase+0x90000|1<<48)
	m.SetX(2, testBase+0xa0000|2<<48)
	m.SetX(5, user)
	m.SetX(6, user+0x1000)
	m.expectRun(t, m.clock.Retired+11)
	first := m.CPU.code.At(frame).First(frame)
	m.expectRun(t, m.clock.Retired+110)
	if m.x[0] != 22 {
		t.Errorf("%d calls, want 22", m.x[0])
	}
	if b := m.CPU.code.At(frame).First(frame); first == nil || b != first || b.Next() != nil {
		t.Error("the function was decoded more than once")
	}
}

// TestPatchingIsCheap: of a loop that changes one of its instructions at each turn, the others stay decoded.
func TestPatchingIsCheap(t *testing.T) {
	m := kernelBoard(t)
	m.code(testBase, patchLoop...)
	m.SetX(1, testBase+8)
	m.SetX(4, uint64(movz(3, 0)))
	m.Run(1000)
	before := m.CPU.code.Bytes()
	var kept []*block
	for _, b := range m.CPU.code.At(testBase).Slots {
		if b != nil {
			kept = append(kept, b)
		}
	}
	allocations := testing.AllocsPerRun(10, func() { m.Run(m.clock.Retired + 6000) })
	for _, b := range kept {
		if !b.Kept() {
			t.Errorf("the block at +%#x was dropped", b.Off)
		}
	}
	if len(kept) == 0 || m.CPU.code.Bytes() > before+1000 || allocations > 5 {
		t.Errorf("%d blocks, %d bytes before and %d after, %v allocations in 1000 turns", len(kept), before, m.CPU.code.Bytes(), allocations)
	}
}

// patchLoop stores the word in X4, movz x3, #0 and #1 by turns, at X1: in the loop, where that is its address and 8.
var patchLoop = []uint32{
	0x521b0084, strw(4, 1, 0), movz(3, 0), 0x8b030042, // eor w4, w4, #32; …; add x2, x2, x3
	addi(5, 5, 1), b(-20),
}

func benchPatch(b *testing.B, offset uint64) {
	m := kernelBoard(b)
	m.code(testBase, patchLoop...)
	m.SetX(1, testBase+offset)
	m.SetX(4, uint64(movz(3, 0)))
	m.Run(1000)
	b.ResetTimer()
	if e := m.Run(1000 + uint64(b.N)); e.Reason != cpu.Limit {
		b.Fatal(e)
	}
}

// The loop stores to a page without code, beside the code, and to one of its own instructions: ns/op are for an instruction.
func BenchmarkStoreElsewhere(b *testing.B)  { benchPatch(b, 0x8000) }
func BenchmarkStoreBesideCode(b *testing.B) { benchPatch(b, 0x100) }
func BenchmarkStoreInCode(b *testing.B)     { benchPatch(b, 8) }
