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
		f.node("psci", func() {
			f.text("compatible", "arm,psci-1.0", "arm,psci-0.2", "arm,psci")
			f.text("method", "hvc")
			f.cells("cpu_suspend", 0xc4000001)
			f.cells("cpu_off", 0x84000002)
			f.cells("cpu_on", 0xc4000003)
		})
		f.node("timer", func() {
			f.text("compatible", "arm,armv8-timer", "arm,armv7-timer")
			f.cells("always-on")
			var irqs []uint32
			for _, ppi := range []uint32{29, ppiPhysicalTimer, ppiVirtualTimer, 26} { // secure, non-secure, virtual, hypervisor
				irqs = append(irqs, gicTypePPI, ppi-16, ppiOneCPU|irqLevelHigh)
			}
			f.cells("interrupts", irqs...)
		})
		f.node(fmt.Sprintf("intc@%x", virtGICD), func() {
			f.text("compatible", "arm,cortex-a15-gic")
			f.cells("phandle", phandleGIC)
			f.cells("interrupt-controller")
			f.cells("#interrupt-cells", 3)
			f.cells("#address-cells", 2)
			f.cells("#size-cells", 2)
			f.cells("ranges")
			f.cells64("reg", virtGICD, virtSize, virtGICC, virtSize)
		})
		f.node("apb-pclk", func() {
			f.text("compatible", "fixed-clock")
			f.cells("phandle", phandleClock)
			f.cells("#clock-cells", 0)
			f.cells("clock-frequency", 24_000_000)
			f.text("clock-output-names", "clk24mhz")
		})
		peripheral(f, "pl011", virtUART, spiUART, "uartclk", "apb_pclk")
		peripheral(f, "pl031", virtRTC, spiRTC, "apb_pclk")
		for i := range uint32(virtMMIOSlots) {
			at := uint64(virtMMIO + i*virtio.WindowSize)
			f.node(fmt.Sprintf("virtio_mmio@%x", at), func() {
				f.text("compatible", "virtio,mmio")
				f.cells64("reg", at, virtio.WindowSize)
				f.cells("interrupts", gicTypeSPI, spiMMIO+i, irqEdgeRising)
				f.cells("dma-coherent")
			})
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

// peripheral writes the node of a PrimeCell on the peripheral bus.
func peripheral(f *fdt, name string, base uint64, spi uint32, clocks ...string) {
	f.node(fmt.Sprintf("%s@%x", name, base), func() {
		f.text("compatible", "arm,"+name, "arm,primecell")
		f.cells64("reg", base, virtSize4)
		f.cells("interrupts", gicTypeSPI, spi, irqLevelHigh)
		var handles []uint32
		for range clocks {
			handles = append(handles, phandleClock)
		}
		f.cells("clocks", handles...)
		f.text("clock-names", clocks...)
	})
}
