// Package bus is the address map of a machine: which device answers at which physical address or I/O port,
// and the wires by which devices raise interrupts.
package bus

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Device answers reads and writes in a window of addresses. Offsets count from the window's start; size is 1, 2, 4 or 8 bytes.
// A device ignores what it does not know: reads give 0, as on boards whose bus does not fault.
type Device interface {
	Read(offset uint64, size int) uint64
	Write(offset uint64, size int, value uint64)
}

// Line is an interrupt wire seen from the device that drives it. It is a value; the zero Line is not connected.
type Line struct{ set func(level bool) }

// NewLine returns the wire whose level is passed to set.
func NewLine(set func(level bool)) Line { return Line{set} }

// Set drives the wire high or low. Driving it to the level it has is harmless.
func (l Line) Set(level bool) {
	if l.set != nil {
		l.set(level)
	}
}

type window struct {
	base, size uint64
	dev        Device
	name       string
}

// answer is a run of addresses, from base up to but not including end, that reach one window.
type answer struct {
	base, end uint64
	*window
}

// Space is one address space of devices: physical memory outside RAM, or the x86 I/O ports. A CPU asks it about every access anew and keeps nothing of
// the answer, so a window may move at any time, in the middle of an access to itself too.
type Space struct {
	name    string
	fixed   []*window // never overlapping
	regions []*Region // in the order in which they were made
	answers []answer  // what follows from both, sorted by base, never overlapping
	last    int       // the one that answered last: polling loops hit it again
}

// NewSpace returns an empty address space; name appears in errors.
func NewSpace(name string) *Space { return &Space{name: name} }

// Map puts dev at size addresses from base, for good. Overlap is an error of the board's wiring table.
func (s *Space) Map(name string, base, size uint64, dev Device) error {
	if size == 0 || base+size < base {
		return fmt.Errorf("%s: window of %s at %#x is empty or wraps", s.name, name, base)
	}
	for _, w := range s.fixed {
		if base < w.base+w.size && w.base < base+size {
			return fmt.Errorf("%s: %s at %#x overlaps %s at %#x", s.name, name, base, w.name, w.base)
		}
	}
	s.fixed = append(s.fixed, &window{base, size, dev, name})
	s.arrange()
	return nil
}

// Read asks the device at addr; ok is false where nothing is mapped.
func (s *Space) Read(addr uint64, size int) (value uint64, ok bool) {
	a := s.find(addr)
	if a == nil {
		return 0, false
	}
	return a.dev.Read(addr-a.window.base, size), true
}

// Write passes value to the device at addr; it reports false where nothing is mapped.
func (s *Space) Write(addr uint64, size int, value uint64) bool {
	a := s.find(addr)
	if a == nil {
		return false
	}
	a.dev.Write(addr-a.window.base, size, value)
	return true
}

// Window describes the addresses at which a device answers.
type Window struct {
	Name       string
	Base, Size uint64
}

// Windows lists what is mapped, by ascending base.
func (s *Space) Windows() []Window {
	out := make([]Window, len(s.answers))
	for i, a := range s.answers {
		out[i] = Window{a.name, a.base, a.end - a.base}
	}
	return out
}

func (s *Space) find(addr uint64) *answer {
	if s.last < len(s.answers) {
		if a := &s.answers[s.last]; addr >= a.base && addr < a.end {
			return a
		}
	}
	i := sort.Search(len(s.answers), func(i int) bool { return s.answers[i].base > addr })
	if i == 0 {
		return nil
	}
	if a := &s.answers[i-1]; addr < a.end {
		s.last = i - 1
		return a
	}
	return nil
}

// arrange works out who answers where. The list is a new one: an access that is going on keeps what it has found.
func (s *Space) arrange() {
	s.answers, s.last = nil, 0
	for _, w := range s.fixed {
		s.show(w)
	}
	for _, r := range slices.SortedFunc(slices.Values(s.regions), func(a, b *Region) int { return cmp.Compare(b.turn, a.turn) }) {
		if r.turn != 0 {
			s.show(&r.window)
		}
	}
}

// show lets w answer at those of its addresses at which nothing does yet.
func (s *Space) show(w *window) {
	at, end := w.base, w.base+w.size
	var shown []answer
	for _, a := range s.answers {
		if a.end <= at || a.base >= end {
			continue
		}
		if at < a.base {
			shown = append(shown, answer{at, a.base, w})
		}
		at = a.end
	}
	if at < end {
		shown = append(shown, answer{at, end, w})
	}
	s.answers = append(s.answers, shown...)
	slices.SortFunc(s.answers, func(a, b answer) int { return cmp.Compare(a.base, b.base) })
}
