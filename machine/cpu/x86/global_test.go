package x86

import (
	"testing"

	"forkscope/machine/cpu"
)

// tlbSnippets are instructions that a test runs one group at a time, each at its label's number times 16.
const tlbSnippets = `
	movl (%esi), %eax
	hlt
	.balign 16
	movl %eax, (%esi)
	hlt
	.balign 16
	call *%esi
	hlt
	.balign 16
	movl %eax, %cr3
	hlt
	.balign 16
	movl %eax, %cr4
	hlt
	.balign 16
	invlpg (%esi)
	hlt
	.balign 16
	movl %eax, %cr0
	movl %edx, %cr0
	hlt
	.balign 16
	movl 0xffe(%esi), %eax
	hlt
`

const (
	snippetRead = iota
	snippetWrite
	snippetCall
	snippetCR3
	snippetCR4
	snippetINVLPG
	snippetCR0
	snippetCross
)

// tlbMachine has two address spaces, A and B. Each maps the first 4 MB onto themselves, and four pages to frames of its own, in the
// order global, local, global, local, at linear 4 MB. A frame holds a function that returns its letter, a for A's and so on.
type tlbMachine struct {
	*machine
	t        *testing.T
	pae, pge bool
}

const (
	tlbSpaceA = 0x10000 // and B's structures follow at 0x8000 more
	tlbSpaceB = tlbSpaceA + 0x8000
	tlbFrames = 0x20000 // four for A, four for B
	tlbPages  = 0x400000
)

func newTLBMachine(t *testing.T, pae, pge bool) *tlbMachine {
	m := &tlbMachine{newMachine(t, 2<<20), t, pae, pge}
	m.start(assemble(t, tlbSnippets))
	const rw = ptePresent | pteWrite
	for space, at := range []uint32{tlbSpaceA, tlbSpaceB} {
		for i := range uint32(4) {
			frame := uint32(tlbFrames) + uint32(space)<<14 + i<<12
			entry := frame | rw
			if i%2 == 0 {
				entry |= pteGlobal
			}
			m.write(frame, []byte{0xb8, byte('a' + 4*uint32(space) + i), 0, 0, 0, 0xc3}) // mov $letter, %eax; ret
			m.write(frame+0xffe, []byte{byte(space), byte(space)})
			if pae {
				m.write32(at+0x3000+8*i, entry)
			} else {
				m.write32(at+0x1000+4*i, entry)
			}
		}
		if pae {
			m.write32(at, at+0x1000|ptePresent)
			m.write32(at+0x1000, rw|pteLarge, 0, 0x200000|rw|pteLarge, 0, at+0x3000|rw, 0)
		} else {
			m.write32(at, rw|pteLarge, at+0x1000|rw)
		}
	}
	c := m.c
	cr4 := uint32(cr4PSE)
	if pae {
		cr4 |= cr4PAE
	}
	if pge {
		cr4 |= cr4PGE
	}
	c.setCR4(cr4)
	c.setCR3(tlbSpaceA)
	c.setCR0(c.cr0 | cr0PG | cr0WP)
	return m
}

// do runs a snippet with EAX and ESI and returns EAX.
func (m *tlbMachine) do(snippet, eax, esi uint32) uint32 {
	m.t.Helper()
	c := m.c
	c.halted = false
	c.ip, c.r[regEAX], c.r[regESI], c.r[regEDX] = uint64(testOrg+16*snippet), uint64(eax), uint64(esi), uint64(c.cr0)
	if e := m.upTo(m.clk.Retired + 10); e.Reason != cpu.Halt {
		m.t.Fatalf("snippet %d: %v %s at %#x", snippet, e.Reason, e.Detail, c.PC())
	}
	return uint32(c.r[regEAX])
}

// expect reads and calls the four pages, and finds the frames with these letters.
func (m *tlbMachine) expect(what, letters string) {
	m.t.Helper()
	var got, called []byte
	for i := range uint32(4) {
		got = append(got, byte(m.do(snippetRead, 0, tlbPages+i<<12)>>8))
		called = append(called, byte(m.do(snippetCall, 0, tlbPages+i<<12)))
	}
	if string(got) != letters || string(called) != letters {
		m.t.Errorf("PAE %v PGE %v, %s: read %s, called %s, want %s", m.pae, m.pge, what, got, called, letters)
	}
}

// TestGlobalPages: with CR4.PGE a load of CR3 keeps the translations of global pages, for reading, writing and fetching; INVLPG, a
// change of CR4.PGE and turning paging off drop them (SDM vol. 3 §4.10.2.4, §4.10.4.1).
func TestGlobalPages(t *testing.T) {
	for _, pae := range []bool{false, true} {
		for _, pge := range []bool{false, true} {
			m := newTLBMachine(t, pae, pge)
			pick := func(with, without string) string {
				if pge {
					return with
				}
				return without
			}
			m.expect("at first", "abcd")
			m.do(snippetCR3, tlbSpaceB, 0)
			m.expect("in B", pick("afch", "efgh"))
			// An operand across the border of a global and a local page, each by its own kind.
			cross := m.do(snippetCross, 0, tlbPages)
			if want := uint32(pick("\x00", "\x01")[0]); cross&0xff != want || byte(cross>>24) != 'f' {
				t.Errorf("PGE %v: across the pages %#x, want ...%d and f on top", pge, cross, want)
			}
			m.do(snippetINVLPG, 0, tlbPages+0x123)
			m.expect("after INVLPG of the first", pick("efch", "efgh"))
			m.do(snippetCR3, tlbSpaceA, 0)
			m.expect("back in A", pick("ebcd", "abcd"))
			m.do(snippetCR4, m.c.cr4^cr4PGE, 0)
			m.expect("after a change of PGE", "abcd")
			m.do(snippetCR4, m.c.cr4|cr4PGE, 0)
			m.expect("with PGE", "abcd")
			m.do(snippetCR3, tlbSpaceB, 0)
			m.expect("in B with PGE", "afch")
			m.do(snippetCR0, m.c.cr0&^cr0PG, 0)
			m.expect("after paging was off", "efgh")
		}
	}
}

// TestGlobalPageStores: stores go where the translation leads.
func TestGlobalPageStores(t *testing.T) {
	for _, pae := range []bool{false, true} {
		for _, pge := range []bool{false, true} {
			m := newTLBMachine(t, pae, pge)
			for i := range uint32(4) {
				m.do(snippetWrite, 0x100+i, tlbPages+i<<12+0x800)
			}
			m.do(snippetCR3, tlbSpaceB, 0)
			for i := range uint32(4) {
				m.do(snippetWrite, 0x200+i, tlbPages+i<<12+0x800)
			}
			for i := range uint32(4) {
				a, b := m.read32(tlbFrames+i<<12+0x800), m.read32(tlbFrames+(4+i)<<12+0x800)
				wantA, wantB := 0x100+i, 0x200+i
				if pge && i%2 == 0 {
					wantA, wantB = 0x200+i, 0
				}
				if a != wantA || b != wantB {
					t.Errorf("PAE %v PGE %v, page %d: A's frame holds %#x, B's %#x, want %#x and %#x", pae, pge, i, a, b, wantA, wantB)
				}
			}
		}
	}
}

// TestInvalidateLargePage: INVLPG of one address in a large page forgets all of the page, even where it is held in parts.
func TestInvalidateLargePage(t *testing.T) {
	for _, global := range []uint32{0, pteGlobal} {
		for _, at := range []uint32{0x800000, 0xbff123, 0xb51fff} {
			m := newTLBMachine(t, false, true)
			m.write32(tlbSpaceA+8, ptePresent|pteLarge|global) // at 8 MB: RAM
			m.write(0x50000, []byte{'x'})
			m.write(0x151000, []byte{'y'})
			small := uint32(tlbSpaceA + 0x2000)
			m.write32(small+0x151*4, 0x50000|ptePresent)
			for _, want := range []rune{'y', 'y', 'x'} {
				if got := m.do(snippetRead, 0, 0x951000) & 0xff; rune(got) != want {
					t.Errorf("global %#x, INVLPG of %#x: read %q, want %q", global, at, rune(got), want)
				}
				if m.read32(tlbSpaceA+8)&pteLarge != 0 {
					m.write32(tlbSpaceA+8, small|ptePresent)
				} else {
					m.do(snippetINVLPG, 0, at)
				}
			}
		}
	}
}

// TestJumpsOfTheKernelSurvive: a load of CR3 leaves the kernel's jump cache alone where its code is in global pages, and empties it where it is not.
func TestJumpsOfTheKernelSurvive(t *testing.T) {
	for _, global := range []uint32{0, pteGlobal} {
		m := newTLBMachine(t, false, true)
		for _, space := range []uint32{tlbSpaceA, tlbSpaceB} {
			m.write32(space, ptePresent|pteWrite|pteLarge|global)
		}
		m.c.flushTLB()
		m.do(snippetCall, 0, tlbPages)
		before := m.c.epochs
		m.do(snippetCR3, tlbSpaceB, 0)
		if same := m.c.epochs == before; same != (global != 0) {
			t.Errorf("global %#x: epochs %d, and %d after a load of CR3", global, before, m.c.epochs)
		}
		m.do(snippetCall, 0, tlbPages)
		before = m.c.epochs
		m.do(snippetINVLPG, 0, tlbPages)
		if m.c.epochs[0] == before[0] {
			t.Errorf("global %#x: INVLPG of code left the jump cache", global)
		}
		if got := m.do(snippetCall, 0, tlbPages); got != 'e' {
			t.Errorf("global %#x: called %q in B after INVLPG, want e", global, rune(got))
		}
	}
}
