package mem

// A page is dirty when it may have been written since Clean: a CPU marks it before it writes it by a way that RAM does not see, which is when
// the page becomes writable in its TLB.

// MarkDirty notes that pa's page, which must be in RAM, may be written from now on.
func (r *RAM) MarkDirty(pa uint64) { r.dirty[(pa-r.base)>>PageShift] = true }

// Dirty lists the physical addresses of the pages that may have been written since Clean, or since the RAM was made, by ascending address.
func (r *RAM) Dirty() []uint64 {
	var list []uint64
	for i, d := range r.dirty {
		if d {
			list = append(list, r.base+uint64(i)<<PageShift)
		}
	}
	return list
}

// Clean starts anew: no page is dirty. The CPU forgets which pages it may write, so the next store to each takes the slow path and marks it. A guest
// that takes dirty bits out of its page tables without telling the CPU can see that.
func (r *RAM) Clean() {
	clear(r.dirty)
	if r.onClean != nil {
		r.onClean()
	}
}

// OnClean registers the CPU's function that forgets which pages may be written.
func (r *RAM) OnClean(f func()) { r.onClean = f }
