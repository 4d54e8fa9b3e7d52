package x86

import (
	"math/rand/v2"
	"testing"

	"forkscope/machine/cpu"
)

// slowWalk is the page walk of SDM vol. 3 §4.3 and §4.4, written from the text: it lists what the tables say, one rule after the other, and knows
// nothing of the CPU's TLB. It returns the physical address or the error code of the fault, and the entries it would mark.
type slowWalk struct {
	m               *machine
	pae, pse, nxe   bool
	wp              bool
	cr3             uint32
	write, user, ex bool
}

type walkResult struct {
	pa    uint64
	fault bool
	code  uint32
	marks map[uint64]uint64 // entry's address → bits to be set
}

func (w slowWalk) read(addr uint64, size int) uint64 {
	var b [8]byte
	w.m.ram.Read(addr, b[:size])
	v := uint64(0)
	for i := range size {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}

func (w slowWalk) walk(la uint32) walkResult {
	type entry struct{ addr, value uint64 }
	var path []entry
	code := uint32(0)
	if w.write {
		code |= 2
	}
	if w.user {
		code |= 4
	}
	if w.ex && w.pae && w.nxe {
		code |= 16
	}
	fault := func(bits uint32) walkResult { return walkResult{fault: true, code: code | bits} }
	reserved := uint64(0)
	size := 4
	var shifts []uint
	table := uint64(w.cr3 &^ 0xfff)
	if w.pae {
		size = 8
		shifts = []uint{21, 12}
		reserved = 0x7ffffff << 36
		if !w.nxe {
			reserved |= 1 << 63
		}
		pdpte := w.m.c.pdpte[la>>30]
		if pdpte&1 == 0 {
			return fault(0)
		}
		table = pdpte & 0xffffff000
	} else {
		shifts = []uint{22, 12}
	}
	var offsetBits uint
	for i, s := range shifts {
		index := uint64(la>>s) & (4096/uint64(size) - 1)
		e := entry{table + index*uint64(size), 0}
		e.value = w.read(e.addr, size)
		if e.value&1 == 0 {
			return fault(0)
		}
		if e.value&reserved != 0 {
			return fault(8 | 1)
		}
		path = append(path, e)
		if i == 1 {
			offsetBits = 12
			break
		}
		if e.value&0x80 != 0 && (w.pae || w.pse) {
			offsetBits = s
			// The bits between the PAT bit (12) and the frame must be 0.
			if e.value&(1<<s-1)>>13 != 0 {
				return fault(8 | 1)
			}
			break
		}
		table = e.value & 0xffffff000
	}
	userOK, writeOK, nx := true, true, false
	for _, e := range path {
		userOK = userOK && e.value&4 != 0
		writeOK = writeOK && e.value&2 != 0
		nx = nx || w.pae && w.nxe && e.value>>63 != 0
	}
	switch {
	case w.user && !userOK, w.write && !writeOK && (w.user || w.wp), w.ex && nx:
		return fault(1)
	}
	r := walkResult{marks: map[uint64]uint64{}}
	for i, e := range path {
		bits := uint64(0x20)
		if i == len(path)-1 && w.write {
			bits |= 0x40
		}
		r.marks[e.addr] = e.value | bits
	}
	last := path[len(path)-1].value
	mask := uint64(1)<<offsetBits - 1
	r.pa = last&0xfffffffff&^mask | uint64(la)&mask
	return r
}

func TestPageWalkAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(*seedFlag, 3))
	const ramPages = 64
	m := newMachine(t, ramPages<<12)
	outcomes := map[uint32]int{}
	for round := range 40_000 {
		w := slowWalk{m: m, pae: rng.IntN(2) == 0, pse: rng.IntN(2) == 0, nxe: rng.IntN(2) == 0, wp: rng.IntN(2) == 0}
		kind := rng.IntN(4)
		w.write, w.ex = kind == 1, kind == 2
		w.user = rng.IntN(2) == 0
		// A few tables with random entries that mostly are present and lead to other tables.
		for page := uint32(1); page < 6; page++ {
			for range 4 {
				v := uint64(rng.IntN(6)+1)<<12 | uint64(rng.Uint32()&0xfff)&^0x80
				if rng.IntN(8) != 0 {
					v |= 1
				}
				if rng.IntN(2) == 0 {
					v |= 6
				}
				if rng.IntN(4) == 0 {
					v |= 0x80
				}
				if rng.IntN(4) == 0 {
					v &= 0xe00000 | 0xfff
				}
				if w.pae && rng.IntN(8) == 0 {
					v |= 1 << (32 + rng.IntN(32))
				}
				if !w.pae && rng.IntN(8) == 0 {
					v |= uint64(rng.Uint32()) &^ 0xfff
				}
				slot := uint32(rng.IntN(4))
				if w.pae {
					m.write32(page<<12+slot*8, uint32(v), uint32(v>>32))
				} else {
					m.write32(page<<12+slot*4, uint32(v))
				}
			}
		}
		c := m.c
		c.SetProtectedFlat(Entry{})
		w.cr3 = uint32(rng.IntN(6)+1) << 12
		c.cr3 = uint64(w.cr3)
		c.cr4, c.efer = 0, 0
		if w.pse {
			c.cr4 |= cr4PSE
		}
		c.pdpte = [4]uint64{}
		if w.pae {
			c.cr4 |= cr4PAE
			for i := range c.pdpte {
				c.pdpte[i] = uint64(rng.IntN(6)+1)<<12 | uint64(min(1, rng.IntN(8)))
			}
		}
		if w.nxe {
			c.efer = eferNXE
		}
		c.cr0 = cr0PE | cr0PG
		if w.wp {
			c.cr0 |= cr0WP
		}
		la := uint32(rng.IntN(4))<<30&-uint32(rng.IntN(2)) | uint32(rng.IntN(4))<<22 | uint32(rng.IntN(8))<<21 | uint32(rng.IntN(4))<<12 | rng.Uint32()&0xfff
		want := w.walk(la)
		access := uint32(0)
		if w.write {
			access |= pfWrite
		}
		if w.user {
			access |= pfUser
		}
		if w.ex {
			access |= pfFetch
		}
		before := w.read
		old := map[uint64]uint64{}
		for a := range want.marks {
			old[a] = before(a, 4)
		}
		if pa, ok := c.Translate(cpu.Space(c.cr3), uint64(la)); !want.fault && !w.pae && (!ok || pa != want.pa) {
			t.Fatalf("round %d: Translate gives %#x %v, want %#x", round, pa, ok, want.pa)
		}
		for a, v := range old {
			if before(a, 4) != v {
				t.Fatalf("round %d: Translate changed an entry", round)
			}
		}
		pa, ok := c.translate(uint64(la), access)
		if ok == want.fault || ok && pa != want.pa || !ok && c.exc.code != want.code {
			t.Fatalf("round %d: %+v at %#x: pa %#x ok %v code %#x, want %+v", round, w, la, pa, ok, c.exc.code, want)
		}
		if !ok {
			outcomes[want.code]++
			if c.cr2 != uint64(la) || c.exc.vector != excPF {
				t.Fatalf("round %d: cr2 %#x vector %d", round, c.cr2, c.exc.vector)
			}
		} else {
			outcomes[0xffff]++
		}
		size := 4
		if w.pae {
			size = 8
		}
		for a, v := range want.marks {
			if got := w.read(a, size); got != v {
				// Two levels may share an entry when tables point to themselves.
				if len(want.marks) == 2 || got&^0x60 != v&^0x60 {
					t.Fatalf("round %d: entry at %#x is %#x, want %#x", round, a, got, v)
				}
			}
		}
		c.exc = exception{}
	}
	if len(outcomes) < 15 {
		t.Errorf("only these outcomes were seen: %v", outcomes)
	}
}
