package board

import (
	"forkscope/machine/bus"
	"forkscope/machine/dev/intc"
	"forkscope/machine/dev/power"
	"forkscope/machine/dev/rtc"
	"forkscope/machine/dev/serial"
	"forkscope/machine/dev/virtio"
	"forkscope/machine/snapshot"
)

// Addresses of the virt board.
const (
	virtGICD  = 0x0800_0000
	virtGICC  = 0x0801_0000
	virtUART  = 0x0900_0000
	virtRTC   = 0x0901_0000
	virtMMIO  = 0x0a00_0000
	virtRAM   = 0x4000_0000
	virtSize4 = 0x1000
	virtSize  = 0x1_0000

	// VirtRAMBase is where RAM begins; MaxVirtMemory is the most there can be, as on QEMU.
	VirtRAMBase   = virtRAM
	MaxVirtMemory = 255 << 30

	// virtMMIOSlots is how many places for virtio devices there are, one behind the other.
	virtMMIOSlots = 32
)

// Its shared interrupts, and the private ones of the CPU's timers.
const (
	spiUART = 1
	spiRTC  = 2
	spiMMIO = 16 // of the first place for a virtio device; the others' follow

	ppiVirtualTimer  = 27
	ppiPhysicalTimer = 30
)

// Virt is QEMU's virt board with a GICv2.
type Virt struct {
	Board
	gic  *intc.GICv2
	psci *power.PSCI
}

// NewVirt returns the board.
func NewVirt(cfg Config) *Virt {
	b := &Virt{psci: power.NewPSCI(cfg.Power)}
	b.Memory = bus.NewSpace("physical memory")
	b.gic = intc.NewGICv2(b.cpuIRQ(), bus.Line{})
	uart := serial.NewPL011(b.gic.SPI(spiUART), cfg.Output)
	clock := rtc.NewPL031(cfg.Clock, b.gic.SPI(spiRTC), cfg.Date)

	b.Console = uart
	b.parts = []snapshot.Part{b.gic, uart, clock, b.psci}
	mapAll(b.Memory, []wiring{
		{"GIC distributor", virtGICD, virtSize, b.gic.Distributor()},
		{"GIC CPU interface", virtGICC, virtSize, b.gic.CPUInterface()},
		{"PL011", virtUART, virtSize4, uart},
		{"PL031", virtRTC, virtSize4, clock},
	})
	b.addStreams(cfg, virtMMIO, b.gic.SPI(spiMMIO))
	free := uint64(virtMMIO)
	if b.Streams != nil {
		free += virtio.WindowSize
	}
	mapAll(b.Memory, []wiring{{"virtio, no device", free, virtMMIO + virtMMIOSlots*virtio.WindowSize - free, virtio.Empty{}}})
	return b
}

// HVC is the firmware: it answers PSCI calls, and says whether the CPU is to wait for an interrupt.
func (b *Virt) HVC(x *[4]uint64) (wait bool) { return b.psci.Call(x) }

// VirtualTimer and PhysicalTimer are the wires of the CPU's timers.
func (b *Virt) VirtualTimer(level bool) { b.gic.PPI(ppiVirtualTimer).Set(level) }

// PhysicalTimer is described at VirtualTimer.
func (b *Virt) PhysicalTimer(level bool) { b.gic.PPI(ppiPhysicalTimer).Set(level) }
