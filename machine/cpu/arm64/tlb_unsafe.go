package arm64

import (
	"slices"
	"unsafe"
)

const (
	tlbEntries = 512
	tlbMask    = tlbEntries - 1
)

// tlbEntry gives the host address of a virtual page that may be accessed without any check. The tag is the page's
// address; it is compared with the page of an access's last byte, so that accesses that cross the page miss.
type tlbEntry struct {
	tag  uint64
	page unsafe.Pointer
}

type tlb [tlbEntries]tlbEntry

// size is about how much of the host's memory the block takes, in bytes.
func (b *block) size() int { return int(unsafe.Sizeof(*b)) + len(b.ops)*int(opSize) + b.n*6 }

// emptyTLB never hits. It stands in when every access needs the slow path.
var emptyTLB = func() *tlb {
	t := new(tlb)
	for i := range t {
		t[i].tag = noTag
	}
	return t
}()

// filled remembers which entries of a direct-mapped cache are in use, so that flushing costs no more than filling did.
type filled struct {
	list []uint16
}

// drop takes the entries out of the list that empty empties or finds empty.
func (f *filled) drop(empty func(i uint16) bool) {
	f.list = slices.DeleteFunc(f.list, empty)
}

// Whose view of memory an entry is: EL0's, EL1's, or EL1's under PSTATE.PAN.
const (
	viewPAN   = 2
	dataViews = 3
)

// fast holds the caches derived from translate's results, by view for data and by EL for code.
type fast struct {
	read, write [dataViews]tlb
	code        [2]codeTLB

	readFilled, writeFilled [dataViews]filled
	codeFilled              [2]filled
}

func (f *fast) init() {
	for view := range dataViews {
		f.read[view], f.write[view] = *emptyTLB, *emptyTLB
	}
	for el := range 2 {
		for i := range f.code[el] {
			f.code[el][i].tag = noTag
		}
	}
}

func flushTLB(t *tlb, f *filled) {
	for _, i := range f.list {
		t[i].tag = noTag
	}
	f.list = f.list[:0]
}

func fillTLB(t *tlb, f *filled, va uint64, page unsafe.Pointer) {
	i := va >> 12 & tlbMask
	if t[i].tag == noTag {
		if len(f.list) == tlbEntries { // some are listed twice, having been forgotten and filled again
			flushTLB(t, f)
		}
		f.list = append(f.list, uint16(i))
	}
	t[i] = tlbEntry{va &^ 0xfff, page}
}

func (f *fast) flushCode() {
	for el := range 2 {
		for _, i := range f.codeFilled[el].list {
			f.code[el][i] = codeEntry{tag: noTag}
		}
		f.codeFilled[el].list = f.codeFilled[el].list[:0]
	}
}

func (f *fast) flushWrites() {
	for view := range dataViews {
		flushTLB(&f.write[view], &f.writeFilled[view])
	}
}

// forgetWrites makes the next store to a page of RAM, at page in the host's memory, take the slow path.
func (f *fast) forgetWrites(page unsafe.Pointer) {
	for view := range dataViews {
		t := &f.write[view]
		for _, i := range f.writeFilled[view].list {
			if t[i].page == page {
				t[i].tag = noTag
			}
		}
	}
}

func (f *fast) flush() {
	f.flushCode()
	f.flushWrites()
	for view := range dataViews {
		flushTLB(&f.read[view], &f.readFilled[view])
	}
}

// forget drops the page of va.
func (f *fast) forget(va uint64) {
	page := va &^ 0xfff
	for view := range dataViews {
		if t := &f.read[view][va>>12&tlbMask]; t.tag == page {
			t.tag = noTag
			t.page = nil
		}
		if t := &f.write[view][va>>12&tlbMask]; t.tag == page {
			t.tag = noTag
			t.page = nil
		}
	}
	for el := range 2 {
		if e := &f.code[el][va>>12&codeMask]; e.tag == page {
			*e = codeEntry{tag: noTag}
		}
	}
}

func (f *fast) fillCode(el uint8, va uint64, page *codePage) {
	i := va >> 12 & codeMask
	e := &f.code[el][i]
	if e.tag == noTag {
		if len(f.codeFilled[el].list) == codeEntries {
			f.flushCode()
		}
		f.codeFilled[el].list = append(f.codeFilled[el].list, uint16(i))
	}
	*e = codeEntry{va &^ 0xfff, page}
}

// hostLoad and hostStore access size (1, 2, 4, 8) bytes of RAM at physical address pa, within one page.
func (c *CPU) hostLoad(pa uint64, size uint64) uint64 {
	p := c.ram.Pointer(pa)
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

func (c *CPU) hostStore(pa uint64, size uint64, v uint64) {
	p := c.ram.Pointer(pa)
	switch size {
	case 1:
		*(*uint8)(p) = uint8(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	case 4:
		*(*uint32)(p) = uint32(v)
	default:
		*(*uint64)(p) = v
	}
}

func (c *CPU) fillRead(view uint8, va, pa uint64) {
	fillTLB(&c.mmu.read[view], &c.mmu.readFilled[view], va, c.ram.Pointer(pa&^0xfff))
}

func (c *CPU) fillWrite(view uint8, va, pa uint64) {
	c.ram.MarkDirty(pa)
	fillTLB(&c.mmu.write[view], &c.mmu.writeFilled[view], va, c.ram.Pointer(pa&^0xfff))
}
