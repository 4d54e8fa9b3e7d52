package board

import (
	"forkscope/machine/bus"
	"forkscope/machine/dev/intc"
	"forkscope/machine/dev/pci"
	"forkscope/machine/dev/power"
	"forkscope/machine/dev/rtc"
	"forkscope/machine/dev/serial"
	"forkscope/machine/dev/timer"
	"forkscope/machine/snapshot"
)

// Where a virtio device is, if there is one. QEMU's pc has none outside of PCI; its microvm has them there, from interrupt 5 on.
const (
	pcVirtio    = 0xfeb0_0000
	pcVirtioIRQ = 5
)

// MaxPCMemory is the most RAM a PC can have here: above it lie the addresses of PCI devices and of the APICs.
const MaxPCMemory = 3 << 30

// PC is QEMU's pc board.
type PC struct {
	Board
	pic *intc.PIC
	pci *pci.Config
}

// NewPC returns the board of a PC with memSize bytes of RAM from address 0. (The hole from 0xA0000 to 0xFFFFF is RAM as well: there is
// no display in it, and what cfg.ROM shows there is a copy that the CPU must not change.)
func NewPC(cfg Config, memSize uint64) *PC {
	b := &PC{}
	b.Memory, b.Ports = bus.NewSpace("physical memory"), bus.NewSpace("I/O ports")
	b.build(b.table(cfg, memSize), func(n int) bus.Line { return b.pic.IRQ(n) })
	return b
}

// table is the board's wiring. Interrupts are those of the ISA bus.
func (b *PC) table(cfg Config, memSize uint64) []chip {
	return []chip{
		{name: "8259A", at: []window{b.isa(0x20, 2).named("8259A master"), b.isa(0xa0, 2).named("8259A slave")}, make: func([]bus.Line) parts {
			b.pic = intc.NewPIC(b.cpuIRQ())
			return parts{[]bus.Device{b.pic.Master(), b.pic.Slave()}, []snapshot.Part{b.pic}}
		}},
		{name: "8254", at: []window{b.isa(0x40, 4), b.isa(0x61, 1).named("8254 gate 2")}, irqs: []int{0}, make: func(irq []bus.Line) parts {
			pit := timer.NewPIT(cfg.Clock, irq[0])
			return parts{[]bus.Device{pit, pit.Port61()}, []snapshot.Part{pit}}
		}},
		{name: "MC146818", at: []window{b.isa(0x70, 2)}, irqs: []int{8}, make: func(irq []bus.Line) parts {
			clock := rtc.NewMC146818(cfg.Clock, irq[0], cfg.Date)
			setCMOS(clock, memSize)
			return whole(clock)
		}},
		{name: "COM1", at: []window{b.isa(0x3f8, 8)}, irqs: []int{4}, make: func(irq []bus.Line) parts {
			com1 := serial.NewUART16550(cfg.Clock, irq[0], cfg.Output)
			b.Console = com1
			return whole(com1)
		}},
		{name: "ACPI PM1", at: []window{b.ports(0x600, 6)}, make: func([]bus.Line) parts { return whole(power.NewACPI(cfg.Power)) }},
		{name: "ACPI timer", at: []window{b.ports(0x608, 4)}, make: stateless(timer.NewPMTimer(cfg.Clock))},
		{name: "PCI configuration", at: []window{b.ports(0xcf8, 8)}, make: func([]bus.Line) parts {
			reset := &power.ResetControl{End: cfg.Power} // at a port among those of the other
			b.pci = pci.NewConfig(reset)
			return parts{[]bus.Device{b.pci}, []snapshot.Part{reset, b.pci}}
		}},
		{name: "keyboard data", at: []window{b.isa(0x60, 1)}, make: stateless(noData{})},
		{name: "keyboard controller", at: []window{b.isa(0x64, 1)}, make: stateless(power.KeyboardReset{End: cfg.Power})},
		{name: "system control A", at: []window{b.isa(0x92, 1)}, make: stateless(power.Port92{End: cfg.Power})},
		{name: "debug console", at: []window{b.isa(0xe9, 1)}, make: stateless(serial.DebugConsole{Output: cfg.Debug})},
		{name: "debug exit by custom", at: []window{b.ports(0xf4, 4)}, make: stateless(power.DebugExit{End: cfg.Power})},
		{name: "debug exit", at: []window{b.ports(0x501, 2)}, make: stateless(power.DebugExit{End: cfg.Power, Status: true})},
		b.streams(cfg, pcVirtio, pcVirtioIRQ),
		{name: "ROM", at: []window{b.memory(romTop-uint64(len(cfg.ROM)), uint64(len(cfg.ROM)))}, absent: len(cfg.ROM) == 0, make: stateless(rom(cfg.ROM))},
	}
}

// AckIRQ is the CPU's interrupt acknowledge cycle.
func (b *PC) AckIRQ() uint8 { return b.pic.Ack() }

// setCMOS puts the sizes of memory where firmware leaves them: KiB below 640 KiB, KiB above 1 MiB (at most 63 MiB), and units of
// 64 KiB above 16 MiB.
func setCMOS(clock *rtc.MC146818, memSize uint64) {
	put := func(at int, v uint64) {
		clock.SetCMOS(at, uint8(v))
		clock.SetCMOS(at+1, uint8(v>>8))
	}
	put(0x15, 640)
	var extended, high uint64
	if memSize > 1<<20 {
		extended = min((memSize-1<<20)>>10, 0xfc00)
	}
	if memSize > 16<<20 {
		high = min((memSize-16<<20)>>16, 0xffff)
	}
	put(0x17, extended)
	put(0x30, extended)
	put(0x34, high)
	clock.SetCMOS(0x32, 0x20)
}

// noData is the data port of the keyboard controller, behind which nothing is.
type noData struct{}

func (noData) Read(uint64, int) uint64   { return 0 }
func (noData) Write(uint64, int, uint64) {}
