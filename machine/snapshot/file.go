package snapshot

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
)

// A file of state is a line that says what it is, the fields, and an end with a checksum. Each field has its kind, its name and its contents:
//
//	'S' length name                      a section begins
//	'U' length name, 8 bytes             a number, little-endian
//	'B' length name, 8 bytes, bytes      a byte string and its length
//	'E' 0, 4 bytes                       the end, and the CRC-32C of all before the 4 bytes
//
// Names are there so that a machine that does not fit can say where.

// version changes when a state can no longer be read by those who could read the last, in a way that the names of fields do not tell.
const version = 1

const (
	title    = "forkscope state "
	nameMost = 255
)

// Save writes the fields that visit goes over to w.
func Save(w io.Writer, visit func(*Visitor)) error {
	v := &Visitor{w: bufio.NewWriterSize(w, 1<<16), sum: crc32.New(castagnoli)}
	v.write([]byte(title + strconv.Itoa(version) + "\n"))
	visit(v)
	v.begin('E', "")
	v.buf = binary.LittleEndian.AppendUint32(v.buf[:0], v.sum.Sum32())
	v.write(v.buf)
	if err := v.Finish(); err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	return nil
}

// Load sets the fields that visit goes over from r, which holds nothing else. After an error some of them are set.
func Load(r io.Reader, visit func(*Visitor)) error {
	v := &Visitor{mode: reading, r: bufio.NewReaderSize(r, 1<<16), sum: crc32.New(castagnoli)}
	v.readTitle()
	visit(v)
	v.begin('E', "")
	want := v.sum.Sum32()
	var b [4]byte
	v.read(b[:])
	if v.err == nil && binary.LittleEndian.Uint32(b[:]) != want {
		v.Fail("the state is damaged: its checksum is not that of its bytes")
	}
	if v.err == nil {
		if _, err := v.r.ReadByte(); err == nil {
			v.Fail("something follows after the end of the state")
		}
	}
	return v.err
}

func (v *Visitor) readTitle() {
	line, err := v.r.ReadSlice('\n')
	number, ours := strings.CutPrefix(string(line), title)
	n, bad := strconv.Atoi(strings.TrimSuffix(number, "\n"))
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
		v.Fail("reading the state: %w", err)
	case err != nil || !ours || bad != nil:
		v.Fail("this is no saved state of a machine")
	case n != version:
		v.Fail("the state has format %d, of another version of forkscope; this one reads format %d", n, version)
	}
	v.sum.Write(line)
}

// begin writes the kind and name of a field, or reads them and fails if they are others.
func (v *Visitor) begin(kind byte, name string) {
	if v.err != nil || v.mode == tracing {
		return
	}
	v.buf = append(v.buf[:0], kind, byte(len(name)))
	v.buf = append(v.buf, name...)
	if v.mode == writing {
		if len(name) > nameMost {
			panic("BUG: a field's name is too long: " + name)
		}
		v.write(v.buf)
		return
	}
	want := string(v.buf)
	v.buf = v.buf[:2]
	v.read(v.buf)
	if v.err != nil {
		return
	}
	v.buf = append(v.buf, make([]byte, v.buf[1])...)
	v.read(v.buf[2:])
	if got := string(v.buf); v.err == nil && got != want {
		v.Fail("the state has %s where this machine has %s", v.what(got), v.what(want))
	}
}

// what describes a field's kind and name.
func (v *Visitor) what(field string) string {
	name := field[2:]
	switch field[0] {
	case 'S':
		return fmt.Sprintf("section %q", name)
	case 'U':
		return "number " + v.field(name)
	case 'B':
		return "bytes " + v.field(name)
	case 'E':
		return "its end"
	}
	return "what cannot be understood in section " + strconv.Quote(v.section)
}

// number writes n, or reads a number and returns it.
func (v *Visitor) number(name string, n uint64) uint64 {
	v.begin('U', name)
	return v.eight(n)
}

// length begins a byte string: it writes the length n, or reads one and returns it.
func (v *Visitor) length(name string, n int) int {
	v.begin('B', name)
	m := v.eight(uint64(n))
	if m > 1<<40 {
		v.Check(false, name)
		return 0
	}
	return int(m)
}

func (v *Visitor) eight(n uint64) uint64 {
	v.buf = binary.LittleEndian.AppendUint64(v.buf[:0], n)
	v.bytes(v.buf)
	return binary.LittleEndian.Uint64(v.buf)
}

// bytes writes or reads p.
func (v *Visitor) bytes(p []byte) {
	if v.mode == reading {
		v.read(p)
	} else {
		v.write(p)
	}
}

func (v *Visitor) write(p []byte) {
	if v.err == nil {
		if v.sum != nil {
			v.sum.Write(p)
		}
		_, v.err = v.w.Write(p)
	}
}

func (v *Visitor) read(p []byte) {
	if v.err != nil {
		clear(p)
		return
	}
	switch _, err := io.ReadFull(v.r, p); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		v.Fail("the state is cut off, in section %q", v.section)
	case err != nil:
		v.Fail("reading the state: %w", err)
	}
	v.sum.Write(p)
}
