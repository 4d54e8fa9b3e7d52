package cpu

import "testing"

func TestBreakIn(t *testing.T) {
	var d Debug
	for _, va := range []uint64{0x1000, 0x1fff, 0x2040, 0x42080, 0x43000} {
		d.SetBreak(va)
	}
	for lo := uint64(0xf80); lo < 0x2100; lo++ {
		for _, n := range []uint64{0, 1, 2, 63, 64, 65, 130, 0xfff} {
			want := false
			for va := lo; va < lo+n; va++ {
				want = want || d.BreakAt(va)
			}
			if got := d.BreakIn(lo, lo+n); got != want {
				t.Fatalf("BreakIn(%#x, %#x) is %v", lo, lo+n, got)
			}
		}
	}
}
