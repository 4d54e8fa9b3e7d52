package intc

import (
	"math/bits"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// Interrupt numbers of the GIC: 16 software-generated (SGI), 16 private to the CPU (PPI), then those shared (SPI).
const (
	gicPPI   = 16
	gicSPI   = 32
	gicLines = 288 // as on QEMU's virt: 256 SPIs
	gicWords = gicLines / 32
)

// Special interrupt numbers read from GICC_IAR (GICv2 architecture, 3.2.5).
const (
	gicOtherGroup = 1022
	gicSpurious   = 1023
)

// GICv2 is Arm's Generic Interrupt Controller, architecture version 2 (ARM IHI 0048B), for one CPU and without the
// Security Extensions. 8 bits of priority are implemented.
type GICv2 struct {
	irq, fiq bus.Line

	// Distributor; one bit for each interrupt where the field is an array of words.
	enableGroup [2]bool
	group       [gicWords]uint32
	enabled     [gicWords]uint32
	latched     [gicWords]uint32 // pending by an edge or by software
	wires       [gicWords]uint32 // levels of the inputs
	active      [gicWords]uint32
	edge        [gicWords]uint32 // edge-triggered
	priority    [gicLines]uint8

	cpu gicCPU
}

// gicCPU is the CPU interface.
type gicCPU struct {
	ctlr    uint32
	mask    uint8     // GICC_PMR: only priorities above (numerically below) it pass
	bpr     [2]uint8  // GICC_BPR, GICC_ABPR
	inforce [4]uint32 // GICC_APR: one bit for each group priority in force
	apr1    [4]uint32 // those of them that group 1 interrupts hold (GICC_NSAPR)
}

// Bits of GICC_CTLR.
const (
	giccEnable0 = 1 << iota
	giccEnable1
	giccAckCtl
	giccFIQEn
	giccCBPR
	giccEOImode = 1 << 9
	giccMask    = giccEnable0 | giccEnable1 | giccAckCtl | giccFIQEn | giccCBPR | 0x1e0 | giccEOImode
)

// NewGICv2 returns a controller after reset, whose outputs drive the CPU's irq and fiq.
func NewGICv2(irq, fiq bus.Line) *GICv2 {
	g := &GICv2{irq: irq, fiq: fiq}
	g.edge[0] = 0xffff // SGIs
	g.enabled[0] = 0xffff
	g.cpu.bpr[1] = 1
	return g
}

// SPI returns the input wire of shared peripheral interrupt n (interrupt number 32+n).
func (g *GICv2) SPI(n int) bus.Line { return g.input(gicSPI+n, gicSPI, gicLines) }

// PPI returns the input wire of the CPU's private interrupt with number n (16 to 31).
func (g *GICv2) PPI(n int) bus.Line { return g.input(n, gicPPI, gicSPI) }

func (g *GICv2) input(n, low, high int) bus.Line {
	if n < low || n >= high {
		panic("BUG: no such GIC input")
	}
	return bus.NewLine(func(level bool) {
		word, bit := n/32, uint32(1)<<(n%32)
		if level == (g.wires[word]&bit != 0) {
			return
		}
		g.wires[word] ^= bit
		if level && g.edge[word]&bit != 0 {
			g.latched[word] |= bit
		}
		g.update()
	})
}

// pending is word w of the pending state: latched, or level-triggered with the wire high.
func (g *GICv2) pending(w int) uint32 { return g.latched[w] | g.wires[w]&^g.edge[w] }

// highest returns the pending, enabled and inactive interrupt of the highest priority whose group is forwarded; none is gicSpurious.
// Of equal priorities the lowest number wins.
func (g *GICv2) highest() (n int, priority uint8) {
	n, best := gicSpurious, 256
	for w := range gicWords {
		set := g.pending(w) & g.enabled[w] &^ g.active[w]
		if !g.enableGroup[0] {
			set &= g.group[w]
		}
		if !g.enableGroup[1] {
			set &^= g.group[w]
		}
		for ; set != 0; set &= set - 1 {
			i := w*32 + bits.TrailingZeros32(set)
			if p := int(g.priority[i]); p < best {
				n, best = i, p
			}
		}
	}
	return n, uint8(best)
}

func (g *GICv2) groupOf(n int) int { return int(g.group[n/32] >> (n % 32) & 1) }

// groupPriority is the part of priority that decides preemption (3.3.3).
func (g *GICv2) groupPriority(priority uint8, group int) uint8 {
	shift := uint(g.cpu.bpr[0]) + 1
	if group == 1 && g.cpu.ctlr&giccCBPR == 0 {
		shift = uint(g.cpu.bpr[1])
	}
	return priority & uint8(0xff<<shift)
}

// running is the priority in force, 0xff when idle.
func (g *GICv2) running() uint8 {
	for i, w := range g.cpu.inforce {
		if w != 0 {
			return uint8(i*32+bits.TrailingZeros32(w)) << 1
		}
	}
	return 0xff
}

// deliverable returns the interrupt that may be signalled to the CPU now, or gicSpurious.
func (g *GICv2) deliverable() (n int, priority uint8) {
	n, priority = g.highest()
	if n == gicSpurious || priority >= g.cpu.mask {
		return gicSpurious, 0
	}
	group := g.groupOf(n)
	if g.cpu.ctlr>>group&1 == 0 || g.groupPriority(priority, group) >= g.running() {
		return gicSpurious, 0
	}
	return n, priority
}

func (g *GICv2) update() {
	n, _ := g.deliverable()
	signal := n != gicSpurious
	fiq := signal && g.groupOf(n) == 0 && g.cpu.ctlr&giccFIQEn != 0
	g.irq.Set(signal && !fiq)
	g.fiq.Set(fiq)
}

// acknowledge is a read of GICC_IAR, or of GICC_AIAR when alias.
func (g *GICv2) acknowledge(alias bool) int {
	n, priority := g.deliverable()
	if n == gicSpurious {
		return n
	}
	group := g.groupOf(n)
	if alias && group == 0 {
		return gicSpurious
	}
	if !alias && group == 1 && g.cpu.ctlr&giccAckCtl == 0 {
		return gicOtherGroup
	}
	g.latched[n/32] &^= 1 << (n % 32)
	g.active[n/32] |= 1 << (n % 32)
	level := g.groupPriority(priority, group) >> 1
	g.cpu.inforce[level/32] |= 1 << (level % 32)
	if group == 1 {
		g.cpu.apr1[level/32] |= 1 << (level % 32)
	}
	g.update()
	return n
}

// end is a write of GICC_EOIR: the priority drops, and unless EOImode separates the two, the interrupt becomes inactive.
func (g *GICv2) end(n int) {
	if n >= gicLines {
		return
	}
	for i := range g.cpu.inforce {
		if w := g.cpu.inforce[i]; w != 0 {
			g.cpu.inforce[i] = w & (w - 1)
			g.cpu.apr1[i] &= g.cpu.inforce[i]
			break
		}
	}
	if g.cpu.ctlr&giccEOImode == 0 {
		g.active[n/32] &^= 1 << (n % 32)
	}
	g.update()
}

// State goes over the distributor and the CPU interface.
func (g *GICv2) State(v *snapshot.Visitor) {
	v.Section("gicv2")
	snapshot.Bool(v, "group 0", &g.enableGroup[0])
	snapshot.Bool(v, "group 1", &g.enableGroup[1])
	snapshot.Uints(v, "group", g.group[:])
	snapshot.Uints(v, "enabled", g.enabled[:])
	snapshot.Uints(v, "latched", g.latched[:])
	snapshot.Uints(v, "inputs", g.wires[:])
	snapshot.Uints(v, "active", g.active[:])
	snapshot.Uints(v, "edge", g.edge[:])
	snapshot.Array(v, "priority", g.priority[:])
	snapshot.Uint(v, "cpu ctlr", &g.cpu.ctlr)
	snapshot.Uint(v, "cpu mask", &g.cpu.mask)
	snapshot.Uints(v, "cpu bpr", g.cpu.bpr[:])
	snapshot.Uints(v, "cpu apr", g.cpu.inforce[:])
	snapshot.Uints(v, "cpu apr of group 1", g.cpu.apr1[:])
}
