// Package mem holds a guest's RAM: one contiguous bank of host memory, reached by
// guest-physical address, with marks on each page that holds decoded code and on each that was written.
package mem

import (
	"fmt"
	"unsafe"
)

// PageShift and PageSize give the granule, in bytes, at which RAM tracks decoded code and writes.
const (
	PageShift = 12
	PageSize  = 1 << PageShift
)

// RAM is a bank of guest memory. CPUs reach it through Pointer; everything that is not a CPU
// (loaders, devices, debuggers) goes through Read and Write, which keep decoded code coherent.
type RAM struct {
	base  uint64
	bytes []byte
	code  []bool // per page: a CPU holds decoded blocks of it
	dirty []bool // per page: it may have been written since Clean

	// onCodeWrite tells the CPU that Write changed bytes of a page that it has decoded.
	onCodeWrite func(pa, n uint64)
	onClean     func()

	// staged is what a state that is being loaded makes of RAM, as far as stagedPages says.
	staged      []byte
	stagedPages []bool
}

// View is RAM to be read.
type View interface {
	Base() uint64
	Size() uint64
	Contains(pa, n uint64) bool
	Read(pa uint64, p []byte) int
	Bytes() []byte
}

// New returns zeroed RAM of size bytes at guest-physical address base. Both must be multiples of PageSize.
func New(base, size uint64) (*RAM, error) {
	if size == 0 || base%PageSize != 0 || size%PageSize != 0 || base+size < base {
		return nil, fmt.Errorf("RAM of %d bytes at %#x: base and size must be non-zero multiples of %d", size, base, PageSize)
	}
	b, err := allocate(size)
	if err != nil {
		return nil, fmt.Errorf("RAM of %d bytes: %w", size, err)
	}
	return &RAM{base: base, bytes: b, code: make([]bool, size>>PageShift), dirty: make([]bool, size>>PageShift)}, nil
}

// Base is the guest-physical address of the first byte.
func (r *RAM) Base() uint64 { return r.base }

// Size is the number of bytes.
func (r *RAM) Size() uint64 { return uint64(len(r.bytes)) }

// Contains says whether all n bytes from pa lie in RAM.
func (r *RAM) Contains(pa uint64, n uint64) bool {
	off := pa - r.base
	return pa >= r.base && off < uint64(len(r.bytes)) && n <= uint64(len(r.bytes))-off
}

// Pointer returns the host address of pa, which must be in RAM. The caller may access up to the end of
// pa's page through it, and must not write a page marked by MarkCode without dropping its decoded blocks.
func (r *RAM) Pointer(pa uint64) unsafe.Pointer { return unsafe.Pointer(&r.bytes[pa-r.base]) }

// Bytes returns all of RAM. It is for readers (digests, snapshots); writers use Write.
func (r *RAM) Bytes() []byte { return r.bytes }

// Read copies RAM from pa into p and returns how many bytes lay in RAM.
func (r *RAM) Read(pa uint64, p []byte) int {
	if !r.Contains(pa, 1) {
		return 0
	}
	return copy(p, r.bytes[pa-r.base:])
}

// Write copies p into RAM at pa, tells the CPU what it changed of decoded pages, and returns how many bytes lay in RAM.
func (r *RAM) Write(pa uint64, p []byte) int {
	if !r.Contains(pa, 1) {
		return 0
	}
	n := copy(r.bytes[pa-r.base:], p)
	if n == 0 {
		return 0
	}
	for at, end := pa, pa+uint64(n); at < end; {
		next := min(at&^(PageSize-1)+PageSize, end)
		r.MarkDirty(at)
		if r.IsCode(at) && r.onCodeWrite != nil {
			r.onCodeWrite(at, next-at)
		}
		at = next
	}
	return n
}

// OnCodeWrite registers the CPU's function that drops what it decoded of the n bytes at pa, which are in one page.
func (r *RAM) OnCodeWrite(f func(pa, n uint64)) { r.onCodeWrite = f }

// MarkCode notes that a CPU holds decoded blocks of pa's page.
func (r *RAM) MarkCode(pa uint64) { r.code[(pa-r.base)>>PageShift] = true }

// ClearCode takes the mark away.
func (r *RAM) ClearCode(pa uint64) { r.code[(pa-r.base)>>PageShift] = false }

// IsCode says whether pa's page, which must be in RAM, is marked.
func (r *RAM) IsCode(pa uint64) bool { return r.code[(pa-r.base)>>PageShift] }
