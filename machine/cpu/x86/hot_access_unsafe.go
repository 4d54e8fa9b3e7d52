package x86

import "unsafe"

// Where hot bodies find their operands. A helper that returns false has done nothing: the op then goes the general way, which fills the TLB or faults.

// lower is the lower half of a word. 32-bit code writes and reads it alone: what is read as more than was written takes a processor long.
func lower(p *uint64) *uint32 { return (*uint32)(unsafe.Pointer(p)) }

// setReg writes a register. 32-bit code leaves the upper half as it is: it is undefined after a change of mode (SDM vol. 1 §3.4.1.1).
func setReg(c *CPU, f form, n, size uint8, v uint64) {
	if size == 4 && !f.long {
		*lower(&c.r[n&31]) = uint32(v)
	} else {
		c.setReg(n, size, v)
	}
}

// address is the linear address of the memory operand: flat segments start at 0.
func address(c *CPU, op *Op, f form) uint64 {
	if f.long {
		if f.shape.simple() {
			return c.r[op.Base&31] + uint64(int32(op.Disp))
		}
		return c.r[op.Base&31] + c.r[op.Index&31]<<(op.Scale&3) + uint64(int32(op.Disp))
	}
	if f.shape.simple() {
		return uint64(*lower(&c.r[op.Base&31]) + op.Disp)
	}
	return uint64(*lower(&c.r[op.Base&31]) + *lower(&c.r[op.Index&31])<<(op.Scale&3) + op.Disp)
}

// canonical reports whether an address has as many bits as there are: the upper ones are all equal to bit 47.
func canonical(la uint64) bool { return uint64(int64(la)<<16>>16) == la }

// load reads size bytes at la. An operand that crosses into the next page has the wrong tag, since neighbouring pages have different entries.
func load(c *CPU, la uint64, size uint8) (v uint64, ok bool) {
	e := &c.rd[la>>12%tlbSize]
	if e.tag != (la+uint64(size)-1)|0xfff {
		return 0, false
	}
	return peek(unsafe.Add(c.ram, la+e.delta), size), true
}

// pointer returns where size bytes at la are, for reading and writing.
func pointer(c *CPU, la uint64, size uint8) (p unsafe.Pointer, ok bool) {
	e := &c.wr[la>>12%tlbSize]
	if e.tag != (la+uint64(size)-1)|0xfff {
		return nil, false
	}
	return unsafe.Add(c.ram, la+e.delta), true
}

func store(c *CPU, la, v uint64, size uint8) bool {
	p, ok := pointer(c, la, size)
	if !ok {
		return false
	}
	poke(p, v, size)
	return true
}

func peek(p unsafe.Pointer, size uint8) uint64 {
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

func poke(p unsafe.Pointer, v uint64, size uint8) {
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

// byteReg is an 8-bit register: the lowest byte of register n, or for n from firstHigh on AH, CH, DH and BH.
func (c *CPU) byteReg(n uint8) *uint8 {
	return (*uint8)(unsafe.Add(unsafe.Pointer(&c.r), n&15<<3|n>>4))
}

const firstHigh = 16
