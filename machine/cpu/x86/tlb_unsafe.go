package x86

import "unsafe"

// hostPointer is a place in guest RAM as the host sees it; only files named _unsafe reach through it.
type hostPointer = unsafe.Pointer

const tlbSize = 1024

// tlbEntry maps one page of linear addresses to RAM. Pages that are watched or are
// not RAM never get an entry. The zero entry matches nothing.
type tlbEntry struct {
	tag   uint64 // the page's last linear address; one less when stores must take the slow path
	delta uint64 // offset in RAM minus linear address
}

type tlb [tlbSize]tlbEntry

// size is about how much of the host's memory the block takes, in bytes.
func (b *block) size() int { return int(unsafe.Sizeof(*b)) + cap(b.ops)*int(opSize) }

func (t *tlb) set(la, offset uint64) {
	t[la>>12&(tlbSize-1)] = tlbEntry{la | 0xfff, offset - la}
}

// The quick accesses: ok is false when the whole operand is not in a page with an entry. An operand that crosses into the
// next page has the wrong tag, since neighbouring pages have different entries.

func (c *CPU) quickRead32(la uint64) (v uint32, ok bool) {
	e := &c.rd[la>>12&(tlbSize-1)]
	if e.tag != (la+3)|0xfff {
		return 0, false
	}
	return *(*uint32)(unsafe.Add(c.ram, la+e.delta)), true
}

func (c *CPU) quickRead16(la uint64) (v uint32, ok bool) {
	e := &c.rd[la>>12&(tlbSize-1)]
	if e.tag != (la+1)|0xfff {
		return 0, false
	}
	return uint32(*(*uint16)(unsafe.Add(c.ram, la+e.delta))), true
}

func (c *CPU) quickRead8(la uint64) (v uint32, ok bool) {
	e := &c.rd[la>>12&(tlbSize-1)]
	if e.tag != la|0xfff {
		return 0, false
	}
	return uint32(*(*uint8)(unsafe.Add(c.ram, la+e.delta))), true
}

func (c *CPU) quickRead64(la uint64) (v uint64, ok bool) {
	e := &c.rd[la>>12&(tlbSize-1)]
	if e.tag != (la+7)|0xfff {
		return 0, false
	}
	return *(*uint64)(unsafe.Add(c.ram, la+e.delta)), true
}

func (c *CPU) quickWrite32(la uint64, v uint32) bool {
	e := &c.wr[la>>12&(tlbSize-1)]
	if e.tag != (la+3)|0xfff {
		return false
	}
	*(*uint32)(unsafe.Add(c.ram, la+e.delta)) = v
	return true
}

func (c *CPU) quickWrite16(la uint64, v uint32) bool {
	e := &c.wr[la>>12&(tlbSize-1)]
	if e.tag != (la+1)|0xfff {
		return false
	}
	*(*uint16)(unsafe.Add(c.ram, la+e.delta)) = uint16(v)
	return true
}

func (c *CPU) quickWrite8(la uint64, v uint32) bool {
	e := &c.wr[la>>12&(tlbSize-1)]
	if e.tag != la|0xfff {
		return false
	}
	*(*uint8)(unsafe.Add(c.ram, la+e.delta)) = uint8(v)
	return true
}

func (c *CPU) quickWrite64(la, v uint64) bool {
	e := &c.wr[la>>12&(tlbSize-1)]
	if e.tag != (la+7)|0xfff {
		return false
	}
	*(*uint64)(unsafe.Add(c.ram, la+e.delta)) = v
	return true
}

// quickSpan returns up to n bytes of host memory from la, ending at the page's end at the latest, for reading or writing;
// nil when the page has no entry.
func (c *CPU) quickSpan(la, n uint64, write bool) []byte {
	t := c.rd
	if write {
		t = c.wr
	}
	e := &t[la>>12&(tlbSize-1)]
	if e.tag != la|0xfff {
		return nil
	}
	n = min(n, 0x1000-la&0xfff)
	return unsafe.Slice((*byte)(unsafe.Add(c.ram, la+e.delta)), n)
}

// ramLoad and the others access RAM by offset from its start, which must be in range.

func (c *CPU) ramLoad(offset uint64, size uint8) uint64 { return peek(unsafe.Add(c.ram, offset), size) }
func (c *CPU) ramStore(offset, v uint64, size uint8)    { poke(unsafe.Add(c.ram, offset), v, size) }
func (c *CPU) ramLoad32(offset uint32) uint32           { return *(*uint32)(unsafe.Add(c.ram, offset)) }
func (c *CPU) ramLoad64(offset uint32) uint64           { return *(*uint64)(unsafe.Add(c.ram, offset)) }
func (c *CPU) ramLoad8(offset uint32) uint8             { return *(*uint8)(unsafe.Add(c.ram, offset)) }

func (c *CPU) ramStore32(offset, v uint32)        { *(*uint32)(unsafe.Add(c.ram, offset)) = v }
func (c *CPU) ramStore64(offset uint32, v uint64) { *(*uint64)(unsafe.Add(c.ram, offset)) = v }

// ramPage returns the page of RAM at offset.
func (c *CPU) ramPage(offset uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(c.ram, offset&^0xfff)), 0x1000)
}

// overlapsAbove says whether dst begins inside src.
func overlapsAbove(src, dst []byte) bool {
	s, d := uintptr(unsafe.Pointer(&src[0])), uintptr(unsafe.Pointer(&dst[0]))
	return d > s && d < s+uintptr(len(src))
}
