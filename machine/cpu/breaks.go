package cpu

import (
	"math/bits"
	"sync/atomic"
)

// versions numbers the states of all sets, so that two different ones never have the same number. 0 is that of empty sets that never
// changed.
var versions atomic.Uint64

func nextVersion() uint64 { return versions.Add(1) }

// BreakSet is a set of virtual addresses of instructions before which a CPU stops. They are here and never in guest memory, so the guest
// cannot see them and they hold before paging is on, in absent pages and across copy on write. The zero value is empty. A set belongs to the goroutine
// that runs the machine, and is not changed during a run.
type BreakSet struct {
	pages   map[uint64]*pageBreaks // by virtual page number
	last    *pageBreaks            // that of the page number lastVPN, or nil
	lastVPN uint64
	filter  uint64 // one bit for each virtual page number modulo 64 that has a breakpoint
	version uint64 // of the set, for what CPUs derive from it
}

type pageBreaks struct {
	bits  [4096 / 64]uint64
	count int
}

// Add puts va into the set; adding it twice is harmless.
func (s *BreakSet) Add(va uint64) {
	if s.pages == nil {
		s.pages = make(map[uint64]*pageBreaks)
	}
	p := s.pages[va>>12]
	if p == nil {
		p = &pageBreaks{}
		s.pages[va>>12] = p
		s.last = nil
	}
	word, bit := va>>6&63, uint64(1)<<(va&63)
	if p.bits[word]&bit == 0 {
		p.bits[word] |= bit
		p.count++
		s.version = nextVersion()
		s.filter |= 1 << (va >> 12 & 63)
	}
}

// Remove takes va out of the set, if it is in it.
func (s *BreakSet) Remove(va uint64) {
	p := s.pages[va>>12]
	if p == nil {
		return
	}
	word, bit := va>>6&63, uint64(1)<<(va&63)
	if p.bits[word]&bit == 0 {
		return
	}
	p.bits[word] &^= bit
	p.count--
	s.version = nextVersion()
	if p.count == 0 {
		delete(s.pages, va>>12)
		s.last = nil
		s.filter = 0
		for vpn := range s.pages {
			s.filter |= 1 << (vpn & 63)
		}
	}
}

// Has says whether va is in the set.
func (s *BreakSet) Has(va uint64) bool {
	p := s.page(va)
	return p != nil && p.bits[va>>6&63]&(1<<(va&63)) != 0
}

// First returns the lowest address of [lo, hi) that is in the set, or hi. The range spans less than a page.
func (s *BreakSet) First(lo, hi uint64) uint64 {
	for lo < hi {
		end := min(hi, lo&^0xfff+0x1000) // in this page
		if p := s.page(lo); p != nil {
			for va := lo; va < end; va = va&^63 + 64 {
				if word := p.bits[va>>6&63] >> (va & 63); word != 0 {
					return min(va+uint64(bits.TrailingZeros64(word)), hi)
				}
			}
		}
		lo = end
	}
	return hi
}

func (s *BreakSet) page(va uint64) *pageBreaks {
	if s.filter&(1<<(va>>12&63)) == 0 {
		return nil
	}
	if s.last == nil || s.lastVPN != va>>12 {
		s.last, s.lastVPN = s.pages[va>>12], va>>12
	}
	return s.last
}

// SyscallSet is a set of system call numbers. The zero value is empty.
type SyscallSet struct {
	All  bool // every number
	bits [16]uint64
}

// Add puts number n into the set. Kernels have some hundred calls; larger numbers than 1023 are only in a set of All.
func (s *SyscallSet) Add(n uint64) {
	if n < uint64(64*len(s.bits)) {
		s.bits[n>>6] |= 1 << (n & 63)
	}
}

// Union puts all numbers of o into the set too.
func (s *SyscallSet) Union(o *SyscallSet) {
	s.All = s.All || o.All
	for i := range s.bits {
		s.bits[i] |= o.bits[i]
	}
}

// Has says whether n is in the set.
func (s *SyscallSet) Has(n uint64) bool {
	return s.All || n < uint64(64*len(s.bits)) && s.bits[n>>6]&(1<<(n&63)) != 0
}
