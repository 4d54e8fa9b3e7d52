package x86

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// thinCount is how often an oracle is asked about each kind that user code can reach, at least.
const thinCount = 40

// TestNativeThin asks the oracles again about the kinds that they have hardly met: mostly operations on
// memory and fused branches, whose hot forms run only where the data's page is at hand.
func TestNativeThin(t *testing.T) { workThin.Needed(t) }

func compareThin(t *testing.T) {
	workSingle.Needed(t)
	workSequence.Needed(t)
	t.Logf("seed %d", *seedFlag)
	g := &generator{Rand: rand.New(rand.NewPCG(*seedFlag, 9)), mode: mode32 | modeFlat, safe: true}
	g.runParts(t, g.rareParts())
	for range 8 { // some parts fault, or jump over others
		parts := g.thinParts(t)
		if len(parts) == 0 || t.Failed() {
			break
		}
		g.runParts(t, parts)
	}
	g.farTransfers(t)
}

// thinParts samples instructions and snippets until every hot kind that was compared too seldom is there often enough.
func (g *generator) thinParts(t *testing.T) (parts [][]byte) {
	wanted := map[Kind]int{}
	for k, f := range hotForms {
		k := Kind(k)
		if n := exercised[byBochs].kind[k]; n < thinCount && f.size != 0 && !f.long {
			wanted[k] = thinCount - n
		}
	}
	scratch := newMachine(t, 1<<20).c
	for range 400_000 {
		if len(wanted) == 0 {
			break
		}
		b := g.snippet(nativeCode)
		if g.IntN(2) == 0 {
			if b = g.instruction(); g.undef != 0 {
				b = g.defined(b)
			}
		} else if moves(b) {
			continue
		}
		kinds := scratch.kindsOf(b)
		if slices.Contains(kinds, kXCHG) || slices.Contains(b, 0xf0) {
			continue // hosts punish a lock across cache lines by a wait
		}
		for _, k := range kinds {
			if wanted[k] > 0 {
				parts = append(parts, b)
				if wanted[k]--; wanted[k] == 0 {
					delete(wanted, k)
				}
				break
			}
		}
	}
	return parts
}

// moves says whether a snippet holds its own address.
func moves(b []byte) bool {
	return b[0] == 0x68 || b[0]&0xf8 == 0xb8 && b[0] != 0xb9 || b[0] == 0xc7 && b[1] == 5
}

// defined gives every flag a value after code that leaves some undefined: cmp ecx, imm32.
func (g *generator) defined(code []byte) []byte {
	return binary.LittleEndian.AppendUint32(append(slices.Clone(code), 0x81, 0xf9), g.value())
}

// kindsOf are the kinds of the ops that a block of the code becomes.
func (c *CPU) kindsOf(code []byte) (kinds []Kind) { return c.kindsIn(code, mode32|modeFlat) }

func (c *CPU) kindsIn(code []byte, m mode) (kinds []Kind) {
	const at = 0x10000
	page := make([]byte, 0x1000) // a whole one: code that is changed in place is decoded otherwise
	page[copy(page, code)] = 0xc3
	c.cfg.RAM.Write(at, page)
	b := c.decodeBlock(codePlace{la: at, off: at, page: c.code.At(at)}, m)
	for _, op := range b.ops {
		if int(op.Off) < len(code) && op.Cold != kExitNext {
			kinds = append(kinds, op.Kind)
		}
	}
	return kinds
}

// rareParts are kinds that the generator seldom makes, or that random operands seldom let through.
func (g *generator) rareParts() (parts [][]byte) {
	imm := binary.LittleEndian.AppendUint32
	for range thinCount {
		m := nativeBase + uint32(g.IntN(nativeWindow/8))*8
		divisor, r := g.value()|4, byte(g.IntN(3))
		low, high := -int32(g.Uint32()>>2), int32(g.Uint32()>>2)
		bound := imm(imm([]byte{0xc7, 0x05}, m), uint32(low))                                   // mov dword [m], low
		bound = imm(imm(append(bound, 0xc7, 0x05), m+4), uint32(high))                          // mov dword [m+4], high
		bound = imm(append(bound, 0xb8), uint32(low+int32(g.Int64N(1+int64(high)-int64(low))))) // mov eax, between
		parts = append(parts,
			g.defined(append(imm([]byte{0x31, 0xd2, 0xb9}, divisor), 0xf7, 0xf1)),                    // xor edx, edx; mov ecx; div ecx
			g.defined(append(imm([]byte{0x99, 0xb9}, divisor), 0xf7, 0xf9)),                          // cdq; mov ecx; idiv ecx
			g.defined(append(imm([]byte{0x31, 0xd2, 0xb9}, divisor), 0x66, 0xf7, 0xf1)),              // div cx
			g.defined([]byte{0x0f, 0xb6, 0xc0, 0xb1, byte(divisor), 0xf6, 0xf1}),                     // movzx eax, al; mov cl; div cl
			g.defined([]byte{0x0f, 0xb6, 0xc0, 0xd1, 0xe8, 0xb1, byte(divisor) &^ 0x80, 0xf6, 0xf9}), // and shr eax; idiv cl
			imm([]byte{0x0f, 0xc7, 0x0d}, m),                                                         // cmpxchg8b
			g.defined([]byte{0xf7, 0xd8 | r}),                                                        // neg
			g.defined([]byte{0xf7, 0xe0 | r}),                                                        // mul
			g.defined([]byte{0xb1, byte(g.Uint32()), 0xd3, 0xe0 | r}),                                // mov cl; shl by cl
			g.defined([]byte{0xb1, byte(g.Uint32()), 0xd3, 0xe8 | r}),                                // shr
			g.defined([]byte{0xb1, byte(g.Uint32()), 0xd3, 0xf8 | r}),                                // sar
			g.defined([]byte{0xc1, 0xf8 | r, byte(g.Uint32())}),                                      // sar by a number
			g.defined([]byte{0xb1, byte(g.Uint32()), 0xd3, 0xf0 | r}),                                // sal, the other opcode of shl, by cl
			[]byte{0xff, 0xf0 | byte(g.IntN(8)), 0x58 | r},                                           // push r/m of a register; pop
			imm(append(bound, 0x62, 0x05), m),                                                        // bound eax, [m]
		)
	}
	return parts
}

// runParts compares the parts, a few to a case, each after instructions that bring the data's page into the TLB.
func (g *generator) runParts(t *testing.T, parts [][]byte) {
	t.Helper()
	warm := binary.LittleEndian.AppendUint32([]byte{0x83, 0x05}, nativeBase+64) // add dword [nativeBase+64], 1
	warm = append(warm, 1)
	var cases []*nativeCase
	var undef []uint32
	for len(parts) > 0 {
		code := slices.Clone(warm)
		for len(parts) > 0 && len(code)+len(parts[0]) < 48 {
			code, parts = append(code, parts[0]...), parts[1:]
		}
		n := newNativeCase(code)
		g.state(n)
		n.EFLAGS &^= flagAC
		cases, undef = append(cases, n), append(undef, 0)
	}
	compareNative(t, familyInteger, cases, undef)
}

// farTransfers compares jumps and calls to the LDT's code segments, direct and through memory, and near ones in them.
func (g *generator) farTransfers(t *testing.T) {
	t.Helper()
	const room = 48 // of nops behind the instruction
	selectors := []uint32{ldtSelector(5), ldtSelector(6), ldtSelector(10)}
	var cases []*nativeCase
	var undef []uint32
	for i := range 12 * thinCount {
		var code []byte
		target, selector := uint32(7+g.IntN(room/2)), selectors[g.IntN(len(selectors))]
		pointer := append(binary.LittleEndian.AppendUint32(nil, target), byte(selector), 0)
		at := 0x80 + g.IntN(0x100)
		direct := []byte{0x9a, 0xea}
		through := []byte{0x1d, 0x2d} // call, jmp far [disp32]
		switch {
		case i%6 < 2:
			code = append([]byte{direct[i%2]}, pointer...)
		case i%6 == 2: // jmp, call eax
			code = []byte{0xff, 0xe0, 0x90, 0x90, 0x90, 0x90, 0x90}
			code[1] -= byte(i/6%2) << 4
		default:
			code = binary.LittleEndian.AppendUint32([]byte{0xff, through[i%2]}, uint32(at+0x1000-nativeWindow))
		}
		for range room {
			code = append(code, 0x90)
		}
		n := newNativeCase(code)
		g.state(n)
		n.EFLAGS &^= flagAC
		n.Regs[regEAX] = target
		n.Segs = [6]uint32{ldtSelector(0), ldtSelector(5), ldtSelector(0), ldtSelector(0), 0, 0}
		n.Regs[regESP] = 0xf00
		copy(n.Window[at:], pointer)
		cases, undef = append(cases, n), append(undef, 0)
	}
	compareNative(t, familySegments, cases, undef)
}
