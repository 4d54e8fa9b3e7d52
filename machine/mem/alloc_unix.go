//go:build unix

package mem

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// allocate maps anonymous memory, so that pages the guest never touches cost nothing and the
// garbage collector does not count guest RAM as its own heap.
func allocate(size uint64) ([]byte, error) {
	return unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
}

// Close gives the memory back to the host. The RAM must not be used afterwards.
func (r *RAM) Close() error {
	r.Discard()
	b := r.bytes
	r.bytes = nil
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}

func release(b []byte) {
	if err := unix.Munmap(b); err != nil {
		panic(fmt.Sprintf("BUG: memory that was mapped cannot be unmapped: %v", err))
	}
}
