package x86

// Attributes of a segment: bits 8-15 and 20-23 of the descriptor's high word, in their places (SDM vol. 3 §3.4.5).
const (
	attrAccessed = 1 << 8
	attrRW       = 1 << 9  // readable code, writable data
	attrDC       = 1 << 10 // expand-down data, conforming code
	attrCode     = 1 << 11
	attrS        = 1 << 12 // code or data, not a system segment
	attrDPLShift = 13
	attrPresent  = 1 << 15
	attrL        = 1 << 21 // 64-bit code
	attrDB       = 1 << 22 // default size of 32 bits
	attrG        = 1 << 23

	attrTypeMask = 0xf << 8
	attrMask     = 0x00f0ff00

	typeDataRW = attrRW
	typeCodeRX = attrCode | attrRW
)

// System segment types, in place.
const (
	sysTSS16     = 0x1 << 8
	sysLDT       = 0x2 << 8
	sysTSS16Busy = 0x3 << 8
	sysCall16    = 0x4 << 8
	sysTaskGate  = 0x5 << 8
	sysInt16     = 0x6 << 8
	sysTrap16    = 0x7 << 8
	sysTSS32     = 0x9 << 8
	sysTSS32Busy = 0xb << 8
	sysCall32    = 0xc << 8
	sysInt32     = 0xe << 8
	sysTrap32    = 0xf << 8

	sysBusyBit = 0x2 << 8
)

// segment is a segment register with its hidden part. attr 0 is a null selector: every access faults.
type segment struct {
	sel   uint16
	limit uint32
	attr  uint32
	base  uint64

	// What accesses look at: start is the linear address of offset 0, lo and hi are the lowest and highest valid offsets; lo > hi when there are none.
	read, write   bool
	start, lo, hi uint64
}

func (s *segment) dpl() uint8 { return uint8(s.attr >> attrDPLShift & 3) }

// update derives what accesses look at from the descriptor.
func (s *segment) update() {
	s.start, s.lo, s.hi = s.base, 0, uint64(s.limit)
	s.read, s.write = false, false
	if s.attr&(attrPresent|attrS) != attrPresent|attrS {
		s.lo, s.hi = 1, 0
		return
	}
	if s.attr&attrCode != 0 {
		s.read = s.attr&attrRW != 0
		return
	}
	s.read, s.write = true, s.attr&attrRW != 0
	if s.attr&attrDC != 0 { // expand-down: the limit is the last offset that is not in the segment
		top := uint64(0xffff)
		if s.attr&attrDB != 0 {
			top = 0xffffffff
		}
		if uint64(s.limit) >= top {
			s.lo, s.hi = 1, 0
		} else {
			s.lo, s.hi = uint64(s.limit)+1, top
		}
	}
}

// update64 is update for 64-bit mode, where neither limits nor rights are looked at, and the base of FS and GS only (SDM vol. 3 §3.4.4).
func (s *segment) update64(based bool) {
	s.start, s.lo, s.hi, s.read, s.write = 0, 0, ^uint64(0), true, true
	if based {
		s.start = s.base
	}
}

// allows reports whether n bytes at an offset are in the segment and may be accessed.
func (s *segment) allows(ea, n uint64, write bool) bool {
	if ea < s.lo || ea > s.hi || s.hi-ea < n-1 {
		return false
	}
	if write {
		return s.write
	}
	return s.read
}

// flat says whether the segment maps offsets to themselves and allows all of reading and writing.
func (s *segment) flat() bool {
	return s.start == 0 && s.lo == 0 && s.hi >= 0xffffffff && s.read && s.write
}

// setDescriptor fills the hidden part from the two words of a descriptor.
func (s *segment) setDescriptor(lo, hi uint32) {
	s.base = uint64(lo>>16 | hi&0xff<<16 | hi&0xff000000)
	s.limit = lo&0xffff | hi&0xf0000
	if hi&attrG != 0 {
		s.limit = s.limit<<12 | 0xfff
	}
	s.attr = hi & attrMask
	s.update()
}
