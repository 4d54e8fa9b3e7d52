package gdbstub

import "testing"

// A reader that goes back and forth gets little at a time, one that goes on gets more and more, and from each place on all of the file.
func TestReadahead(t *testing.T) {
	const most = 50_000
	var r readahead
	for i, step := range []struct {
		offset int64
		want   int
	}{
		{0, firstRead}, {0x40, firstRead}, {0, firstRead},
		{firstRead, 2 * firstRead}, {3 * firstRead, 4 * firstRead}, {7 * firstRead, 8 * firstRead}, {15 * firstRead, most},
		{64, firstRead}, {64 + firstRead, 2 * firstRead},
	} {
		n := r.limit(step.offset, most)
		if n != step.want {
			t.Errorf("answer %d, at %#x, has up to %d bytes, want %d", i, step.offset, n, step.want)
		}
		r.answered(step.offset, n)
	}
	r.answered(1000, 0) // the end of the file
	if n := r.limit(1000, 10); n != 10 {
		t.Errorf("an answer has %d bytes where 10 were asked for", n)
	}
}
