package board

import "fmt"

// A PC's ROM ends where the address space does, at 4 GiB, with the first instruction in its last 16 bytes. The chipset shows its
// end below 1 MiB as well.
const (
	romPage = 4 << 10
	romMost = 256 << 10
	romTop  = 1 << 32
	lowTop  = 1 << 20
	lowMost = 128 << 10
)

// CheckROM says what is wrong with the size of a PC's ROM.
func CheckROM(file []byte) error {
	if n := len(file); n == 0 || n > romMost || n%romPage != 0 {
		return fmt.Errorf("a ROM of %d bytes; it must be a multiple of %d, up to %d KiB", n, romPage, romMost>>10)
	}
	return nil
}

// LowROM is the part of a ROM that is seen below 1 MiB, at most its last 128 KiB, and its physical address.
func LowROM(file []byte) (base uint64, part []byte) {
	part = file[max(0, len(file)-lowMost):]
	return lowTop - uint64(len(part)), part
}

// rom is memory that takes no writes.
type rom []byte

// Read reads size bytes, little-endian.
func (r rom) Read(offset uint64, size int) uint64 {
	var v uint64
	for i := range size {
		if at := offset + uint64(i); at < uint64(len(r)) {
			v |= uint64(r[at]) << (8 * i)
		}
	}
	return v
}

// Write changes nothing.
func (r rom) Write(uint64, int, uint64) {}
