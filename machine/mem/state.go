package mem

import (
	"bytes"
	"fmt"

	"forkscope/machine/snapshot"
)

// pagesEnd stands where the address of a page would, after the last.
const pagesEnd = ^uint64(0)

var zeroPage [PageSize]byte

// State goes over the pages that are not zero. Those of a state that is loaded are kept aside: Commit puts them in place, Discard forgets them.
func (r *RAM) State(v *snapshot.Visitor) {
	v.Section("ram")
	if !v.Loading() {
		for at := uint64(0); at < r.Size() && v.Err() == nil; at += PageSize {
			if page := r.bytes[at : at+PageSize]; !bytes.Equal(page, zeroPage[:]) {
				snapshot.Uint(v, "page", &at)
				snapshot.Array(v, "bytes", page)
			}
		}
		at := pagesEnd
		snapshot.Uint(v, "page", &at)
		return
	}
	if err := r.stage(); err != nil {
		v.Fail("%w", err)
	}
	for next := uint64(0); v.Err() == nil; {
		var at uint64
		snapshot.Uint(v, "page", &at)
		if at == pagesEnd || v.Err() != nil {
			return
		}
		if at%PageSize != 0 || at < next || at >= r.Size() {
			v.Fail("the state has a page at %#x of RAM, where none can be", at)
			return
		}
		next = at + PageSize
		snapshot.Array(v, "bytes", r.staged[at:next])
		r.stagedPages[at>>PageShift] = true
	}
}

// stage makes room for the pages of a state. What is not touched of it costs nothing.
func (r *RAM) stage() error {
	r.Discard()
	b, err := allocate(r.Size())
	if err != nil {
		return fmt.Errorf("room for %d bytes of RAM: %w", r.Size(), err)
	}
	r.staged, r.stagedPages = b, make([]bool, len(r.dirty))
	return nil
}

// Commit puts the pages of the state that was loaded in place, and zeroes the others. The CPU hears of decoded pages that change.
func (r *RAM) Commit() {
	for i, there := range r.stagedPages {
		at := i << PageShift
		page := zeroPage[:]
		if there {
			page = r.staged[at : at+PageSize]
		}
		if !bytes.Equal(r.bytes[at:at+PageSize], page) {
			r.Write(r.base+uint64(at), page)
		}
	}
	r.Discard()
}

// Discard forgets the pages of a state that was not committed.
func (r *RAM) Discard() {
	if r.staged != nil {
		release(r.staged)
	}
	r.staged, r.stagedPages = nil, nil
}
