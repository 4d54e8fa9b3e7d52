package bus

import "testing"

type recorder struct {
	offset, value uint64
	size          int
}

func (r *recorder) Read(offset uint64, size int) uint64 {
	r.offset, r.size = offset, size
	return 0x1234
}

func (r *recorder) Write(offset uint64, size int, value uint64) {
	r.offset, r.size, r.value = offset, size, value
}

func TestSpace(t *testing.T) {
	s := NewSpace("memory")
	low, high := &recorder{}, &recorder{}
	for _, m := range []struct {
		name       string
		base, size uint64
		dev        Device
		ok         bool
	}{
		{"high", 0x2000, 0x100, high, true},
		{"low", 0x1000, 0x1000, low, true}, // ends where high begins
		{"overlapping the start", 0x1fff, 2, low, false},
		{"inside", 0x2010, 1, low, false},
		{"around", 0, 0x10000, low, false},
		{"empty", 0x5000, 0, low, false},
		{"wrapping", ^uint64(0), 2, low, false},
	} {
		if err := s.Map(m.name, m.base, m.size, m.dev); (err == nil) != m.ok {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	for _, c := range []struct {
		addr   uint64
		dev    *recorder
		offset uint64
	}{
		{0x1000, low, 0}, {0x1fff, low, 0xfff}, {0x2000, high, 0}, {0x20ff, high, 0xff}, {0x1001, low, 1},
		{0xfff, nil, 0}, {0x2100, nil, 0}, {0, nil, 0}, {^uint64(0), nil, 0},
	} {
		*low, *high = recorder{}, recorder{}
		v, ok := s.Read(c.addr, 4)
		if ok != (c.dev != nil) {
			t.Errorf("read at %#x: ok %v", c.addr, ok)
			continue
		}
		if ok && (v != 0x1234 || c.dev.offset != c.offset || c.dev.size != 4) {
			t.Errorf("read at %#x reached offset %#x", c.addr, c.dev.offset)
		}
		if s.Write(c.addr, 2, 7) != ok || (ok && (c.dev.offset != c.offset || c.dev.value != 7)) {
			t.Errorf("write at %#x went wrong", c.addr)
		}
	}
	if w := s.Windows(); len(w) != 2 || w[0].Name != "low" || w[1].Name != "high" {
		t.Errorf("windows: %v", w)
	}
}

func TestLine(t *testing.T) {
	Line{}.Set(true) // not connected: nothing happens
	level := false
	l := NewLine(func(v bool) { level = v })
	l.Set(true)
	if !level {
		t.Error("the line did not go up")
	}
}
