// Package pci holds the PC's PCI configuration access mechanism, and the part of a PCI function that all have.
package pci

import (
	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Config is configuration mechanism 1 (PCI 2.2, 3.2.2.3.2): the address register at offset 0, the data window at offset 4. Where no function is plugged
// in, data reads as all ones. Byte accesses to offset 1 belong to the reset control register, which shares the ports with the address register.
type Config struct {
	address uint32
	reset   bus.Device
	slots   [32]*Function // function 0 of the devices on bus 0
}

// NewConfig returns the mechanism with an empty bus; reset answers at port 0xCF9.
func NewConfig(reset bus.Device) *Config { return &Config{reset: reset} }

// Plug puts a function onto the bus as the only one of its device. Two in one slot are an error of the board's wiring table.
func (c *Config) Plug(slot int, f *Function) {
	if c.slots[slot] != nil {
		panic("BUG: two functions in one PCI slot")
	}
	c.slots[slot] = f
}

// Fields of the address register.
const (
	addressEnable  = 1 << 31
	addressBus     = 0xff << 16
	addressOthers  = 7 << 8 // functions but the first
	addressSlot    = 11
	addressTakes   = 0x80fffffc
	addressOffsets = 0xfc
)

// selected is the function that the address register selects, nil if there is none, and where the data window is in its configuration space.
func (c *Config) selected() (f *Function, at uint8) {
	if c.address&(addressEnable|addressBus|addressOthers) != addressEnable {
		return nil, 0
	}
	return c.slots[c.address>>addressSlot&31], uint8(c.address & addressOffsets)
}

// Read reads the address register, or of the configuration space that it selects.
func (c *Config) Read(offset uint64, size int) uint64 {
	f, at := c.selected()
	switch {
	case offset == 0 && size == 4:
		return uint64(c.address)
	case offset == 1 && size == 1:
		return c.reset.Read(0, 1)
	case offset >= 4 && f != nil:
		return f.read(at+uint8(offset-4), size)
	}
	return 1<<(8*size) - 1
}

// Write writes the address register, which takes 32-bit accesses only, or to the configuration space that it selects.
func (c *Config) Write(offset uint64, size int, value uint64) {
	f, at := c.selected()
	switch {
	case offset == 0 && size == 4:
		c.address = uint32(value) & addressTakes
	case offset == 1 && size == 1:
		c.reset.Write(0, 1, value)
	case offset >= 4 && f != nil:
		f.write(at+uint8(offset-4), size, value)
	}
}

// State goes over the address register.
func (c *Config) State(v *snapshot.Visitor) {
	v.Section("pci")
	snapshot.Uint(v, "address", &c.address)
}
