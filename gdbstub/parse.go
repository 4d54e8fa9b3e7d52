package gdbstub

import "bytes"

// args reads the arguments of a request from the front. Once something isn't as expected, bad stays set and the
// rest of the calls return zero, so that a handler checks once, at the end.
type args struct {
	rest []byte
	bad  bool
}

// done reports whether everything was understood and nothing is left over.
func (a *args) done() bool { return !a.bad && len(a.rest) == 0 }

// more reports whether bytes are left and all was good so far.
func (a *args) more() bool { return !a.bad && len(a.rest) > 0 }

// accept takes the character c if it is next.
func (a *args) accept(c byte) bool {
	if a.bad || len(a.rest) == 0 || a.rest[0] != c {
		return false
	}
	a.rest = a.rest[1:]
	return true
}

// expect takes the character c or sets bad.
func (a *args) expect(c byte) {
	if !a.accept(c) {
		a.bad = true
	}
}

// num takes a hexadecimal number of 1 to 16 significant digits.
func (a *args) num() uint64 {
	var v uint64
	i := 0
	for ; i < len(a.rest); i++ {
		d, ok := hexDigit(a.rest[i])
		if !ok {
			break
		}
		if v>>60 != 0 {
			a.bad = true
			return 0
		}
		v = v<<4 | uint64(d)
	}
	if i == 0 || a.bad {
		a.bad = true
		return 0
	}
	a.rest = a.rest[i:]
	return v
}

// upTo is num with a limit.
func (a *args) upTo(limit uint64) uint64 {
	v := a.num()
	if v > limit {
		a.bad = true
		return 0
	}
	return v
}

// until takes everything before the character c, and c; without c it takes all.
func (a *args) until(c byte) []byte {
	part, rest, _ := bytes.Cut(a.rest, []byte{c})
	a.rest = rest
	return part
}

// hex takes all that is left as pairs of hexadecimal digits, appended to dst.
func (a *args) hex(dst []byte) []byte {
	dst, ok := decodeHex(dst, a.rest)
	a.rest = nil
	if !ok {
		a.bad = true
	}
	return dst
}

// thread takes a thread-id: TID, pPID or pPID.TID, where -1 is all and 0 any (gdb manual, "thread-id syntax").
func (a *args) thread() ThreadID {
	if !a.accept('p') {
		return ThreadID{AnyID, a.id()}
	}
	id := ThreadID{PID: a.id(), TID: AllID}
	if a.accept('.') {
		id.TID = a.id()
	}
	return id
}

func (a *args) id() int {
	if a.accept('-') {
		if a.num() != 1 {
			a.bad = true
		}
		return AllID
	}
	return int(a.upTo(1<<31 - 1))
}
