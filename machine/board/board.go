// Package board wires chips together: pc is QEMU's pc with an i386, virt is QEMU's virt with an AArch64 CPU. Addresses and interrupt
// numbers are theirs, so that one kernel image runs on both.
package board

import (
	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/dev/power"
	"forkscope/machine/dev/virtio"
	"forkscope/machine/snapshot"
)

// Config is what a board needs from the machine.
type Config struct {
	Clock *clock.Clock
	// Output takes each byte the guest sends to its console.
	Output func(byte)
	// Debug takes each byte the guest writes to the PC's port 0xE9.
	Debug func(byte)
	// ROM is what a PC starts from, of a size that CheckROM takes; empty without one.
	ROM []byte
	// Date is what the real-time clock shows at time 0, in seconds since 1970 UTC.
	Date int64
	// Power is told when the guest ends its run.
	Power power.Func
	// RAM is what devices reach by DMA; only Streams needs it.
	RAM bus.Memory
	// Streams are the ports of a virtio console; without any there is none on the board.
	Streams []virtio.Port
}

// Board is the part both boards share: the address spaces and the wire to the CPU. It implements cpu.Bus.
type Board struct {
	// Memory maps devices outside RAM; Ports the x86 I/O ports, nil on virt.
	Memory, Ports *bus.Space
	// Console is the first serial port.
	Console Console
	// Streams is the virtio console, nil without one.
	Streams *virtio.Console

	chips  []chip // the rows of the board's table that are there
	parts  []snapshot.Part
	setIRQ func(level bool)
}

// Console is the receiving side of a serial port.
type Console interface {
	// Receive is the terminal at the other end sending p. It never loses a byte: what the guest cannot take yet waits.
	Receive(p []byte)
}

// streams is the row of the virtio console, which is there if it has ports.
func (b *Board) streams(cfg Config, base uint64, irq int) chip {
	return chip{name: "virtio console", at: []window{b.memory(base, virtio.WindowSize)}, irqs: []int{irq}, absent: len(cfg.Streams) == 0, node: virtioSlots,
		make: func(irq []bus.Line) parts {
			b.Streams = virtio.NewConsole(cfg.RAM, irq[0], cfg.Streams)
			return whole(b.Streams)
		}}
}

// ConnectCPU wires the interrupt controller's output to the CPU's input.
func (b *Board) ConnectCPU(setIRQ func(level bool)) { b.setIRQ = setIRQ }

// cpuIRQ is the wire to the CPU, which is made after the board.
func (b *Board) cpuIRQ() bus.Line {
	return bus.NewLine(func(level bool) {
		if b.setIRQ != nil {
			b.setIRQ(level)
		}
	})
}

// ReadMMIO and WriteMMIO access the devices in physical memory.
func (b *Board) ReadMMIO(pa uint64, size int) (uint64, bool) { return b.Memory.Read(pa, size) }

// WriteMMIO is described at ReadMMIO.
func (b *Board) WriteMMIO(pa uint64, size int, value uint64) bool {
	return b.Memory.Write(pa, size, value)
}

// In reads an I/O port; where nothing answers the bus floats high.
func (b *Board) In(port uint16, size int) uint32 {
	ones := uint32(1<<(8*size) - 1)
	if b.Ports == nil {
		return ones
	}
	v, ok := b.Ports.Read(uint64(port), size)
	if !ok {
		return ones
	}
	return uint32(v) & ones
}

// Out writes an I/O port.
func (b *Board) Out(port uint16, size int, value uint32) {
	if b.Ports != nil {
		b.Ports.Write(uint64(port), size, uint64(value))
	}
}

// State goes over every chip, and where the windows are that move. The level of a wire is the state of the chip or CPU at its end, so none is driven anew
// after a load.
func (b *Board) State(v *snapshot.Visitor) {
	for _, p := range b.parts {
		p.State(v)
	}
	b.Memory.State(v)
	if b.Ports != nil {
		b.Ports.State(v)
	}
}
