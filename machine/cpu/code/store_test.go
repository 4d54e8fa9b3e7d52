package code

import (
	"slices"
	"testing"

	"forkscope/machine/mem"
	"pgregory.net/rapid"
)

// toy is the block of a CPU of the tests.
type toy struct {
	Block[toy]
	to *toy // a link
}

func (b *toy) Unlink() {
	if b.to != nil && !b.to.Kept() {
		b.to = nil
	}
}

// cpu is what a store's owner was told.
type cpu struct {
	*Store[toy, *toy]
	ram     *mem.RAM
	appears []uint64
	gone    []*toy
	hits    int
}

const base = 0x10000

func newCPU(tb testing.TB, most int) *cpu {
	tb.Helper()
	c := &cpu{}
	var err error
	if c.ram, err = mem.New(base, 64*mem.PageSize); err != nil {
		tb.Fatal(err)
	}
	c.Store = New[toy, *toy](c.ram, most, Owner[toy]{
		Appears: func(pa uint64) { c.appears = append(c.appears, pa) },
		Gone:    func(b *toy) { c.gone = append(c.gone, b) },
		Hit:     func(bool) { c.hits++ },
	})
	return c
}

// add keeps a block of n bytes at pa; what does not fit its page goes over into the one at into.
func (c *cpu) add(pa, n uint64, mode uint8, into uint64) *toy {
	b := &toy{}
	b.Off, b.Mode = uint16(pa%mem.PageSize), mode
	end := pa%mem.PageSize + n
	if end > mem.PageSize {
		b.Over, b.Into = uint8(end-mem.PageSize), into
		end = mem.PageSize
	}
	b.End = uint16(end)
	c.Add(c.At(pa), b, 100)
	return b
}

// find returns the block of the mode at pa.
func (c *cpu) find(pa uint64, mode uint8) *toy {
	for b := c.At(pa).First(pa); b != nil; b = b.Next() {
		if uint64(b.Off) == pa%mem.PageSize && b.Mode == mode {
			return b
		}
	}
	return nil
}

// TestWritesDropWhatTheyHit compares with a plain list of blocks. A write drops every block that it touches, and of the others only those of a page
// that it replaces.
func TestWritesDropWhatTheyHit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCPU(t, 1<<30)
		defer c.ram.Close()
		type model struct {
			b     *toy
			spans [][2]uint64
		}
		var all []model
		address := rapid.Custom(func(t *rapid.T) uint64 {
			return base + rapid.Uint64Range(0, 2).Draw(t, "page")<<mem.PageShift + rapid.SampledFrom([]uint64{0, 1, 3, 4, 60, 63, 64, 300, 301, 4000, 4090, 4095}).Draw(t, "offset")
		})
		for range rapid.IntRange(1, 80).Draw(rt, "steps") {
			pa := address.Draw(rt, "pa")
			if rapid.Bool().Draw(rt, "add") {
				mode := rapid.Uint8Range(0, 2).Draw(rt, "mode")
				if c.find(pa, mode) != nil {
					continue
				}
				n := rapid.Uint64Range(1, 70).Draw(rt, "length")
				into := base + rapid.Uint64Range(0, 2).Draw(rt, "into")<<mem.PageShift
				if left := mem.PageSize - pa%mem.PageSize; n > left+15 {
					n = left + 15
				}
				if over := pa%mem.PageSize + n; c.Unsteady(c.At(pa), uint32(pa%mem.PageSize), uint32(min(over, mem.PageSize))) ||
					over > mem.PageSize && c.Unsteady(c.At(into), 0, uint32(over-mem.PageSize)) {
					continue
				}
				b := c.add(pa, n, mode, into)
				m := model{b: b, spans: [][2]uint64{{pa, pa + uint64(b.End-b.Off)}}}
				if b.Over != 0 {
					m.spans = append(m.spans, [2]uint64{into, into + uint64(b.Over)})
				}
				for _, o := range all {
					if b.to == nil && o.b.Kept() && o.b.page == b.page {
						b.to = o.b
					}
				}
				all = append(all, m)
				continue
			}
			n := rapid.SampledFrom([]uint64{1, 2, 4, 8, 16, 200}).Draw(rt, "n")
			n = min(n, mem.PageSize-pa%mem.PageSize)
			hits := c.hits
			was := map[*toy]bool{}
			for _, m := range all {
				was[m.b] = m.b.Kept()
			}
			w := c.At(pa).writes
			w.follow(uint(pa%mem.PageSize), uint(pa%mem.PageSize+n))
			w.hits++
			replaces := w.replaces()
			c.ram.Write(pa, make([]byte, n))
			dropped := false
			for _, m := range all {
				touched, inPage := false, false
				for _, s := range m.spans {
					touched = touched || s[0] < pa+n && pa < s[1]
					inPage = inPage || s[0]>>mem.PageShift == pa>>mem.PageShift
				}
				dropped = dropped || was[m.b] && !m.b.Kept()
				switch {
				case touched && m.b.Kept():
					rt.Fatalf("a write of %d bytes at %#x left the block %x", n, pa, m.spans)
				case !touched && was[m.b] && !m.b.Kept() && !replaces:
					rt.Fatalf("a write of %d bytes at %#x dropped the block %x", n, pa, m.spans)
				case !inPage && was[m.b] && !m.b.Kept():
					rt.Fatalf("a write of %d bytes at %#x dropped the block %x of other pages", n, pa, m.spans)
				}
			}
			if dropped && c.hits == hits {
				rt.Fatal("the running block was not ended")
			}
			for _, m := range all {
				if m.b.Kept() && m.b.to != nil && !m.b.to.Kept() {
					rt.Fatalf("the block %x leads to a dropped one", m.spans)
				}
			}
		}
		// What is kept is found, and RAM tells of its pages; what was dropped was told of, once.
		for _, m := range all {
			told := 0
			for _, b := range c.gone {
				if b == m.b {
					told++
				}
			}
			found := c.find(m.spans[0][0], m.b.Mode) == m.b
			if found != m.b.Kept() || told != map[bool]int{true: 0, false: 1}[found] {
				rt.Fatalf("the block %x: kept %v, found %v, told of %d times", m.spans, m.b.Kept(), found, told)
			}
			for _, s := range m.spans {
				if found && !c.ram.IsCode(s[0]) {
					rt.Fatalf("the page of %x is not marked", s)
				}
			}
		}
	})
}

// TestSweepsDropThePage: stores that follow each other over a page make it writable at full speed at the first block they meet, and patches of
// the same places do not.
func TestSweepsDropThePage(t *testing.T) {
	for name, at := range map[string]func(i uint64) uint64{
		"upwards":   func(i uint64) uint64 { return 8 * i },
		"downwards": func(i uint64) uint64 { return mem.PageSize - 8 - 8*i },
	} {
		c := newCPU(t, 1<<30)
		var blocks []*toy
		for i := range uint64(8) {
			blocks = append(blocks, c.add(base+0x100+0x200*i, 40, 0, 0))
		}
		n := uint64(0)
		for ; c.ram.IsCode(base); n++ {
			c.Wrote(base+at(n), 8)
		}
		if n > 0x220/8 {
			t.Errorf("%s: the page was free after %d stores", name, n)
		}
		if slices.ContainsFunc(blocks, (*toy).Kept) {
			t.Errorf("%s: blocks are left", name)
		}
		c.ram.Close()
	}
	c := newCPU(t, 1<<30)
	defer c.ram.Close()
	other := c.add(base, 40, 0, 0)
	for range 100 {
		if c.find(base+0x100, 0) == nil {
			c.add(base+0x100, 8, 0, 0)
		}
		c.Wrote(base+0x102, 2)
		c.Wrote(base+0x104, 2)
	}
	if !other.Kept() {
		t.Error("patches of one instruction dropped the page")
	}
}

// TestUnsteady: bytes that are changed before each execution are soon not worth keeping, and are again after a while without a change.
func TestUnsteady(t *testing.T) {
	c := newCPU(t, 1<<30)
	defer c.ram.Close()
	c.add(base, 40, 0, 0)
	kept := 0
	execute := func() {
		switch p := c.At(base); {
		case c.find(base+0x100, 0) != nil:
			kept++
		case c.Unsteady(p, 0x100, 0x105):
			c.Passing(p, 0x100, 0x105)
		default:
			c.add(base+0x100, 5, 0, 0)
			kept++
		}
	}
	for range 100 {
		execute()
		hits := c.hits
		c.Wrote(base+0x101, 4)
		if c.hits == hits {
			t.Fatal("the running block was not ended")
		}
	}
	if kept > 3 {
		t.Errorf("an instruction that changes each time was kept %d times", kept)
	}
	if c.Unsteady(c.At(base), 0xf0, 0x101) || c.Unsteady(c.At(base), 0x105, 0x200) || !c.Unsteady(c.At(base), 0x104, 0x106) {
		t.Error("other bytes are unsteady, or these are not")
	}
	for range 100 {
		execute()
	}
	if c.find(base+0x100, 0) == nil {
		t.Error("an instruction that changes no more is not kept")
	}
	// Many places that change now and then are not.
	for i := range uint64(200) {
		pa := base + 0x200 + i%20*16
		c.add(pa, 5, 0, 0)
		c.Wrote(pa+1, 4)
		if c.Unsteady(c.At(pa), uint32(pa&0xfff), uint32(pa&0xfff+5)) {
			t.Fatalf("place %d became unsteady", i%20)
		}
	}
}

// TestEveryPageIsFreed: a page whose code was overwritten is written at full speed again, and heard of again when it has code.
func TestEveryPageIsFreed(t *testing.T) {
	c := newCPU(t, 1<<30)
	defer c.ram.Close()
	c.add(base+0xffe, 4, 0, base+0x5000)
	for _, pa := range []uint64{base, base + 0x5000} {
		if !c.ram.IsCode(pa) || !slices.Contains(c.appears, pa) {
			t.Errorf("the page %#x is not marked", pa)
		}
	}
	c.Wrote(base+0x5002, 1)
	if c.hits != 0 {
		t.Error("a write behind the block hit it")
	}
	c.Wrote(base+0x5001, 1)
	for _, pa := range []uint64{base, base + 0x5000} {
		if c.ram.IsCode(pa) {
			t.Errorf("the page %#x is marked", pa)
		}
	}
	c.appears = nil
	c.add(base, 4, 0, 0)
	if !slices.Equal(c.appears, []uint64{base}) {
		t.Errorf("code appeared in %#x", c.appears)
	}
}

// TestRoom: pages in use survive when room is made for others, and memory stays bounded.
func TestRoom(t *testing.T) {
	const most = 20 * pageBytes
	c := newCPU(t, most)
	defer c.ram.Close()
	used := c.add(base, 4, 0, 0)
	for i := range uint64(63) {
		for range 3 {
			if c.Full() {
				c.MakeRoom()
			}
			if c.find(base, 0) == nil { // used all the time
				used = c.add(base, 4, 0, 0)
			}
			c.add(base+i<<mem.PageShift+0x100, 4, 0, 0)
			if c.Bytes() > most+pageBytes+100 {
				t.Fatalf("%d bytes are kept", c.Bytes())
			}
		}
	}
	if first := c.gone[0] == used; first || !used.Kept() {
		t.Error("the block in use was dropped")
	}
	if len(c.gone) == 0 || c.hits == 0 {
		t.Error("nothing was dropped")
	}
	for i := range uint64(64) {
		c.Wrote(base+i<<mem.PageShift, mem.PageSize)
	}
	if got := len(c.list) * pageBytes; c.Bytes() != got {
		t.Errorf("%d bytes are kept without blocks, want %d", c.Bytes(), got)
	}
}

func TestReach(t *testing.T) {
	c := newCPU(t, 1<<30)
	defer c.ram.Close()
	b := c.add(base+0x10, 20, 0, 0)
	asked := 0
	stop := func(at uint64) func(from, to uint64) uint64 {
		return func(from, to uint64) uint64 {
			asked++
			if from <= at && at < to {
				return at
			}
			return to
		}
	}
	for _, test := range []struct{ version, pc, at, want, asked uint64 }{
		{1, 0x5010, 0x5010, 20, 1}, // the first instruction is the CPU's affair
		{1, 0x5010, 0x5018, 20, 1}, // as of this version
		{2, 0x5010, 0x5018, 8, 2},
		{2, 0x7010, 0x5018, 20, 3},
		{2, 0x7010, 0x7024, 20, 3},
		{3, 0x7010, 0x7023, 19, 4},
	} {
		if got := b.Reach(test.version, test.pc, stop(test.at)); got != test.want || asked != int(test.asked) {
			t.Errorf("version %d, %#x, stop at %#x: %d bytes, asked %d times; want %d and %d", test.version, test.pc, test.at, got, asked, test.want, test.asked)
		}
	}
}
