// Package pci holds the PC's PCI configuration access mechanism.
package pci

import (
	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Config is configuration mechanism 1 (PCI 2.2, 3.2.2.3.2): the address register at offset 0, the data window at offset 4. No
// device answers on the bus, so data reads as all ones. Byte accesses to offset 1 belong to the reset control register, which
// shares the ports with the address register.
type Config struct {
	address uint32
	reset   bus.Device
}

// NewConfig returns the mechanism with an empty bus; reset answers at port 0xCF9.
func NewConfig(reset bus.Device) *Config { return &Config{reset: reset} }

// Read reads the address register, or the data of a device that is not there.
func (c *Config) Read(offset uint64, size int) uint64 {
	switch {
	case offset == 0 && size == 4:
		return uint64(c.address)
	case offset == 1 && size == 1:
		return c.reset.Read(0, 1)
	}
	return 1<<(8*size) - 1
}

// Write writes the address register, which takes 32-bit accesses only.
func (c *Config) Write(offset uint64, size int, value uint64) {
	switch {
	case offset == 0 && size == 4:
		c.address = uint32(value) & 0x80fffffc
	case offset == 1 && size == 1:
		c.reset.Write(0, 1, value)
	}
}

// State goes over the address register.
func (c *Config) State(v *snapshot.Visitor) {
	v.Section("pci")
	snapshot.Uint(v, "address", &c.address)
}
