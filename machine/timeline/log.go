package timeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"forkscope/machine/clock"
)

// Log is the effects of a run in order. It holds them encoded, some bytes for each, since a session can have millions. The zero value is empty.
type Log struct {
	// End is where the run was left, if that is not before the last effect. Until then what holds, such as interrupts that are held, holds.
	End clock.Mark

	buf  []byte
	n    int
	from clock.Mark // of the effect before the last one
	tail int        // where the last one begins in buf
	last Effect     // without its data
}

// Until returns a log of the same effects whose run is left at end.
func (l *Log) Until(end clock.Mark) *Log {
	c := *l
	c.buf = l.buf[:len(l.buf):len(l.buf)]
	c.End = end
	return &c
}

// Len is the number of effects.
func (l *Log) Len() int { return l.n }

// Size is what the log takes, in bytes.
func (l *Log) Size() int { return len(l.buf) }

// Add appends an effect, none of which is later. Time that passes where the last effect ended is a part of that.
func (l *Log) Add(e Effect) {
	if l.n > 0 && e.At.Before(l.last.At) {
		panic(fmt.Sprintf("BUG: effect %v after one at %v", e, l.last.At))
	}
	end := l.last.At
	end.Skipped += l.last.N
	if l.n > 0 && e.Kind == Skip && l.last.Kind == Skip && e.At == end {
		e.At, e.N = l.last.At, l.last.N+e.N
		l.buf = l.buf[:l.tail]
		l.n--
	} else {
		l.from = l.last.At
	}
	l.tail = len(l.buf)
	l.buf = appendEffect(l.buf, l.from, e)
	l.n++
	l.last = e
	l.last.Data = nil
}

// appendEffect encodes e, which follows one at from: its kind, how much later it is in each part of the mark, and its fields.
func appendEffect(b []byte, from clock.Mark, e Effect) []byte {
	b = append(b, byte(e.Kind))
	b = binary.AppendUvarint(b, e.At.Retired-from.Retired)
	b = binary.AppendUvarint(b, uint64(e.At.Entered))
	b = binary.AppendUvarint(b, e.At.Skipped-from.Skipped)
	if e.Kind == Input {
		b = appendBytes(b, []byte(e.Source))
	}
	b = binary.AppendUvarint(b, e.N)
	return appendBytes(b, e.Data)
}

func appendBytes(b, p []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(p)))
	return append(b, p...)
}

// All yields the effects in order. Their data is not to be changed.
func (l *Log) All() iter.Seq[Effect] {
	return func(yield func(Effect) bool) {
		r := l.Reader()
		for e, ok := r.Next(); ok && e.Kind != End; e, ok = r.Next() {
			if !yield(e) {
				return
			}
		}
	}
}

// Reader goes through a log from its beginning. It sees the effects that the log has when it is made.
func (l *Log) Reader() *Reader { return &Reader{buf: l.buf[:len(l.buf):len(l.buf)], end: l.End} }

// Reader goes through the effects of a log.
type Reader struct {
	buf  []byte
	at   clock.Mark
	end  clock.Mark
	over bool
}

// Next is the next effect; ok is false at the end. The last is an End, if the log has one.
func (r *Reader) Next() (e Effect, ok bool) {
	switch {
	case len(r.buf) > 0:
	case r.over || r.end.Before(r.at):
		return Effect{}, false
	default:
		r.over = true
		return Effect{At: r.end, Kind: End}, true
	}
	e, err := r.read()
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return e, true
}

var errEffect = errors.New("an effect that makes no sense")

// read decodes the next effect.
func (r *Reader) read() (e Effect, err error) {
	e.Kind = Kind(r.buf[0])
	if e.Kind == 0 || e.Kind >= kinds {
		return e, fmt.Errorf("%w: kind %d", errEffect, r.buf[0])
	}
	r.buf = r.buf[1:]
	var v [3]uint64
	for i := range v {
		if v[i], err = r.uint(); err != nil {
			return e, err
		}
	}
	e.At = clock.Mark{Retired: r.at.Retired + v[0], Entered: uint32(v[1]), Skipped: r.at.Skipped + v[2]}
	if v[1] > 1<<32-1 || e.At.Retired < r.at.Retired || e.At.Skipped < r.at.Skipped || e.At.Before(r.at) {
		return e, fmt.Errorf("%w: it goes back in time", errEffect)
	}
	r.at = e.At
	if e.Kind == Input {
		source, err := r.bytes()
		if err != nil {
			return e, err
		}
		e.Source = string(source)
	}
	if e.N, err = r.uint(); err != nil {
		return e, err
	}
	e.Data, err = r.bytes()
	return e, err
}

func (r *Reader) uint() (uint64, error) {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		return 0, fmt.Errorf("%w: a number that does not end", errEffect)
	}
	r.buf = r.buf[n:]
	return v, nil
}

func (r *Reader) bytes() ([]byte, error) {
	n, err := r.uint()
	if err != nil {
		return nil, err
	}
	if n > uint64(len(r.buf)) {
		return nil, fmt.Errorf("%w: %d bytes, of which %d are there", errEffect, n, len(r.buf))
	}
	p := r.buf[:n:n]
	r.buf = r.buf[n:]
	return p, nil
}

// decode makes a log of encoded effects, which it checks.
func decode(b []byte) (*Log, error) {
	l := &Log{}
	for r := (Reader{buf: b}); len(r.buf) > 0; {
		e, err := r.read()
		if err != nil {
			return nil, fmt.Errorf("effect %d: %w", l.n+1, err)
		}
		l.Add(e)
	}
	return l, nil
}
