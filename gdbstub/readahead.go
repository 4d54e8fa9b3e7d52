package gdbstub

// gdb asks for as much of a file as a packet holds, even where it wants the 64 bytes of a header, and keeps one answer at a time: between
// the headers of an executable it goes back and forth, and reads them once for each format that it could be in. So an answer is short
// where a read does not go on at the end of the one before, and doubles as long as reads do. gdb asks again for what is missing.
type readahead struct {
	next int64 // where the last answer ended
	size int   // of the next answer that goes on there, in bytes; 0 before the first
}

// firstRead is the size in bytes of an answer with no other in front of it: a page is more than gdb mostly wants.
const firstRead = 4 << 10

// limit is the size, in bytes, to which an answer for offset is to be cut, of at most most.
func (r *readahead) limit(offset int64, most int) int {
	if offset != r.next || r.size == 0 {
		r.size = firstRead
	}
	return min(r.size, most)
}

// answered notes how many bytes were read at offset.
func (r *readahead) answered(offset int64, n int) {
	r.next = offset + int64(n)
	r.size = min(2*r.size, 1<<30)
}
