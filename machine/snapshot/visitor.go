// Package snapshot goes over the state of a machine. Every CPU, chip and other part names its fields once, in a method State, in a fixed order;
// what is done to them is the Visitor's: it writes them to a file or into a digest, sets them from a file, or keeps them in memory for a
// moment and puts them back.
//
// What decides how the guest goes on is state. What the host alone sees, such as caches and statistics, is not. What can be worked out from other
// fields is worked out again after a load (see Visitor.Loading), and not stored.
package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"reflect"
)

// Part is a part of a machine that has state.
type Part interface {
	// State goes over the part's fields.
	State(v *Visitor)
}

type mode uint8

const (
	writing   mode = iota
	reading        // from a file
	keeping        // to memory
	returning      // from memory
	tracing
)

// Visitor does one thing to all the fields it is shown. After an error, of which Err tells, it does nothing more.
type Visitor struct {
	mode    mode
	section string
	err     error

	w     *bufio.Writer
	r     *bufio.Reader
	sum   hash.Hash32 // of a file: of all bytes up to here; nil in a digest
	buf   []byte
	mem   []byte // what is kept
	at    int    // how far it was put back
	trace func(name string, p any)
}

// NewDigest returns a Visitor that writes the fields to h. Finish is called after the last.
func NewDigest(h hash.Hash) *Visitor {
	return &Visitor{w: bufio.NewWriterSize(h, 1<<16)}
}

// NewTrace returns a Visitor that tells f of each field: its name and a pointer to it, or the field itself if it is a slice of fixed length. For
// tests, which find by it whether anything was forgotten.
func NewTrace(f func(name string, p any)) *Visitor { return &Visitor{mode: tracing, trace: f} }

// Memory is state that was kept in memory; only the same parts understand it.
type Memory []byte

// Keep returns the fields that visit goes over.
func Keep(visit func(*Visitor)) Memory {
	v := &Visitor{mode: keeping, mem: make([]byte, 0, 2048)}
	visit(v)
	return v.mem
}

// PutBack sets the fields that visit goes over to what they were when they were kept.
func (m Memory) PutBack(visit func(*Visitor)) {
	v := &Visitor{mode: returning, mem: m}
	visit(v)
	if v.err != nil || v.at != len(m) {
		panic(fmt.Sprintf("BUG: %d of %d bytes of kept state were put back (%v)", v.at, len(m), v.err))
	}
}

// Loading reports whether fields are set. Whoever has fields that follow from others works them out after the last one then.
func (v *Visitor) Loading() bool { return v.mode == reading || v.mode == returning }

// Err is the first error, nil without one.
func (v *Visitor) Err() error { return v.err }

// Fail notes an error, such as a value that cannot be. Of several the first counts.
func (v *Visitor) Fail(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}

// Check fails, when a state is read, if a field has a value that cannot be.
func (v *Visitor) Check(ok bool, name string) {
	if !ok && v.mode == reading {
		v.Fail("%s cannot have the value that the state has", v.field(name))
	}
}

// Section starts the fields of one part, such as a chip.
func (v *Visitor) Section(name string) {
	if v.mode != keeping && v.mode != returning {
		v.begin('S', name)
		v.section = name
	}
}

// Unsigned and signed fields of any size.
type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint
}

// Uint visits a number.
func Uint[T integer](v *Visitor, name string, x *T) {
	switch v.mode {
	case keeping:
		v.mem = binary.LittleEndian.AppendUint64(v.mem, uint64(*x))
	case returning:
		*x = T(v.kept())
	default:
		if v.mode == tracing {
			v.trace(name, x)
			return
		}
		n := v.number(name, uint64(*x))
		if v.mode == reading && v.err == nil {
			if uint64(T(n)) != n {
				v.Check(false, name)
				return
			}
			*x = T(n)
		}
	}
}

// Bool visits a truth value.
func Bool[T ~bool](v *Visitor, name string, x *T) {
	n := uint64(0)
	if *x {
		n = 1
	}
	switch v.mode {
	case tracing:
		v.trace(name, x)
	case keeping:
		v.mem = binary.LittleEndian.AppendUint64(v.mem, n)
	case returning:
		*x = v.kept() != 0
	default:
		n = v.number(name, n)
		v.Check(n <= 1, name)
		if v.mode == reading && v.err == nil {
			*x = n != 0
		}
	}
}

// Uints visits numbers of which there are always as many.
func Uints[T integer](v *Visitor, name string, x []T) {
	if v.mode == tracing {
		v.trace(name, x)
		return
	}
	for i := range x {
		Uint(v, name, &x[i])
	}
}

// Array visits bytes of which there are always as many.
func Array(v *Visitor, name string, p []byte) {
	switch v.mode {
	case tracing:
		v.trace(name, p)
	case keeping:
		v.mem = append(v.mem, p...)
	case returning:
		v.at += copy(p, v.mem[v.at:])
	default:
		if n := v.length(name, len(p)); n != len(p) {
			v.Check(false, name)
		}
		v.bytes(p)
	}
}

// Bytes visits a byte string, of at most most bytes. An empty one is nil after a load.
func Bytes(v *Visitor, name string, p *[]byte, most int) {
	switch v.mode {
	case tracing:
		v.trace(name, p)
		return
	case keeping:
		v.mem = append(binary.LittleEndian.AppendUint64(v.mem, uint64(len(*p))), *p...)
		return
	case returning:
		n := int(v.kept())
		*p = append([]byte(nil), v.mem[v.at:v.at+n]...)
		v.at += n
		return
	}
	n := v.length(name, len(*p))
	if v.mode == writing {
		v.bytes(*p)
		return
	}
	v.Check(n <= most, name)
	var all []byte
	for v.err == nil && len(all) < n { // a length that lies costs no memory
		from := len(all)
		all = append(all, make([]byte, min(n-from, 1<<16))...)
		v.bytes(all[from:])
	}
	if v.err == nil {
		*p = all
	}
}

// String visits a text, of at most most bytes.
func String(v *Visitor, name string, s *string, most int) {
	if v.mode == tracing {
		v.trace(name, s)
		return
	}
	b := []byte(*s)
	Bytes(v, name, &b, most)
	if v.Loading() && v.err == nil {
		*s = string(b)
	}
}

// Match visits something that is fixed when a machine is made, such as the size of its RAM: here is this machine's. If the state's is another, loading it
// fails with what differs says.
func Match(v *Visitor, name, here string, differs func(state string) string) {
	if v.mode != writing && v.mode != reading {
		return
	}
	there := here
	String(v, name, &there, 1<<12)
	if v.err == nil && there != here {
		v.err = errors.New(differs(there))
	}
}

// field says where a field is, for errors.
func (v *Visitor) field(name string) string {
	return fmt.Sprintf("field %q of section %q", name, v.section)
}

// kept takes the next number that was kept in memory.
func (v *Visitor) kept() uint64 {
	n := binary.LittleEndian.Uint64(v.mem[v.at:])
	v.at += 8
	return n
}

// Covered lists the addresses of what a field of NewTrace covers, for tests.
func Covered(p any) (from, to uintptr) {
	x := reflect.ValueOf(p)
	if x.Kind() == reflect.Slice {
		return x.Pointer(), x.Pointer() + uintptr(x.Len())*x.Type().Elem().Size()
	}
	return x.Pointer(), x.Pointer() + x.Type().Elem().Size()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Finish is called after the last field of a digest.
func (v *Visitor) Finish() error {
	if v.err == nil {
		v.err = v.w.Flush()
	}
	return v.err
}
