package bus

import "forkscope/machine/snapshot"

// Region is a window that its device moves while the guest runs, as the guest tells it to: a base address register of PCI, for one. It may lie over
// other windows, since a guest that moves several has them over each other on the way. Then the windows that are fixed answer before it, RAM before
// everything, and of two regions the one that was moved last.
type Region struct {
	window
	space *Space
	turn  uint64 // 0 while it is at no address; else greater than that of every region that was moved before
}

// Region returns a window of size addresses in which dev answers, and which is at no address yet.
func (s *Space) Region(name string, size uint64, dev Device) *Region {
	r := &Region{window: window{size: size, dev: dev, name: name}, space: s}
	s.regions = append(s.regions, r)
	return r
}

// Size is the number of its addresses.
func (r *Region) Size() uint64 { return r.size }

// Move puts the region at base, from wherever it was. Where it would reach past the last address it is at none.
func (r *Region) Move(base uint64) {
	switch {
	case base+r.size < base:
		r.Unmap()
		return
	case r.turn != 0 && r.base == base:
		return
	}
	var last uint64
	for _, other := range r.space.regions {
		last = max(last, other.turn)
	}
	r.base, r.turn = base, last+1
	r.space.arrange()
}

// Unmap takes the region away from where it is.
func (r *Region) Unmap() {
	if r.turn == 0 {
		return
	}
	r.base, r.turn = 0, 0
	r.space.arrange()
}

// State goes over where the regions are. A space without any has no state.
func (s *Space) State(v *snapshot.Visitor) {
	if len(s.regions) == 0 {
		return
	}
	v.Section("regions of " + s.name)
	for _, r := range s.regions {
		snapshot.Uint(v, r.name+", base", &r.base)
		snapshot.Uint(v, r.name+", turn", &r.turn)
		v.Check(r.base+r.size >= r.base && r.turn < 1<<63, r.name+", base or turn")
	}
	if v.Loading() {
		s.arrange()
	}
}
