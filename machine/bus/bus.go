// Package bus is the address map of a machine: which device answers at which physical address or I/O port,
// and the wires by which devices raise interrupts.
package bus

import (
	"fmt"
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

// Space is one address space of devices: physical memory outside RAM, or the x86 I/O ports.
type Space struct {
	name    string
	windows []window // sorted by base, never overlapping
	last    int      // the window that answered last: polling loops hit it again
}

// NewSpace returns an empty address space; name appears in errors.
func NewSpace(name string) *Space { return &Space{name: name} }

// Map puts dev at size addresses from base. Overlap is an error of the board's wiring table.
func (s *Space) Map(name string, base, size uint64, dev Device) error {
	if size == 0 || base+size < base {
		return fmt.Errorf("%s: window of %s at %#x is empty or wraps", s.name, name, base)
	}
	for _, w := range s.windows {
		if base < w.base+w.size && w.base < base+size {
			return fmt.Errorf("%s: %s at %#x overlaps %s at %#x", s.name, name, base, w.name, w.base)
		}
	}
	s.windows = append(s.windows, window{base, size, dev, name})
	sort.Slice(s.windows, func(i, j int) bool { return s.windows[i].base < s.windows[j].base })
	s.last = 0
	return nil
}

// Read asks the device at addr; ok is false where nothing is mapped.
func (s *Space) Read(addr uint64, size int) (value uint64, ok bool) {
	w := s.find(addr)
	if w == nil {
		return 0, false
	}
	return w.dev.Read(addr-w.base, size), true
}

// Write passes value to the device at addr; it reports false where nothing is mapped.
func (s *Space) Write(addr uint64, size int, value uint64) bool {
	w := s.find(addr)
	if w == nil {
		return false
	}
	w.dev.Write(addr-w.base, size, value)
	return true
}

// Window describes one mapped device.
type Window struct {
	Name       string
	Base, Size uint64
}

// Windows lists what is mapped, by ascending base.
func (s *Space) Windows() []Window {
	out := make([]Window, len(s.windows))
	for i, w := range s.windows {
		out[i] = Window{w.name, w.base, w.size}
	}
	return out
}

func (s *Space) find(addr uint64) *window {
	if s.last < len(s.windows) {
		if w := &s.windows[s.last]; addr-w.base < w.size && addr >= w.base {
			return w
		}
	}
	i := sort.Search(len(s.windows), func(i int) bool { return s.windows[i].base > addr })
	if i == 0 {
		return nil
	}
	if w := &s.windows[i-1]; addr-w.base < w.size {
		s.last = i - 1
		return w
	}
	return nil
}
