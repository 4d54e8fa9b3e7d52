package board

import (
	"crypto/sha256"
	"fmt"

	"forkscope/machine/dev/virtio"
)

// BootInfo is what the virt board's device tree tells the kernel about this boot.
type BootInfo struct {
	MemorySize uint64
	Cmdline    string
	// InitrdStart and InitrdEnd are physical addresses; equal when there is none.
	InitrdStart, InitrdEnd uint64
}

// Phandles of the nodes others refer to, and fields of interrupt specifiers (bindings of arm,gic).
const (
	phandleGIC   = 1
	phandleClock = 2

	gicTypeSPI    = 0
	gicTypePPI    = 1
	irqEdgeRising = 1
	irqLevelHigh  = 4
	ppiOneCPU     = 1 << 8
)

// FDT returns the flattened device tree of the board.
func (b *Virt) FDT(info BootInfo) []byte {
	f := newFDT()
	f.node("", func() {
		f.cells("interrupt-parent", phandleGIC)
		f.cells("#address-cells", 2)
		f.cells("#size-cells", 2)
		f.text("compatible", "linux,dummy-virt")
		f.text("model", "linux,dummy-virt")
		f.node("chosen", func() { chosen(f, info) })
		f.node(fmt.Sprintf("memory@%x", virtRAM), func() {
			f.text("device_type", "memory")
			f.cells64("reg", virtRAM, info.MemorySize)
		})
		f.node("cpus", func() { cpus(f) })
		f.node("timer", func() {
			f.text("compatible", "arm,armv8-timer", "arm,armv7-timer")
			f.cells("always-on")
			var irqs []uint32
			for _, ppi := range []uint32{29, ppiPhysicalTimer, ppiVirtualTimer, 26} { // secure, non-secure, virtual, hypervisor
				irqs = append(irqs, gicTypePPI, ppi-16, ppiOneCPU|irqLevelHigh)
			}
			f.cells("interrupts", irqs...)
		})
		f.node("apb-pclk", func() {
			f.text("compatible", "fixed-clock")
			f.cells("phandle", phandleClock)
			f.cells("#clock-cells", 0)
			f.cells("clock-frequency", 24_000_000)
			f.text("clock-output-names", "clk24mhz")
		})
		for i := range b.chips {
			if c := &b.chips[i]; c.node != nil {
				c.node(f, c)
			}
		}
	})
	return f.blob()
}

// rngSeed is what /chosen offers as entropy: the same in every run.
var rngSeed = sha256.Sum256([]byte("forkscope rng-seed"))

func chosen(f *fdt, info BootInfo) {
	f.bytes("rng-seed", rngSeed[:])
	f.text("stdout-path", fmt.Sprintf("/pl011@%x", virtUART))
	if info.Cmdline != "" {
		f.text("bootargs", info.Cmdline)
	}
	if info.InitrdEnd == info.InitrdStart {
		return
	}
	if info.InitrdEnd>>32 == 0 { // one cell each, as on QEMU
		f.cells("linux,initrd-start", uint32(info.InitrdStart))
		f.cells("linux,initrd-end", uint32(info.InitrdEnd))
	} else {
		f.cells64("linux,initrd-start", info.InitrdStart)
		f.cells64("linux,initrd-end", info.InitrdEnd)
	}
}

func cpus(f *fdt) {
	f.cells("#address-cells", 1)
	f.cells("#size-cells", 0)
	f.node("cpu@0", func() {
		f.text("device_type", "cpu")
		f.text("compatible", "arm,armv8") // a software model, as MIDR_EL1's implementer 0 says
		f.cells("reg", 0)
		f.text("enable-method", "psci")
	})
}

// psci is the node of the firmware.
func psci(f *fdt, _ *chip) {
	f.node("psci", func() {
		f.text("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci")
		f.text("method", "hvc")
		f.cells("cpu_suspend", 0xc4000001)
		f.cells("cpu_off", 0x84000002)
		f.cells("cpu_on", 0xc4000003)
	})
}

// gic is the node of the interrupt controller.
func gic(f *fdt, c *chip) {
	c.device(f, "intc", func() {
		f.text("compatible", "arm,cortex-a15-gic")
		f.cells("phandle", phandleGIC)
		f.cells("interrupt-controller")
		f.cells("#interrupt-cells", 3)
		f.cells("#address-cells", 2)
		f.cells("#size-cells", 2)
		f.cells("ranges")
	})
}

// primeCell is the node of a chip on the peripheral bus.
func primeCell(name string, clocks ...string) func(*fdt, *chip) {
	return func(f *fdt, c *chip) {
		c.device(f, name, func() {
			f.text("compatible", "arm,"+name, "arm,primecell")
			var handles []uint32
			for range clocks {
				handles = append(handles, phandleClock)
			}
			f.cells("clocks", handles...)
			f.text("clock-names", clocks...)
		})
	}
}

// device writes the node of a chip: where it is, its interrupts, which are level-triggered, and what more writes.
func (c *chip) device(f *fdt, name string, more func()) {
	f.node(fmt.Sprintf("%s@%x", name, c.at[0].base), func() {
		more()
		var reg []uint64
		for _, w := range c.at {
			reg = append(reg, w.base, w.size)
		}
		f.cells64("reg", reg...)
		var irqs []uint32
		for _, n := range c.irqs {
			irqs = append(irqs, gicTypeSPI, uint32(n), irqLevelHigh)
		}
		if irqs != nil {
			f.cells("interrupts", irqs...)
		}
	})
}

// virtioSlots are the nodes of the places for virtio devices in c's window. Their interrupts follow each other.
func virtioSlots(f *fdt, c *chip) {
	for i := range c.at[0].size / virtio.WindowSize {
		at := c.at[0].base + i*virtio.WindowSize
		f.node(fmt.Sprintf("virtio_mmio@%x", at), func() {
			f.text("compatible", "virtio,mmio")
			f.cells64("reg", at, virtio.WindowSize)
			f.cells("interrupts", gicTypeSPI, uint32(c.irqs[0])+uint32(i), irqEdgeRising)
			f.cells("dma-coherent")
		})
	}
}
