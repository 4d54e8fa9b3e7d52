package gdbstub

import "bytes"

const (
	// maxSearch bounds the work of one packet: the whole of a 32-bit address space.
	maxSearch = 1 << 32
	// searchChunk is how much is read at a time.
	searchChunk = 64 << 10
)

// search is qSearch:memory:ADDR;LENGTH;PATTERN, gdb's "find". The reply is 0, or 1 and the address.
func (m *memory) search(rest []byte) error {
	rest, ok := bytes.CutPrefix(rest, []byte(":memory:"))
	if !ok {
		return ErrUnsupported
	}
	a := args{rest: rest}
	addr := a.num()
	a.expect(';')
	length := a.num()
	a.expect(';')
	if a.bad || length > maxSearch || addr+length < addr {
		return invalid("qSearch:memory")
	}
	pattern := unescape(a.rest)
	if len(pattern) == 0 || len(pattern) > searchChunk {
		return invalid("pattern of qSearch:memory")
	}
	pattern = bytes.Clone(pattern)
	data := make([]byte, 0, searchChunk+len(pattern))
	for at := addr; length > 0; {
		part := data[len(data) : len(data)+int(min(length, searchChunk))]
		n, err := m.readMemory(at, part)
		if n == 0 {
			if err == nil {
				err = ErrFault
			}
			return err
		}
		data = data[:len(data)+n]
		at += uint64(n)
		length -= uint64(n)
		if i := bytes.Index(data, pattern); i >= 0 {
			m.w.str("1,")
			m.w.num(at - uint64(len(data)) + uint64(i))
			return nil
		}
		// What is left may be the beginning of a match.
		keep := min(len(data), len(pattern)-1)
		copy(data, data[len(data)-keep:])
		data = data[:keep]
	}
	m.w.byte('0')
	return nil
}
