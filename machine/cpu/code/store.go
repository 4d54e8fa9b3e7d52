// Package code keeps the blocks of instructions that a CPU has decoded, by where they are in RAM and by the mode that they were decoded for. It is the
// same for every kind of CPU: how a block looks, and how blocks lead to each other, is the CPU's own.
//
// Blocks belong to physical pages, so code that is seen at several addresses, or by way of several page tables, is decoded once, and a store finds
// what it makes invalid. A store to a page with blocks must be told of (Wrote, or mem.RAM.Write, which does); pages without
// are written at full speed. Nothing of this is state of the guest: what a run does never depends on what is kept.
package code

import (
	"math/bits"

	"forkscope/machine/mem"
)

// Owner is what the store asks of its CPU. None of it may be nil.
type Owner[B any] struct {
	// Appears says that the page at pa has code from now on: the next store to it must be told of.
	Appears func(pa uint64)
	// Gone says that a block was dropped: no cache of the CPU's own may lead to it any more. Links from blocks of its page are cut by Held.Unlink, or
	// end with the page.
	Gone func(b *B)
	// Hit says that decoded bytes were changed: the running block must end at the next instruction boundary, and follow no link. With passing set they
	// are bytes that Passing was called for, and that only matters if it is the latest of those that is running.
	Hit func(passing bool)
}

// Store holds the blocks of one CPU. A link from a block may lead to blocks of the same page only.
type Store[B any, P Held[B]] struct {
	ram   *mem.RAM
	owner Owner[B]
	pages []*Page[B, P] // by number in RAM
	list  []*Page[B, P] // those there are
	bytes int
	most  int
	round uint32 // of making room
}

// New returns an empty store for code in ram, which is full at about most bytes of the host's memory. It hears of what ram's Write changes.
func New[B any, P Held[B]](ram *mem.RAM, most int, owner Owner[B]) *Store[B, P] {
	s := &Store[B, P]{ram: ram, owner: owner, pages: make([]*Page[B, P], ram.Size()>>mem.PageShift), most: most}
	ram.OnCodeWrite(s.Wrote)
	return s
}

// At returns the page of the physical address pa, which must be in RAM.
func (s *Store[B, P]) At(pa uint64) *Page[B, P] {
	i := (pa - s.ram.Base()) >> mem.PageShift
	p := s.pages[i]
	if p == nil {
		p = &Page[B, P]{pa: pa &^ (mem.PageSize - 1), bytes: pageBytes}
		s.pages[i] = p
		s.list = append(s.list, p)
		s.bytes += pageBytes
	}
	p.used = s.round
	return p
}

// Bytes is about how much of the host's memory the blocks take.
func (s *Store[B, P]) Bytes() int { return s.bytes }

// Full says that MakeRoom should be called before the next Add.
func (s *Store[B, P]) Full() bool { return s.bytes > s.most }

// Add keeps a block that starts in p and takes about bytes bytes of the host's memory.
func (s *Store[B, P]) Add(p *Page[B, P], b *B, bytes int) {
	h := P(b).Base()
	slot := h.Off >> slotShift
	h.next, p.Slots[slot] = p.Slots[slot], b
	p.filled[slot>>6] |= 1 << (slot & 63)
	h.kept, h.page, h.bytes = true, s.number(p), uint32(bytes)
	p.decoded.set(uint(h.Off), uint(h.End))
	p.longest = max(p.longest, uint(h.End-h.Off))
	p.count++
	p.writes.hits = 0
	p.bytes += bytes
	s.bytes += bytes
	s.mark(p)
	if h.Over != 0 {
		second := s.At(h.Into)
		second.over = append(second.over, b)
		second.decoded.set(0, uint(h.Over))
		s.mark(second)
	}
}

// Unsteady reports whether the bytes of p from offset lo up to hi change so often that an instruction of which they are part should not be kept: it is
// decoded for each execution, and Passing called. A block ends before it.
func (s *Store[B, P]) Unsteady(p *Page[B, P], lo, hi uint32) bool {
	return p.writes.unsteadyIn(uint(lo), uint(hi)) != nil
}

// Passing notes that the bytes of p from offset lo up to hi were decoded for one execution. A store to them is a Hit, too.
func (s *Store[B, P]) Passing(p *Page[B, P], lo, hi uint32) {
	p.decoded.set(uint(lo), uint(hi))
	if c := p.writes.unsteadyIn(uint(lo), uint(hi)); c != nil {
		p.writes.lower(c, 1)
	}
	s.mark(p)
}

// Wrote drops the blocks of which the n bytes at pa, all in one page of RAM, are part, for they have been written or are about to be.
func (s *Store[B, P]) Wrote(pa, n uint64) {
	p := s.pages[(pa-s.ram.Base())>>mem.PageShift]
	if p == nil || !p.marked {
		return
	}
	lo := uint(pa % mem.PageSize)
	hi := lo + uint(n)
	p.writes.follow(lo, hi)
	if !p.decoded.any(lo, hi) {
		return
	}
	change := p.writes.unsteadyIn(lo, hi)
	if change != nil && uint(change.lo) <= lo && hi <= uint(change.hi) && !p.writes.replaces() {
		p.writes.raise(change)
		s.owner.Hit(true) // no block holds them
		return
	}
	dropped := s.dropSpan(p, lo, hi)
	p.decoded.clear(lo, hi)
	if dropped {
		p.writes.hits++
	}
	switch {
	case !dropped && change == nil: // bytes of blocks that are no more
	case p.writes.replaces():
		s.empty(p)
	default:
		p.writes.note(lo, hi)
	}
	s.settle(p)
	s.owner.Hit(false)
}

// MakeRoom drops the pages that were not asked for since it was last called, or all of them, if that is not enough. Blocks of the others are
// still there. The CPU must have no reference to a page or block afterwards, and ask for each anew: that is how it is seen which are in use.
func (s *Store[B, P]) MakeRoom() {
	s.dropPages(func(p *Page[B, P]) bool { return p.used != s.round })
	if s.bytes > s.most-s.most/4 {
		s.dropPages(func(*Page[B, P]) bool { return true })
	}
	s.round++
	s.owner.Hit(false)
}

func (s *Store[B, P]) dropPages(which func(*Page[B, P]) bool) {
	kept := s.list[:0]
	for _, p := range s.list {
		if !which(p) {
			kept = append(kept, p)
			continue
		}
		s.empty(p)
		s.settle(p)
		s.pages[s.number(p)] = nil
		s.bytes -= p.bytes
	}
	clear(s.list[len(kept):])
	s.list = kept
}

func (s *Store[B, P]) number(p *Page[B, P]) uint32 {
	return uint32((p.pa - s.ram.Base()) >> mem.PageShift)
}

// mark makes stores to the page be told of.
func (s *Store[B, P]) mark(p *Page[B, P]) {
	if p.marked {
		return
	}
	p.marked = true
	p.writes.run = 0
	s.ram.MarkCode(p.pa)
	s.owner.Appears(p.pa)
}

// settle ends that where nothing is left that a store could change.
func (s *Store[B, P]) settle(p *Page[B, P]) {
	if p.marked && p.count == 0 && len(p.over) == 0 && p.writes.unsteady == 0 {
		p.marked = false
		p.decoded = bytemap{}
		s.ram.ClearCode(p.pa)
	}
}

// dropSpan drops the blocks that have bytes in [lo, hi) of p, and reports whether there were any.
func (s *Store[B, P]) dropSpan(p *Page[B, P], lo, hi uint) bool {
	was := p.count
	first := uint(0)
	if lo >= p.longest {
		first = (lo - p.longest + 1) >> slotShift
	}
	last := (hi - 1) >> slotShift
	for w := first >> 6; w <= last>>6; w++ {
		for word := p.filled[w] & within(w, first, last+1); word != 0; word &= word - 1 {
			s.dropFrom(p, w<<6+uint(bits.TrailingZeros64(word)), func(h *Block[B]) bool {
				return uint(h.Off) < hi && uint(h.End) > lo
			})
		}
	}
	if p.count != was {
		p.unlink()
	}
	return s.dropOver(p, lo) || p.count != was
}

// dropFrom drops blocks out of a slot of p.
func (s *Store[B, P]) dropFrom(p *Page[B, P], slot uint, which func(*Block[B]) bool) {
	for link := &p.Slots[slot]; *link != nil; {
		b := *link
		h := P(b).Base()
		if !which(h) {
			link = &h.next
			continue
		}
		*link = h.next
		s.gone(p, b)
	}
	if p.Slots[slot] == nil {
		p.filled[slot>>6] &^= 1 << (slot & 63)
	}
}

// dropOver drops the blocks of other pages of which bytes of p from offset lo on are part.
func (s *Store[B, P]) dropOver(p *Page[B, P], lo uint) (dropped bool) {
	for i := 0; i < len(p.over); {
		h := P(p.over[i]).Base()
		if uint(h.Over) <= lo {
			i++
			continue
		}
		home := s.pages[h.page]
		s.dropFrom(home, uint(h.Off>>slotShift), func(o *Block[B]) bool { return o == h }) // which takes it out of the list
		home.unlink()
		s.settle(home)
		dropped = true
	}
	return dropped
}

// empty drops all of the page's blocks and those that go over into it.
func (s *Store[B, P]) empty(p *Page[B, P]) {
	p.each(func(b *B) { s.gone(p, b) })
	p.Slots = [slots]*B{}
	p.filled = [slots / 64]uint64{}
	s.dropOver(p, 0)
	p.decoded = bytemap{}
	p.longest = 0
	p.writes = writes{}
}

// gone follows a block of p that is being dropped.
func (s *Store[B, P]) gone(p *Page[B, P], b *B) {
	h := P(b).Base()
	h.kept, h.next = false, nil
	p.count--
	p.bytes -= int(h.bytes)
	s.bytes -= int(h.bytes)
	if h.Over != 0 {
		second := s.pages[(h.Into-s.ram.Base())>>mem.PageShift]
		for i, o := range second.over {
			if o == b {
				last := len(second.over) - 1
				second.over[i], second.over[last] = second.over[last], nil
				second.over = second.over[:last]
				break
			}
		}
		if second != p {
			s.settle(second)
		}
	}
	s.owner.Gone(b)
}
