package gdbstub

import (
	"encoding/binary"
	"fmt"
)

// Description is the target description: what gdb must know before it can understand anything else. A register's
// number, in packets and in agent expressions, is its position counted through all features.
type Description struct {
	// Architecture is gdb's name for it: "i386", "aarch64".
	Architecture string
	// OSABI is gdb's name of the system whose conventions hold, "none" or "GNU/Linux"; "" leaves it out.
	OSABI    string
	Features []Feature

	registers []Register
	offsets   []int
	size      int
	xml       []byte
}

// Feature is a named group of registers. gdb knows the standard names (org.gnu.gdb.…) and what must be in them; any
// other name makes plain registers.
type Feature struct {
	Name      string
	Types     []Type
	Registers []Register
}

// Register describes one register.
type Register struct {
	Name string
	// Bits is the width, a multiple of 8.
	Bits int
	// Type is one of gdb's own ("int32", "uint64", "code_ptr", "data_ptr", "ieee_double", "i387_ext", …) or the ID of a
	// Type of the same feature; "" is a plain integer of that width.
	Type string
	// Group puts it in "info registers GROUP": "general", "float", "vector", "system"; "" leaves it to gdb. gdb does not
	// put back registers of the group "system" after it has called a function in the target: counters have moved on, and
	// what the function did to the machine is meant to stay.
	Group string
	// Generic marks the program counter, stack pointer and frame pointer: "pc", "sp", "fp". They are sent along
	// with every stop. Each description has a "pc".
	Generic string
}

// Type is a composite register type. Exactly one of Vector, Union and Flags is used.
type Type struct {
	ID string
	// Vector and Count: Count elements of that type.
	Vector string
	Count  int
	// Union: the same bits seen as each of these.
	Union []Field
	// Flags of a register of FlagBits bits.
	Flags    []FlagField
	FlagBits int
}

// Field is a member of a union.
type Field struct {
	Name, Type string
}

// FlagField is a bit, or the bits from Start to End inclusive, of a flags register.
type FlagField struct {
	Name       string
	Start, End int
}

// Init checks the description and computes register numbers and offsets. NewSession calls it; calling it again does
// nothing.
func (d *Description) Init() error {
	if d.registers != nil {
		return nil
	}
	if d.Architecture == "" {
		return invalid("target description without architecture")
	}
	seen := map[string]bool{}
	var regs []Register
	var offsets []int
	size := 0
	for _, f := range d.Features {
		for _, r := range f.Registers {
			if r.Bits <= 0 || r.Bits%8 != 0 {
				return invalid("register %s has %d bits", r.Name, r.Bits)
			}
			if seen[r.Name] {
				return invalid("register %s described twice", r.Name)
			}
			seen[r.Name] = true
			regs = append(regs, r)
			offsets = append(offsets, size)
			size += r.Bits / 8
		}
	}
	d.registers, d.offsets, d.size = regs, offsets, size
	if d.Generic("pc") < 0 {
		d.registers = nil
		return invalid("target description without a program counter")
	}
	d.xml = d.appendXML(nil)
	return nil
}

// XML is the description as gdb gets it, once Init has been called. The caller must not change it.
func (d *Description) XML() []byte { return d.xml }

// Registers lists all registers in the order of their numbers. The caller must not change it.
func (d *Description) Registers() []Register { return d.registers }

// Index gives the number of the register with that name, or -1.
func (d *Description) Index(name string) int {
	for i, r := range d.registers {
		if r.Name == name {
			return i
		}
	}
	return -1
}

// Generic gives the number of the register marked "pc", "sp" or "fp", or -1.
func (d *Description) Generic(name string) int {
	for i, r := range d.registers {
		if r.Generic == name {
			return i
		}
	}
	return -1
}

// NewRegisterFile makes an empty file for registers of this description, which must have been initialised.
func (d *Description) NewRegisterFile() *RegisterFile {
	if d.registers == nil {
		panic("BUG: register file of a description that was not initialised")
	}
	return &RegisterFile{description: d, data: make([]byte, d.size), known: make([]bool, len(d.registers))}
}

// Reset makes every register unavailable.
func (f *RegisterFile) Reset() {
	clear(f.known)
	clear(f.data)
}

// Set stores a value given as little-endian bytes; it must have the register's width.
func (f *RegisterFile) Set(reg int, value []byte) {
	dst := f.slot(reg)
	if len(value) != len(dst) {
		panic(fmt.Sprintf("BUG: %d bytes for register %s", len(value), f.description.registers[reg].Name))
	}
	copy(dst, value)
	f.known[reg] = true
}

// SetUint stores the low bits of v in a register of any width; wider ones get zeros above.
func (f *RegisterFile) SetUint(reg int, v uint64) {
	dst := f.slot(reg)
	switch len(dst) {
	case 8:
		binary.LittleEndian.PutUint64(dst, v)
	case 4:
		binary.LittleEndian.PutUint32(dst, uint32(v))
	default:
		for i := range dst {
			dst[i] = byte(v)
			v >>= 8
		}
	}
	f.known[reg] = true
}

// Known reports whether the register has a value.
func (f *RegisterFile) Known(reg int) bool { return f.known[reg] }

// Bytes is the value in place, little-endian; only meaningful if Known.
func (f *RegisterFile) Bytes(reg int) []byte { return f.slot(reg) }

// Uint is the value's low 64 bits and whether it is known.
func (f *RegisterFile) Uint(reg int) (uint64, bool) {
	var v uint64
	b := f.slot(reg)
	for i := min(len(b), 8) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v, f.known[reg]
}

func (f *RegisterFile) slot(reg int) []byte {
	off := f.description.offsets[reg]
	return f.data[off : off+f.description.registers[reg].Bits/8]
}
