package code

import (
	"math/bits"

	"forkscope/machine/mem"
)

const (
	slotShift = 2
	slots     = mem.PageSize >> slotShift
	// pageBytes is about what a page costs by itself.
	pageBytes = slots*8 + 1024
)

// Page holds the blocks that start in one page of RAM. Once made it is the page's as long as the store keeps it, with or without blocks in it.
type Page[B any, P Held[B]] struct {
	// Slots has, for each four bytes of the page, one of the blocks that start there; Block.Next has the others. It is to be read only.
	Slots [slots]*B

	pa      uint64
	filled  [slots / 64]uint64 // which slots have a block
	decoded bytemap            // each byte that is part of a block has its bit set, and some that were have
	over    []*B               // blocks of other pages that go over into this one
	count   int                // of blocks that start here
	bytes   int                // of memory
	longest uint               // the most bytes that a block has had here
	marked  bool               // RAM knows that stores are to be told of
	used    uint32             // the round in which it was last asked for

	writes writes
}

// First returns one of the blocks that start in the four bytes around off; those that Next leads to are the others.
func (p *Page[B, P]) First(off uint64) *B { return p.Slots[off>>slotShift&(slots-1)] }

// each calls f for every block that starts in the page.
func (p *Page[B, P]) each(f func(*B)) {
	for w, word := range p.filled {
		for ; word != 0; word &= word - 1 {
			for b := p.Slots[w<<6+bits.TrailingZeros64(word)]; b != nil; {
				next := P(b).Base().next
				f(b)
				b = next
			}
		}
	}
}

// unlink makes the blocks of the page forget the dropped ones.
func (p *Page[B, P]) unlink() {
	p.each(func(b *B) { P(b).Unlink() })
}

// bytemap has a bit for each byte of a page.
type bytemap [mem.PageSize / 64]uint64

// within is the bits of word w that stand for bytes of [lo, hi).
func within(w, lo, hi uint) uint64 {
	m := ^uint64(0)
	if at := w << 6; lo > at {
		m <<= lo - at
	}
	if end := w<<6 + 64; hi < end {
		m &= ^uint64(0) >> (end - hi)
	}
	return m
}

func (m *bytemap) any(lo, hi uint) bool {
	for w := lo >> 6; w<<6 < hi; w++ {
		if m[w]&within(w, lo, hi) != 0 {
			return true
		}
	}
	return false
}

func (m *bytemap) set(lo, hi uint) {
	for w := lo >> 6; w<<6 < hi; w++ {
		m[w] |= within(w, lo, hi)
	}
}

func (m *bytemap) clear(lo, hi uint) {
	for w := lo >> 6; w<<6 < hi; w++ {
		m[w] &^= within(w, lo, hi)
	}
}
