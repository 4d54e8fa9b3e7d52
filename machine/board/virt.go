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

// The private interrupts of the CPU's timers.
const (
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
	b := &Virt{}
	b.Memory = bus.NewSpace("physical memory")
	b.build(b.table(cfg), func(n int) bus.Line { return b.gic.SPI(n) })
	return b
}

// table is the board's wiring. Interrupts are the shared ones of the GIC, from 0 on.
func (b *Virt) table(cfg Config) []chip {
	const mmioIRQ = 16 // of the first place for a virtio device; the others' follow
	used := 0          // of these places
	if len(cfg.Streams) > 0 {
		used = 1
	}
	free := uint64(virtMMIO + used*virtio.WindowSize)
	return []chip{
		{name: "GIC", at: []window{b.memory(virtGICD, virtSize).named("GIC distributor"), b.memory(virtGICC, virtSize).named("GIC CPU interface")}, node: gic,
			make: func([]bus.Line) parts {
				b.gic = intc.NewGICv2(b.cpuIRQ(), bus.Line{})
				return parts{[]bus.Device{b.gic.Distributor(), b.gic.CPUInterface()}, []snapshot.Part{b.gic}}
			}},
		{name: "PL011", at: []window{b.memory(virtUART, virtSize4)}, irqs: []int{1}, node: primeCell("pl011", "uartclk", "apb_pclk"), make: func(irq []bus.Line) parts {
			uart := serial.NewPL011(irq[0], cfg.Output)
			b.Console = uart
			return whole(uart)
		}},
		{name: "PL031", at: []window{b.memory(virtRTC, virtSize4)}, irqs: []int{2}, node: primeCell("pl031", "apb_pclk"), make: func(irq []bus.Line) parts {
			return whole(rtc.NewPL031(cfg.Clock, irq[0], cfg.Date))
		}},
		{name: "PSCI", node: psci, make: func([]bus.Line) parts {
			b.psci = power.NewPSCI(cfg.Power)
			return parts{state: []snapshot.Part{b.psci}}
		}},
		b.streams(cfg, virtMMIO, mmioIRQ),
		{name: "virtio, no device", at: []window{b.memory(free, virtMMIO+virtMMIOSlots*virtio.WindowSize-free)}, irqs: []int{mmioIRQ + used}, node: virtioSlots,
			make: stateless(virtio.Empty{})},
	}
}

// HVC is the firmware: it answers PSCI calls, and says whether the CPU is to wait for an interrupt.
func (b *Virt) HVC(x *[4]uint64) (wait bool) { return b.psci.Call(x) }

// VirtualTimer and PhysicalTimer are the wires of the CPU's timers.
func (b *Virt) VirtualTimer(level bool) { b.gic.PPI(ppiVirtualTimer).Set(level) }

// PhysicalTimer is described at VirtualTimer.
func (b *Virt) PhysicalTimer(level bool) { b.gic.PPI(ppiPhysicalTimer).Set(level) }
