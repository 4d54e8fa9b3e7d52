package mem

import (
	"bytes"
	"slices"
	"testing"
)

func TestReadWriteAtEdges(t *testing.T) {
	r, err := New(0x4000_0000, 4*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	end := r.Base() + r.Size()
	for _, c := range []struct {
		name string
		pa   uint64
		n    int
		want int
	}{
		{"inside", r.Base(), 16, 16},
		{"across pages", r.Base() + PageSize - 8, 16, 16},
		{"cut off at the end", end - 4, 16, 4},
		{"below", r.Base() - 1, 16, 0},
		{"above", end, 16, 0},
		{"wrapping", ^uint64(0), 16, 0},
	} {
		p := bytes.Repeat([]byte{0xa5}, c.n)
		if got := r.Write(c.pa, p); got != c.want {
			t.Errorf("%s: wrote %d bytes, want %d", c.name, got, c.want)
		}
		q := make([]byte, c.n)
		if got := r.Read(c.pa, q); got != c.want || !bytes.Equal(q[:got], p[:got]) {
			t.Errorf("%s: read %d bytes %x", c.name, got, q)
		}
		if got := r.Contains(c.pa, uint64(c.n)); got != (c.want == c.n) {
			t.Errorf("%s: Contains says %v", c.name, got)
		}
	}
}

func TestWriteTellsOfCode(t *testing.T) {
	r, err := New(0, 4*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var told [][2]uint64
	r.OnCodeWrite(func(pa, n uint64) { told = append(told, [2]uint64{pa, n}) })
	r.MarkCode(PageSize + 8)
	r.MarkCode(2 * PageSize)
	r.Write(PageSize-4, make([]byte, PageSize+8)) // the end of page 0, all of 1, the start of 2
	r.ClearCode(PageSize)
	r.Write(PageSize, []byte{1})
	if want := [][2]uint64{{PageSize, PageSize}, {2 * PageSize, 4}}; !slices.Equal(told, want) {
		t.Errorf("told of %#x, want %#x", told, want)
	}
}

func TestBadSizes(t *testing.T) {
	for _, c := range [][2]uint64{{0, 0}, {1, PageSize}, {0, 100}, {^uint64(0) &^ (PageSize - 1), 2 * PageSize}} {
		if _, err := New(c[0], c[1]); err == nil {
			t.Errorf("RAM of %d bytes at %#x was made", c[1], c[0])
		}
	}
}
