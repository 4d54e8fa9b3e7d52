package board

import (
	"bytes"
	"slices"
	"testing"

	"forkscope/machine/bus"
	"forkscope/machine/dev/pci"
	"forkscope/machine/snapshot"
)

// toy is a chip for tests: a register of 32 bits, whose lowest one is its interrupt.
type toy struct {
	irq   bus.Line
	value uint32
}

func (c *toy) Read(uint64, int) uint64 { return uint64(c.value) }
func (c *toy) Write(_ uint64, _ int, value uint64) {
	c.value = uint32(value)
	c.irq.Set(value&1 != 0)
}

func (c *toy) State(v *snapshot.Visitor) {
	v.Section("toy")
	snapshot.Uint(v, "value", &c.value)
}

// pciToy is the row of a toy in slot 3 of the PCI bus, which answers in memory and at I/O ports.
func pciToy(b *PC) chip {
	return chip{name: "PCI toy", irqs: []int{11}, make: func(irq []bus.Line) parts {
		c := &toy{irq: irq[0]}
		f := pci.NewFunction(pci.ID{Vendor: 0x1234, Device: 0x5678, Class: 0xff0000, Interrupt: true},
			pci.Bar{Region: b.Memory.Region("toy memory", 0x1000, c)}, pci.Bar{Region: b.Ports.Region("toy ports", 0x10, c), IO: true})
		b.pci.Plug(3, f)
		return parts{state: []snapshot.Part{c, f}}
	}}
}

// portToy is the row of a toy at fixed ports.
func portToy(b *PC) chip {
	return chip{name: "toy", at: []window{b.ports(0x2000, 4)}, irqs: []int{10}, make: func(irq []bus.Line) parts { return whole(&toy{irq: irq[0]}) }}
}

// memoryToy is the row of a toy of the virt board.
func memoryToy(b *Virt) chip {
	return chip{name: "toy", at: []window{b.memory(0x0b00_0000, virtSize4)}, irqs: []int{112}, make: func(irq []bus.Line) parts { return whole(&toy{irq: irq[0]}) },
		node: func(f *fdt, c *chip) { c.device(f, "toy", func() { f.text("compatible", "forkscope,toy") }) }}
}

func TestRowOfPC(t *testing.T) {
	h := &host{}
	b := NewPC(h.config(), 64<<20)
	b.ConnectCPU(h.setIRQ)
	b.build([]chip{portToy(b), pciToy(b)}, b.pic.IRQ)
	for i, base := range []uint16{0x20, 0xa0} { // vectors 0x20 and 0x28, all open
		for j, v := range []uint32{0x11, uint32(0x20 + 8*i), 4 >> i, 1, 0} {
			b.Out(base+uint16(min(j, 1)), 1, v)
		}
	}
	interrupt := func(what string, want uint8) {
		t.Helper()
		if !h.irq {
			t.Fatalf("%s: no interrupt", what)
		}
		if v := b.AckIRQ(); v != want {
			t.Errorf("%s: vector %#x, want %#x", what, v, want)
		}
		b.Out(0xa0, 1, 0x20)
		b.Out(0x20, 1, 0x20)
	}
	b.Out(0x2000, 4, 0x1234_5671)
	interrupt("toy", 0x2a)
	if v := b.In(0x2000, 4); v != 0x1234_5671 {
		t.Errorf("the toy's register reads as %#x", v)
	}
	b.Out(0x2000, 4, 0)

	config := func(at, v uint32) {
		b.Out(0xcf8, 4, 1<<31|3<<11|at)
		b.Out(0xcfc, 4, v)
	}
	config(0x10, 0xfd00_0000)
	config(0x14, 0xc000)
	if _, ok := b.ReadMMIO(0xfd00_0000, 4); ok {
		t.Error("the PCI toy answers before it is enabled")
	}
	config(0x04, 3)
	b.Out(0xc000, 4, 0x8765_4321)
	interrupt("PCI toy", 0x2b)
	if v, ok := b.ReadMMIO(0xfd00_0ffc, 4); !ok || v != 0x8765_4321 {
		t.Errorf("the PCI toy's register reads as %#x, %v", v, ok)
	}
	config(0x10, 0xfc00_0000)
	if v, ok := b.ReadMMIO(0xfc00_0000, 4); !ok || v != 0x8765_4321 {
		t.Errorf("moved, it reads as %#x, %v", v, ok)
	}
	names := func(w []bus.Window) (out []string) {
		for _, x := range w {
			out = append(out, x.Name)
		}
		return out
	}
	if memory := names(b.Memory.Windows()); !slices.Equal(memory, []string{"toy memory"}) {
		t.Errorf("in memory are %v", memory)
	}
	if ports := names(b.Ports.Windows()); !slices.Contains(ports, "toy") || !slices.Contains(ports, "toy ports") {
		t.Errorf("at ports are %v", ports)
	}
}

func TestRowOfVirt(t *testing.T) {
	h := &host{}
	b := NewVirt(h.config())
	b.ConnectCPU(h.setIRQ)
	b.build([]chip{memoryToy(b)}, b.gic.SPI)
	for _, w := range [][2]uint64{{virtGICD, 1}, {virtGICC, 1}, {virtGICC + 4, 0xff}, {virtGICD + 0x100 + 4*4, 1 << (144 % 32)}, {0x0b00_0000, 3}} {
		b.WriteMMIO(w[0], 4, w[1])
	}
	if !h.irq {
		t.Error("no interrupt")
	}
	if v, _ := b.ReadMMIO(virtGICC+0xc, 4); v != 144 {
		t.Errorf("interrupt %d, want 144", v)
	}
	toy := find(t, readTree(t, b.FDT(BootInfo{MemorySize: 64 << 20})), "toy@b000000")
	for name, want := range map[string]string{
		"reg":        "\x00\x00\x00\x00\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10\x00",
		"interrupts": "\x00\x00\x00\x00\x00\x00\x00\x70\x00\x00\x00\x04",
	} {
		if got := property(t, toy, name); !bytes.Equal(got, []byte(want)) {
			t.Errorf("the node's %s is %q, want %q", name, got, want)
		}
	}
}

// TestAbsentRow: a row that is absent makes nothing.
func TestAbsentRow(t *testing.T) {
	b := NewVirt(testConfig())
	row := memoryToy(b)
	row.absent, row.make = true, func([]bus.Line) parts { panic("made") }
	b.build([]chip{row}, b.gic.SPI)
	if _, ok := b.ReadMMIO(0x0b00_0000, 4); ok {
		t.Error("it answers")
	}
}
