package timeline

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"forkscope/machine/clock"
)

// magic begins a file. Its number is that of the format, of which the effects are a part.
const magic = "forkscope log 1\n"

// File is a log with what is needed to repeat the run.
type File struct {
	Header Header
	// Parts are files that the machine is made of, by name: whatever the one who repeats the run may not have.
	Parts map[string][]byte
	Log   *Log
	// Digest is that of the machine at the log's end.
	Digest string
}

// Header describes the machine of a log: each line is something that has to be the same for the run to be. The order counts.
type Header []Line

// Line is one of a Header.
type Line struct{ Name, Value string }

// Differs is a sentence about the first line in which a machine of header here is another than the log's; "" is none.
func (h Header) Differs(here Header) string {
	for i, l := range h {
		if i >= len(here) || here[i].Name != l.Name {
			return fmt.Sprintf("the log's machine has a %s (%s), and this one has none", l.Name, l.Value)
		}
		if here[i].Value != l.Value {
			return fmt.Sprintf("the log's %s is %s, and here it is %s", l.Name, or(l.Value, "empty"), or(here[i].Value, "empty"))
		}
	}
	if len(here) > len(h) {
		return fmt.Sprintf("the log's machine has no %s, and this one has (%s)", here[len(h)].Name, here[len(h)].Value)
	}
	return ""
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

// Value is that of the line of a name, "" without one.
func (h Header) Value(name string) string {
	for _, l := range h {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// Write writes a file.
func (f *File) Write(w io.Writer) error {
	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	z := gzip.NewWriter(w)
	b := binary.AppendUvarint(nil, uint64(len(f.Header)))
	for _, l := range f.Header {
		b = appendBytes(b, []byte(l.Name))
		b = appendBytes(b, []byte(l.Value))
	}
	b = appendBytes(b, []byte(f.Digest))
	b = binary.AppendUvarint(b, f.Log.End.Retired)
	b = binary.AppendUvarint(b, uint64(f.Log.End.Entered))
	b = binary.AppendUvarint(b, f.Log.End.Skipped)
	b = appendBytes(b, f.Log.buf)
	b = binary.AppendUvarint(b, uint64(len(f.Parts)))
	if _, err := z.Write(b); err != nil {
		return err
	}
	for name, p := range f.Parts {
		b = appendBytes(b[:0], []byte(name))
		b = binary.AppendUvarint(b, uint64(len(p)))
		if _, err := z.Write(b); err != nil {
			return err
		}
		if _, err := z.Write(p); err != nil {
			return err
		}
	}
	return z.Close()
}

// most bounds what is read of a file, in bytes: a few bytes of a compressed file can stand for any number.
const most = 1 << 30

// Read reads a file, and checks that the effects are such. It is an error if anything is missing or left over.
func Read(r io.Reader) (*File, error) {
	in := bufio.NewReader(r)
	first := make([]byte, len(magic))
	if n, err := io.ReadFull(in, first); err != nil && n < len(magic) || string(first[:len("forkscope log ")]) != "forkscope log " {
		return nil, errors.New("this is no log of forkscope's")
	}
	if string(first) != magic {
		return nil, fmt.Errorf("the log is of another version of forkscope's: it begins with %q, and this one's with %q", first, magic)
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, damaged(err)
	}
	all, err := io.ReadAll(io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return nil, damaged(err)
	case len(all) > most:
		return nil, fmt.Errorf("the log is larger than %d MiB", most>>20)
	}
	f, err := parse(&Reader{buf: all})
	if err != nil {
		return nil, damaged(err)
	}
	return f, nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the log is cut off")
	}
	return fmt.Errorf("the log is damaged: %w", err)
}

func parse(r *Reader) (*File, error) {
	f := &File{Parts: make(map[string][]byte)}
	lines, err := r.uint()
	for ; err == nil && lines > 0; lines-- {
		var name, value []byte
		if name, err = r.bytes(); err == nil {
			value, err = r.bytes()
		}
		f.Header = append(f.Header, Line{string(name), string(value)})
	}
	var digest, effects []byte
	var end [3]uint64
	if err == nil {
		digest, err = r.bytes()
	}
	for i := range end {
		if err == nil {
			end[i], err = r.uint()
		}
	}
	if err == nil {
		effects, err = r.bytes()
	}
	if err != nil {
		return nil, err
	}
	f.Digest = string(digest)
	if f.Log, err = decode(effects); err != nil {
		return nil, err
	}
	f.Log.End = clock.Mark{Retired: end[0], Entered: uint32(end[1]), Skipped: end[2]}
	parts, err := r.uint()
	for ; err == nil && parts > 0; parts-- {
		var name []byte
		if name, err = r.bytes(); err == nil {
			f.Parts[string(name)], err = r.bytes()
		}
	}
	if err == nil && len(r.buf) > 0 {
		err = fmt.Errorf("%d bytes after its end", len(r.buf))
	}
	return f, err
}
