package pci

import "testing"

type spy struct{ written []uint64 }

func (s *spy) Read(uint64, int) uint64              { return 0x02 }
func (s *spy) Write(offset uint64, _ int, v uint64) { s.written = append(s.written, offset, v) }

func TestConfig(t *testing.T) {
	s := &spy{}
	c := NewConfig(s)
	c.Write(0, 4, 0x8000_1003)
	if v := c.Read(0, 4); v != 0x8000_1000 {
		t.Errorf("address %#x, want the enable bit kept and the low bits 0", v)
	}
	for _, size := range []int{1, 2, 4} {
		if v, want := c.Read(4, size), uint64(1)<<(8*size)-1; v != want {
			t.Errorf("data read of %d bytes %#x, want %#x: no device", size, v, want)
		}
	}
	c.Write(4, 4, 1) // lost
	if c.Write(0, 1, 0xff); c.Read(0, 4) != 0x8000_1000 {
		t.Error("a byte write changed the address register")
	}
	c.Write(1, 1, 6)
	if len(s.written) != 2 || s.written[1] != 6 || c.Read(1, 1) != 2 {
		t.Errorf("reset control saw %v", s.written)
	}
}
