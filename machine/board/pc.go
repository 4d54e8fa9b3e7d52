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

// The PC's ISA interrupts.
const (
	irqTimer  = 0
	irqCOM1   = 4
	irqVirtio = 5
	irqRTC    = 8
)

// pcVirtio is where a virtio device is, if there is one. QEMU's pc has none outside of PCI; its microvm has them there, from interrupt 5 on.
const pcVirtio = 0xfeb0_0000

// MaxPCMemory is the most RAM a PC can have here: above it lie the addresses of PCI devices and of the APICs.
const MaxPCMemory = 3 << 30

// PC is QEMU's pc board.
type PC struct {
	Board
	pic *intc.PIC
}

// NewPC returns the board of a PC with memSize bytes of RAM from address 0. (The hole from 0xA0000 to 0xFFFFF is RAM as well: there is
// no display in it, and what cfg.ROM shows there is a copy that the CPU must not change.)
func NewPC(cfg Config, memSize uint64) *PC {
	b := &PC{}
	b.Memory, b.Ports = bus.NewSpace("physical memory"), bus.NewSpace("I/O ports")
	b.pic = intc.NewPIC(b.cpuIRQ())
	pit := timer.NewPIT(cfg.Clock, b.pic.IRQ(irqTimer))
	clock := rtc.NewMC146818(cfg.Clock, b.pic.IRQ(irqRTC), cfg.Date)
	setCMOS(clock, memSize)
	com1 := serial.NewUART16550(cfg.Clock, b.pic.IRQ(irqCOM1), cfg.Output)
	acpi := power.NewACPI(cfg.Power)
	reset := &power.ResetControl{End: cfg.Power}
	config := pci.NewConfig(reset)

	b.Console = com1
	b.parts = []snapshot.Part{b.pic, pit, clock, com1, acpi, reset, config}
	mapAll(b.Ports, []wiring{
		{"8259A master", 0x20, 2, byteWide{b.pic.Master()}},
		{"8254", 0x40, 4, byteWide{pit}},
		{"keyboard data", 0x60, 1, noData{}},
		{"8254 gate 2", 0x61, 1, byteWide{pit.Port61()}},
		{"keyboard controller", 0x64, 1, byteWide{power.KeyboardReset{End: cfg.Power}}},
		{"MC146818", 0x70, 2, byteWide{clock}},
		{"system control A", 0x92, 1, byteWide{power.Port92{End: cfg.Power}}},
		{"8259A slave", 0xa0, 2, byteWide{b.pic.Slave()}},
		{"debug console", 0xe9, 1, serial.DebugConsole{Output: cfg.Debug}},
		{"debug exit by custom", 0xf4, 4, power.DebugExit{End: cfg.Power}},
		{"COM1", 0x3f8, 8, byteWide{com1}},
		{"debug exit", 0x501, 2, power.DebugExit{End: cfg.Power, Status: true}},
		{"ACPI PM1", 0x600, 6, acpi},
		{"ACPI timer", 0x608, 4, timer.NewPMTimer(cfg.Clock)},
		{"PCI configuration", 0xcf8, 8, config},
	})
	b.addStreams(cfg, pcVirtio, b.pic.IRQ(irqVirtio))
	if n := uint64(len(cfg.ROM)); n > 0 {
		mapAll(b.Memory, []wiring{{"ROM", romTop - n, n, rom(cfg.ROM)}})
	}
	return b
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
