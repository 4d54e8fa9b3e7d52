// Package snapshot turns the state of a machine into named fields. Every CPU and device writes its
// fields through a Writer; the digest of that stream is how two runs are compared.
package snapshot

import (
	"encoding/binary"
	"fmt"
	"hash"
)

// Writer receives state as named fields in a fixed order.
type Writer struct {
	h   hash.Hash
	buf []byte
}

// NewWriter returns a Writer that feeds h.
func NewWriter(h hash.Hash) *Writer { return &Writer{h: h} }

// Section starts the fields of one part, such as a chip.
func (w *Writer) Section(name string) { w.field('S', name, nil) }

// Uint writes an unsigned field.
func (w *Writer) Uint(name string, v uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	w.field('U', name, b[:])
}

// Bool writes a truth value.
func (w *Writer) Bool(name string, v bool) {
	var n uint64
	if v {
		n = 1
	}
	w.Uint(name, n)
}

// Bytes writes a byte string.
func (w *Writer) Bytes(name string, p []byte) { w.field('B', name, p) }

// Uints writes a list of unsigned values under one name.
func (w *Writer) Uints(name string, v ...uint64) {
	for i, x := range v {
		w.Uint(fmt.Sprintf("%s.%d", name, i), x)
	}
}

func (w *Writer) field(kind byte, name string, p []byte) {
	w.buf = append(w.buf[:0], kind)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(len(name)))
	w.buf = append(w.buf, name...)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(len(p)))
	w.h.Write(w.buf)
	w.h.Write(p)
}

// Saver is a part of the machine that has state.
type Saver interface {
	// Save writes all state that decides how the guest goes on, and nothing that the host alone sees (caches, statistics).
	Save(w *Writer)
}
