package cpu

import (
	"testing"

	"pgregory.net/rapid"
)

// stopsOf is what a CPU makes of orders.
func stopsOf(o Orders) *Stops {
	s := &Stops{}
	s.Take(&o)
	return s
}

func TestBreaksInARange(t *testing.T) {
	var breaks BreakSet
	for _, va := range []uint64{0x1000, 0x1fff, 0x2040, 0x42080, 0x43000} {
		breaks.Add(va)
	}
	area := NewArea(0x1f80, 0x2010)
	area.Add(0x1f80, 0x7e)
	area.Add(0x1fff, 2)
	for _, o := range []Orders{{Breaks: &breaks}, {Outside: area}, {Breaks: &breaks, Outside: area}} {
		s := stopsOf(o)
		for lo := uint64(0xf80); lo < 0x2100; lo++ {
			for _, n := range []uint64{0, 1, 2, 63, 64, 65, 130, 0xfff} {
				want := lo + n
				for va := lo + n; va > lo; {
					va--
					if s.At(va) {
						want = va
					}
					if s.At(va) && !s.May(va) {
						t.Fatalf("May(%#x) denies a stop", va)
					}
				}
				if got := s.First(lo, lo+n); got != want {
					t.Fatalf("First(%#x, %#x) is %#x, want %#x", lo, lo+n, got, want)
				}
			}
		}
	}
}

// The breakpoint set is compared with a plain map under random changes.
func TestBreakpointSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set BreakSet
		model := map[uint64]bool{}
		// Few pages and few offsets, so that pages fill, empty and collide in the filter.
		addr := rapid.Custom(func(t *rapid.T) uint64 {
			page := rapid.SampledFrom([]uint64{0, 1, 64, 65, 0xffff00000008, 0xfffffffffffff}).Draw(t, "page")
			return page<<12 | rapid.SampledFrom([]uint64{0, 1, 4, 63, 64, 0xfff}).Draw(t, "offset")
		})
		var cpus Stops
		for range 60 {
			a := addr.Draw(t, "addr")
			had := model[a]
			if rapid.Bool().Draw(t, "set") {
				set.Add(a)
				model[a] = true
			} else {
				set.Remove(a)
				delete(model, a)
			}
			if changed := cpus.Take(&Orders{Breaks: &set}); changed != (had != model[a]) {
				t.Fatalf("changed: %v, at %#x from %v to %v", changed, a, had, model[a])
			}
			b := addr.Draw(t, "probe")
			if set.Has(b) != model[b] {
				t.Fatalf("Has(%#x) = %v", b, set.Has(b))
			}
			if model[b] && !cpus.May(b) {
				t.Fatalf("May(%#x) denies a breakpoint", b)
			}
		}
		for a := range model {
			set.Remove(a)
		}
		cpus.Take(&Orders{Breaks: &set})
		if cpus.May(0) || cpus.May(64<<12) {
			t.Fatal("an empty set may break")
		}
	})
}

// Two sets are never taken for one another, whatever happened to each.
func TestSetsAreToldApart(t *testing.T) {
	var a, b BreakSet
	a.Add(1)
	b.Add(2)
	var s Stops
	for i, o := range []Orders{{Breaks: &a}, {Breaks: &b}, {Breaks: &a, Outside: NewArea(0, 10)}, {Breaks: &b, Outside: NewArea(0, 10)}, {}} {
		before := s.Version
		if !s.Take(&o) || s.Version == before {
			t.Errorf("orders %d are taken for those before", i)
		}
		if s.Take(&o) {
			t.Errorf("orders %d differ from themselves", i)
		}
	}
}

// An area holds in its mode, and not further down the stack.
func TestOutside(t *testing.T) {
	a := NewArea(0x1000, 0x1010)
	a.Add(0x1000, 8)
	a.Privileged, a.SP = true, 0x8000
	var breaks BreakSet
	breaks.Add(0x1004)
	s := stopsOf(Orders{Outside: a, Breaks: &breaks})
	for _, c := range []struct {
		va         uint64
		privileged bool
		sp         uint64
		want       Reason
		stops      bool
	}{
		{0x1000, true, 0x9000, 0, false},
		{0x1004, true, 0x9000, Break, true},
		{0x1008, true, 0x9000, Outside, true},
		{0x1008, true, 0x8000, Outside, true},
		{0x1008, true, 0x7fff, 0, false},
		{0x1008, false, 0x9000, 0, false},
		{0x100f, true, 0x9000, Outside, true},
		{0x1010, true, 0x9000, 0, false},
		{0xfff, true, 0x9000, 0, false},
	} {
		if why, stops := s.Reason(c.va, c.privileged, c.sp); why != c.want || stops != c.stops {
			t.Errorf("%+v: %v %v", c, why, stops)
		}
	}
}

func TestWatchpoints(t *testing.T) {
	var set WatchSet
	var cpus Watched
	w := Watchpoint{Addr: 0x1ffe, Len: 4, Kind: WatchWrite} // across a page
	set.Add(w)
	if !cpus.Take(&set) || cpus.Take(&set) {
		t.Error("a change is not noticed, or twice")
	}
	for _, c := range []struct {
		va, size uint64
		kind     WatchKind
		hit      bool
		addr     uint64
	}{
		{0x1ffe, 1, WatchWrite, true, 0x1ffe},
		{0x1ff0, 16, WatchWrite, true, 0x1ffe},
		{0x2001, 8, WatchWrite, true, 0x2001},
		{0x2002, 8, WatchWrite, false, 0},
		{0x1ff0, 14, WatchWrite, false, 0},
		{0x1ffe, 4, WatchRead, false, 0},
	} {
		_, addr, hit := cpus.Hit(c.va, c.size, c.kind)
		if hit != c.hit || addr != c.addr {
			t.Errorf("access of %d at %#x: hit %v at %#x", c.size, c.va, hit, addr)
		}
	}
	for va, want := range map[uint64]bool{0xfff: false, 0x1000: true, 0x2fff: true, 0x3000: false} {
		if cpus.Page(va) != want {
			t.Errorf("Page(%#x) = %v", va, !want)
		}
	}
	set.Quiet = true
	if cpus.Take(&set) {
		t.Error("the pages of a quiet set are others")
	}
	if _, _, hit := cpus.Hit(0x1ffe, 1, WatchWrite); hit || !cpus.Page(0x1000) {
		t.Error("a quiet set is hit, or does not watch its pages")
	}
	set.Remove(Watchpoint{Addr: 0x1ffe, Len: 4, Kind: WatchRead}) // another one: nothing happens
	set.Add(w)
	set.Remove(w)
	if cpus.Take(&set) {
		t.Error("the set is the same again")
	}
	set.Remove(w)
	if !cpus.Take(&set) || cpus.Page(0x1000) || cpus.Take(nil) {
		t.Error("an empty set watches a page")
	}
}
