package cpu

import (
	"cmp"
	"slices"
)

// WatchKind says which accesses a watchpoint wants.
type WatchKind uint8

const (
	WatchWrite WatchKind = 1 << iota
	WatchRead
	WatchAccess = WatchRead | WatchWrite
)

// Watchpoint is a range of virtual addresses whose accesses end Run. On arm64, as on the hardware, the access has not
// happened when Run returns; on x86 the instruction has completed.
type Watchpoint struct {
	Addr, Len uint64
	Kind      WatchKind
}

// WatchSet is a set of watchpoints. The zero value is empty. It belongs to the goroutine that runs the machine, and is not changed during a run.
//
// A watched page is reached by the slow path, which looks at the page tables at each access. A guest can see that in accessed bits, so a
// run is repeated only with the same pages watched; see Quiet.
type WatchSet struct {
	list []Watchpoint // ordered; one that was added twice is there twice
	// Quiet makes accesses pass all of the watchpoints: their pages are only reached in the same way.
	Quiet bool
}

// NewWatchSet returns a set of the watchpoints of list.
func NewWatchSet(list []Watchpoint) *WatchSet {
	s := &WatchSet{}
	for _, w := range list {
		s.Add(w)
	}
	return s
}

func compareWatches(a, b Watchpoint) int {
	return cmp.Or(cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.Len, b.Len), cmp.Compare(a.Kind, b.Kind))
}

// Add adds a watchpoint, which watches at least one byte.
func (s *WatchSet) Add(w Watchpoint) {
	i, _ := slices.BinarySearchFunc(s.list, w, compareWatches)
	s.list = slices.Insert(s.list, i, w)
}

// Remove removes one watchpoint equal to w, if there is one.
func (s *WatchSet) Remove(w Watchpoint) {
	if i, ok := slices.BinarySearchFunc(s.list, w, compareWatches); ok {
		s.list = slices.Delete(s.list, i, i+1)
	}
}

// List is the watchpoints, in an order that depends on nothing but them. The set may be nil. The result is not to be changed, and good until the set is.
func (s *WatchSet) List() []Watchpoint {
	if s == nil {
		return nil
	}
	return s.list
}

// Watched is what a CPU knows of its watchpoints.
type Watched struct {
	list  []Watchpoint
	quiet bool
}

// Take takes over what orders say. It reports whether other addresses are watched than before, so that translations have to be forgotten: a
// watched page must not be reached by a fast path.
func (w *Watched) Take(s *WatchSet) (changed bool) {
	w.quiet = s != nil && s.Quiet
	if list := s.List(); !slices.Equal(w.list, list) {
		w.list = append(w.list[:0], list...)
		return true
	}
	return false
}

// Page says whether any watchpoint touches the page of va; such a page must not be reached by a fast path.
func (w *Watched) Page(va uint64) bool {
	for i := range w.list {
		p := &w.list[i]
		if va>>12 >= p.Addr>>12 && va>>12 <= (p.Addr+p.Len-1)>>12 {
			return true
		}
	}
	return false
}

// Hit returns the first watchpoint that an access of size bytes at va touches, and the first watched address accessed.
func (w *Watched) Hit(va, size uint64, kind WatchKind) (p Watchpoint, addr uint64, ok bool) {
	for i := range w.list {
		p := &w.list[i]
		if p.Kind&kind != 0 && (va-p.Addr < p.Len || p.Addr-va < size) && !w.quiet { // also where one of them ends with the last address
			return *p, max(va, p.Addr), true
		}
	}
	return Watchpoint{}, 0, false
}
