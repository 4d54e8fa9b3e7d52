package pci

import (
	"encoding/binary"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Offsets in a configuration space of header type 0 (PCI 2.2, 6.1).
const (
	regVendor        = 0x00
	regDevice        = 0x02
	regCommand       = 0x04
	regRevision      = 0x08 // with the class above it
	regCacheLine     = 0x0c
	regBars          = 0x10
	regInterruptLine = 0x3c
	regInterruptPin  = 0x3d

	barsMost = 6
)

// Bits of the command register: what the function answers to, and others that a guest can set.
const (
	commandIO     = 1 << 0
	commandMemory = 1 << 1
	commandTakes  = commandIO | commandMemory | 1<<2 | 1<<8 | 1<<10 // bus master, SERR#, interrupt disable
)

// barIO is the bit of a base address register that says that it is one of I/O ports.
const barIO = 1

// ID is what a driver knows a function by.
type ID struct {
	Vendor, Device uint16
	// Class is the class code with the interface in its low byte.
	Class    uint32
	Revision uint8
	// Interrupt is whether the function has an interrupt, which is then INTA#.
	Interrupt bool
}

// Bar is a base address register: a window whose place the guest chooses. The zero Bar is not there.
type Bar struct {
	// Region is the window, of physical memory or, with IO, of I/O ports. Its size is a power of two, at least 16 (4 with IO).
	Region *bus.Region
	IO     bool
}

// Function is the configuration space of a function, with header type 0 and no capabilities. It puts the windows of what is behind it where the guest says:
// as on QEMU, a window is nowhere while the command register does not enable it, while its address is 0, and while it would reach the end of the
// address space, as it does when a guest writes all ones to learn its size.
type Function struct {
	config   [256]byte
	writable [256]byte // the bits that a guest can change
	bars     [barsMost]Bar
}

// NewFunction returns a function after reset, of up to six windows.
func NewFunction(id ID, bars ...Bar) *Function {
	f := &Function{}
	f.set16(regVendor, id.Vendor)
	f.set16(regDevice, id.Device)
	f.set32(regRevision, id.Class<<8|uint32(id.Revision))
	f.takes32(regCommand, commandTakes)
	f.takes32(regCacheLine, 0xff)
	f.takes32(regInterruptLine, 0xff)
	if id.Interrupt {
		f.config[regInterruptPin] = 1
	}
	for i, b := range bars {
		f.bars[i] = b
		if b.Region == nil {
			continue
		}
		f.takes32(regBars+4*i, -uint32(b.Region.Size()))
		if b.IO {
			f.config[regBars+4*i] = barIO
		}
	}
	return f
}

func (f *Function) set16(at int, v uint16)   { binary.LittleEndian.PutUint16(f.config[at:], v) }
func (f *Function) set32(at int, v uint32)   { binary.LittleEndian.PutUint32(f.config[at:], v) }
func (f *Function) takes32(at int, v uint32) { binary.LittleEndian.PutUint32(f.writable[at:], v) }

// read reads size bytes of a word of the configuration space.
func (f *Function) read(at uint8, size int) uint64 {
	var v uint64
	for i := range size {
		v |= uint64(f.config[at+uint8(i)]) << (8 * i)
	}
	return v
}

// write writes them, and moves the windows.
func (f *Function) write(at uint8, size int, value uint64) {
	for i := range size {
		b, takes := &f.config[at], f.writable[at]
		*b = *b&^takes | uint8(value>>(8*i))&takes
		at++
	}
	f.place()
}

// place puts each window where its base address register says, if the command register enables it.
func (f *Function) place() {
	for i, b := range f.bars {
		if b.Region == nil {
			continue
		}
		enable := uint8(commandMemory)
		if b.IO {
			enable = commandIO
		}
		base := uint64(binary.LittleEndian.Uint32(f.config[regBars+4*i:])) &^ (b.Region.Size() - 1)
		if f.config[regCommand]&enable != 0 && base != 0 && base+b.Region.Size() < 1<<32 {
			b.Region.Move(base)
		} else {
			b.Region.Unmap()
		}
	}
}

// State goes over the configuration space. Where its windows are is the state of their address spaces.
func (f *Function) State(v *snapshot.Visitor) {
	v.Section("pci function")
	snapshot.Array(v, "configuration", f.config[:])
}
