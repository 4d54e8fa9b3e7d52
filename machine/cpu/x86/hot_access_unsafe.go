package x86

import "unsafe"

// Where hot bodies find their operands. A helper that returns false has done nothing: the op then goes the general way, which fills the TLB or faults.

// address is the linear address of the memory operand: flat segments start at 0.
func address(c *CPU, op *Op, f form) uint32 {
	if f.shape.simple() {
		return c.r[op.Base&15] + op.Disp
	}
	return c.r[op.Base&15] + c.r[op.Index&15]<<(op.Scale&3) + op.Disp
}

// load reads size bytes at la. An operand that crosses into the next page has the wrong tag, since neighbouring pages have different entries.
func load(c *CPU, la uint32, size uint8) (v uint32, ok bool) {
	e := &c.rd[la>>12%tlbSize]
	if e.tag != (la+uint32(size)-1)|0xfff {
		return 0, false
	}
	return peek(unsafe.Add(c.ram, la+e.delta), size), true
}

// pointer returns where size bytes at la are, for reading and writing.
func pointer(c *CPU, la uint32, size uint8) (p unsafe.Pointer, ok bool) {
	e := &c.wr[la>>12%tlbSize]
	if e.tag != (la+uint32(size)-1)|0xfff {
		return nil, false
	}
	return unsafe.Add(c.ram, la+e.delta), true
}

func store(c *CPU, la, v uint32, size uint8) bool {
	p, ok := pointer(c, la, size)
	if !ok {
		return false
	}
	poke(p, v, size)
	return true
}

func peek(p unsafe.Pointer, size uint8) uint32 {
	switch size {
	case 1:
		return uint32(*(*uint8)(p))
	case 2:
		return uint32(*(*uint16)(p))
	}
	return *(*uint32)(p)
}

func poke(p unsafe.Pointer, v uint32, size uint8) {
	switch size {
	case 1:
		*(*uint8)(p) = uint8(v)
	case 2:
		*(*uint16)(p) = uint16(v)
	default:
		*(*uint32)(p) = v
	}
}

// byteReg is an 8-bit register: AL, CL, DL, BL, AH, CH, DH, BH.
func (c *CPU) byteReg(n uint8) *uint8 {
	return (*uint8)(unsafe.Add(unsafe.Pointer(&c.r), n&3<<2|n>>2))
}
