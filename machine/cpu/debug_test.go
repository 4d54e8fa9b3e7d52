package cpu

import (
	"testing"

	"pgregory.net/rapid"
)

// The breakpoint set is compared with a plain map under random changes.
func TestBreakpointSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Debug
		model := map[uint64]bool{}
		// Few pages and few offsets, so that pages fill, empty and collide in the filter.
		addr := rapid.Custom(func(t *rapid.T) uint64 {
			page := rapid.SampledFrom([]uint64{0, 1, 64, 65, 0xffff00000008, 0xfffffffffffff}).Draw(t, "page")
			return page<<12 | rapid.SampledFrom([]uint64{0, 1, 4, 63, 64, 0xfff}).Draw(t, "offset")
		})
		for range 60 {
			a := addr.Draw(t, "addr")
			if rapid.Bool().Draw(t, "set") {
				d.SetBreak(a)
				model[a] = true
			} else {
				d.ClearBreak(a)
				delete(model, a)
			}
			b := addr.Draw(t, "probe")
			if d.BreakAt(b) != model[b] {
				t.Fatalf("BreakAt(%#x) = %v", b, d.BreakAt(b))
			}
			if model[b] && !d.MayBreak(b) {
				t.Fatalf("MayBreak(%#x) denies a breakpoint", b)
			}
		}
		for a := range model {
			d.ClearBreak(a)
		}
		if d.MayBreak(0) || d.MayBreak(64<<12) {
			t.Fatal("an empty set may break")
		}
	})
}

func TestWatchpoints(t *testing.T) {
	var d Debug
	changes := 0
	d.OnChange = func() { changes++ }
	w := Watchpoint{Addr: 0x1ffe, Len: 4, Kind: WatchWrite} // across a page
	d.SetWatch(w)
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
		_, addr, hit := d.Hit(c.va, c.size, c.kind)
		if hit != c.hit || addr != c.addr {
			t.Errorf("access of %d at %#x: hit %v at %#x", c.size, c.va, hit, addr)
		}
	}
	for va, want := range map[uint64]bool{0xfff: false, 0x1000: true, 0x2fff: true, 0x3000: false} {
		if d.Watching(va) != want {
			t.Errorf("Watching(%#x) = %v", va, !want)
		}
	}
	d.ClearWatch(Watchpoint{Addr: 0x1ffe, Len: 4, Kind: WatchRead}) // another one: nothing happens
	d.ClearWatch(w)
	if d.Watching(0x1000) || changes != 2 {
		t.Errorf("after clearing: watching %v, %d changes", d.Watching(0x1000), changes)
	}
}
