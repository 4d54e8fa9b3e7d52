package bus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"forkscope/machine/snapshot"
)

type recorder struct {
	offset, value uint64
	size          int
}

func (r *recorder) Read(offset uint64, size int) uint64 {
	r.offset, r.size = offset, size
	return 0x1234
}

func (r *recorder) Write(offset uint64, size int, value uint64) {
	r.offset, r.size, r.value = offset, size, value
}

func TestSpace(t *testing.T) {
	s := NewSpace("memory")
	low, high := &recorder{}, &recorder{}
	for _, m := range []struct {
		name       string
		base, size uint64
		dev        Device
		ok         bool
	}{
		{"high", 0x2000, 0x100, high, true},
		{"low", 0x1000, 0x1000, low, true}, // ends where high begins
		{"overlapping the start", 0x1fff, 2, low, false},
		{"inside", 0x2010, 1, low, false},
		{"around", 0, 0x10000, low, false},
		{"empty", 0x5000, 0, low, false},
		{"wrapping", ^uint64(0), 2, low, false},
	} {
		if err := s.Map(m.name, m.base, m.size, m.dev); (err == nil) != m.ok {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	for _, c := range []struct {
		addr   uint64
		dev    *recorder
		offset uint64
	}{
		{0x1000, low, 0}, {0x1fff, low, 0xfff}, {0x2000, high, 0}, {0x20ff, high, 0xff}, {0x1001, low, 1},
		{0xfff, nil, 0}, {0x2100, nil, 0}, {0, nil, 0}, {^uint64(0), nil, 0},
	} {
		*low, *high = recorder{}, recorder{}
		v, ok := s.Read(c.addr, 4)
		if ok != (c.dev != nil) {
			t.Errorf("read at %#x: ok %v", c.addr, ok)
			continue
		}
		if ok && (v != 0x1234 || c.dev.offset != c.offset || c.dev.size != 4) {
			t.Errorf("read at %#x reached offset %#x", c.addr, c.dev.offset)
		}
		if s.Write(c.addr, 2, 7) != ok || (ok && (c.dev.offset != c.offset || c.dev.value != 7)) {
			t.Errorf("write at %#x went wrong", c.addr)
		}
	}
	if w := s.Windows(); len(w) != 2 || w[0].Name != "low" || w[1].Name != "high" {
		t.Errorf("windows: %v", w)
	}
}

func TestLine(t *testing.T) {
	Line{}.Set(true) // not connected: nothing happens
	level := false
	l := NewLine(func(v bool) { level = v })
	l.Set(true)
	if !level {
		t.Error("the line did not go up")
	}
}

// named answers with its name and the offset.
type named string

func (n named) Read(offset uint64, _ int) uint64 { return uint64(n[0])<<32 | offset }
func (named) Write(uint64, int, uint64)          {}

// at is who answers at addr: name and offset, "" for nobody.
func at(s *Space, addr uint64) string {
	v, ok := s.Read(addr, 4)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%c%x", rune(v>>32), uint32(v))
}

func TestRegions(t *testing.T) {
	s := NewSpace("memory")
	if err := s.Map("chip", 0x1000, 0x100, named("c")); err != nil {
		t.Fatal(err)
	}
	a, b := s.Region("a", 0x1000, named("a")), s.Region("b", 0x100, named("b"))
	for _, step := range []struct {
		what string
		do   func()
		want map[uint64]string
	}{
		{"made", func() {}, map[uint64]string{0: "", 0x1000: "c0"}},
		{"moved", func() { a.Move(0x4000) }, map[uint64]string{0x3fff: "", 0x4000: "a0", 0x4fff: "afff", 0x5000: ""}},
		{"moved over a chip", func() { a.Move(0x800) }, map[uint64]string{0x4000: "", 0x7ff: "", 0x800: "a0", 0xfff: "a7ff", 0x1000: "c0", 0x10ff: "cff", 0x1100: "a900", 0x17ff: "afff"}},
		{"another moved over it", func() { b.Move(0x1180) }, map[uint64]string{0x117f: "a97f", 0x1180: "b0", 0x127f: "bff", 0x1280: "aa80"}},
		{"moved to where it is", func() { a.Move(0x800) }, map[uint64]string{0x1180: "b0"}},
		{"moved last", func() { a.Move(0x900) }, map[uint64]string{0x1180: "a880", 0x127f: "a97f", 0x1000: "c0"}},
		{"unmapped", func() { a.Unmap() }, map[uint64]string{0x900: "", 0x1180: "b0", 0x1000: "c0"}},
		{"unmapped again", func() { a.Unmap() }, map[uint64]string{0x1180: "b0"}},
		{"all of it over a chip", func() { b.Move(0x1000) }, map[uint64]string{0x1000: "c0", 0x10ff: "cff", 0x1180: ""}},
		{"past the end", func() { a.Move(^uint64(0) - 0xffe) }, map[uint64]string{^uint64(0) - 0xffe: "", ^uint64(0): "", 0: ""}},
		{"at the end", func() { a.Move(^uint64(0) - 0x1000) }, map[uint64]string{^uint64(0) - 0x1000: "a0", ^uint64(0) - 1: "afff", ^uint64(0): ""}},
	} {
		step.do()
		for addr, want := range step.want {
			if got := at(s, addr); got != want {
				t.Errorf("%s: %q answers at %#x, want %q", step.what, got, addr, want)
			}
		}
	}
	b.Move(0x10f0)
	want := []Window{{"chip", 0x1000, 0x100}, {"b", 0x1100, 0xf0}, {"a", ^uint64(0) - 0x1000, 0x1000}}
	if got := s.Windows(); !slices.Equal(got, want) {
		t.Errorf("windows %x, want %x", got, want)
	}
}

// mover moves its region to the value that is written to it.
type mover struct {
	*Region
	written []uint64
}

func (m *mover) Read(offset uint64, _ int) uint64 { return offset }
func (m *mover) Write(offset uint64, _ int, value uint64) {
	m.written = append(m.written, offset)
	if value == 0 {
		m.Unmap()
	} else {
		m.Move(value)
	}
}

// TestRegionMovesItself: a device may move its window from within an access to it.
func TestRegionMovesItself(t *testing.T) {
	s := NewSpace("memory")
	m := &mover{}
	m.Region = s.Region("mover", 0x100, m)
	m.Move(0x1000)
	for _, c := range []struct{ addr, to, gone uint64 }{{0x1010, 0x2000, 0x1010}, {0x2020, 0x2080, 0x2020}, {0x2090, 0, 0x2090}} {
		if !s.Write(c.addr, 4, c.to) {
			t.Fatalf("nothing at %#x", c.addr)
		}
		if got := at(s, c.gone); got != "" {
			t.Errorf("moved to %#x, and it still answers at %#x: %s", c.to, c.gone, got)
		}
	}
	if want := []uint64{0x10, 0x20, 0x10}; !slices.Equal(m.written, want) {
		t.Errorf("written at offsets %#x, want %#x", m.written, want)
	}
}

// TestRegionState saves, after random moves, where regions are, and loads it into another space: the same devices answer at every address, also after more moves.
func TestRegionState(t *testing.T) {
	type board struct {
		*Space
		regions []*Region
	}
	newBoard := func() board {
		b := board{Space: NewSpace("memory")}
		b.Map("chip", 0x40, 0x10, named("z"))
		for i := range 5 {
			b.regions = append(b.regions, b.Region(string(rune('a'+i)), 1<<i, named(rune('a'+i))))
		}
		return b
	}
	step := func(b board, rng *rand.Rand) {
		if r := b.regions[rng.IntN(5)]; rng.IntN(5) == 0 {
			r.Unmap()
		} else {
			r.Move(rng.Uint64N(0x80))
		}
	}
	same := func(a, b board) {
		t.Helper()
		for addr := range uint64(0xa0) {
			if x, y := at(a.Space, addr), at(b.Space, addr); x != y {
				t.Fatalf("at %#x answers %q, loaded: %q", addr, x, y)
			}
		}
	}
	for seed := range uint64(100) {
		a, b := newBoard(), newBoard()
		rng := rand.New(rand.NewPCG(seed, 1))
		for range rng.IntN(40) {
			step(a, rng)
			step(b, rng) // to be forgotten
		}
		var file bytes.Buffer
		if err := snapshot.Save(&file, a.State); err != nil {
			t.Fatal(err)
		}
		if err := snapshot.Load(&file, b.State); err != nil {
			t.Fatal(err)
		}
		same(a, b)
		ra, rb := rand.New(rand.NewPCG(seed, 2)), rand.New(rand.NewPCG(seed, 2))
		for range 20 {
			step(a, ra)
			step(b, rb)
			same(a, b)
		}
	}
}

// TestStateOfARegionThatCannotBe: a state with a window past the end of its address space is refused.
func TestStateOfARegionThatCannotBe(t *testing.T) {
	a, b := NewSpace("memory"), NewSpace("memory")
	a.Region("bar", 1, named("x")).Move(^uint64(0) - 1)
	b.Region("bar", 0x100, named("x"))
	var file bytes.Buffer
	if err := snapshot.Save(&file, a.State); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Load(&file, b.State); err == nil {
		t.Error("it was loaded")
	}
}
