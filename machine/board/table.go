package board

import (
	"fmt"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// chip is a row of a board's table. What a chip gets of clock, memory, wires and the host is what make gives its constructor, and nothing else.
type chip struct {
	name string
	// at is where it answers.
	at []window
	// irqs are its inputs of the interrupt controller, of which make is given the wires.
	irqs []int
	// make constructs it. The rows' order is that in which chips are made, and that of their state.
	make func(irq []bus.Line) parts
	// node tells a kernel of it, in the device tree; nil on a board that has none, or where there is nothing to tell.
	node func(f *fdt, c *chip)
	// absent is a chip that this configuration of the board lacks.
	absent bool
}

// window is where a chip answers: size addresses from base.
type window struct {
	bus        *bus.Space
	base, size uint64
	narrow     bool
	name       string // where the chip's does not say enough
}

// memory is a window of physical memory.
func (b *Board) memory(base, size uint64) window {
	return window{bus: b.Memory, base: base, size: size}
}

// ports is a window of I/O ports.
func (b *Board) ports(base, size uint64) window {
	return window{bus: b.Ports, base: base, size: size}
}

// isa is a window of I/O ports behind which a chip is 8 bits wide.
func (b *Board) isa(base, size uint64) window {
	return window{bus: b.Ports, base: base, size: size, narrow: true}
}

func (w window) named(name string) window {
	w.name = name
	return w
}

// parts are what a constructor has made: what answers in the windows of the row, in their order, and what has state.
type parts struct {
	answers []bus.Device
	state   []snapshot.Part
}

// whole is a chip that answers in its only window.
func whole(c interface {
	bus.Device
	snapshot.Part
}) parts {
	return parts{[]bus.Device{c}, []snapshot.Part{c}}
}

// stateless is what answers in the only window of its row and remembers nothing.
func stateless(d bus.Device) func([]bus.Line) parts {
	return func([]bus.Line) parts { return parts{answers: []bus.Device{d}} }
}

// build makes the chips of a table, whose interrupts are the inputs that line returns. The table is constant, so a mistake in it is an emulator bug.
func (b *Board) build(table []chip, line func(n int) bus.Line) {
	for _, c := range table {
		if c.absent {
			continue
		}
		var irqs []bus.Line
		for _, n := range c.irqs {
			irqs = append(irqs, line(n))
		}
		made := c.make(irqs)
		if len(made.answers) != len(c.at) {
			panic(fmt.Sprintf("BUG: %s has %d windows, and answers in %d", c.name, len(c.at), len(made.answers)))
		}
		for i, w := range c.at {
			w.place(c.name, made.answers[i])
		}
		b.chips = append(b.chips, c)
		b.parts = append(b.parts, made.state...)
	}
}

// place maps d at the window of a chip.
func (w window) place(chip string, d bus.Device) {
	if w.name != "" {
		chip = w.name
	}
	if w.narrow {
		d = byteWide{d}
	}
	if err := w.bus.Map(chip, w.base, w.size, d); err != nil {
		panic(fmt.Sprintf("BUG: %v", err))
	}
}

// byteWide is the ISA bus in front of an 8-bit chip: a wider access becomes byte accesses to successive ports.
type byteWide struct{ bus.Device }

func (b byteWide) Read(offset uint64, size int) uint64 {
	var v uint64
	for i := range size {
		v |= b.Device.Read(offset+uint64(i), 1) & 0xff << (8 * i)
	}
	return v
}

func (b byteWide) Write(offset uint64, size int, value uint64) {
	for i := range size {
		b.Device.Write(offset+uint64(i), 1, value>>(8*i)&0xff)
	}
}
