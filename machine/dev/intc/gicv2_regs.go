package intc

import "forkscope/machine/bus"

// Implementer and architecture identification, as the Cortex-A15 has them, whose GIC the device tree names.
const (
	gicdIIDR = 0x0000043b
	giccIIDR = 0x0002043b
)

// gicID is the identification block at the distributor's end: 0xFD0 to 0xFFF, one byte a word.
var gicID = [12]uint8{0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1}

// Distributor and CPUInterface are the register windows: 4 KiB and 8 KiB.
func (g *GICv2) Distributor() bus.Device { return gicDistributor{g} }

// CPUInterface is described at Distributor.
func (g *GICv2) CPUInterface() bus.Device { return gicInterface{g} }

type gicDistributor struct{ *GICv2 }

// Read takes registers byte by byte, as IPRIORITYR and the SGI pending registers allow; wider reads see the bytes side by side.
func (g gicDistributor) Read(offset uint64, size int) uint64 {
	var v uint64
	for i := range size {
		v |= uint64(g.readByte(offset+uint64(i))) << (8 * i)
	}
	return v
}

func (g gicDistributor) Write(offset uint64, size int, value uint64) {
	if offset == 0xf00 { // GICD_SGIR acts once, as a word
		g.softwareInterrupt(uint32(value))
	} else {
		for i := range size {
			g.writeByte(offset+uint64(i), uint8(value>>(8*i)))
		}
	}
	g.update()
}

func (g gicDistributor) readByte(offset uint64) uint8 {
	shift := offset % 4 * 8
	word := int(offset % 0x80 / 4)
	if offset >= 0x80 && offset < 0x400 && word >= gicWords {
		return 0
	}
	pick := func(v uint32) uint8 { return uint8(v >> shift) }
	switch {
	case offset < 4:
		var v uint32
		for i, on := range g.enableGroup {
			if on {
				v |= 1 << i
			}
		}
		return pick(v)
	case offset < 8: // GICD_TYPER: ITLinesNumber, one CPU
		return pick(gicWords - 1)
	case offset < 12:
		return pick(gicdIIDR)
	case offset < 0x80:
		return 0
	case offset < 0x100:
		return pick(g.group[word])
	case offset < 0x200: // ISENABLER, ICENABLER
		return pick(g.enabled[word])
	case offset < 0x300: // ISPENDR, ICPENDR
		return pick(g.pending(word))
	case offset < 0x400: // ISACTIVER, ICACTIVER
		return pick(g.active[word])
	case offset < 0x400+gicLines:
		return g.priority[offset-0x400]
	case offset >= 0xc00 && offset < 0xc00+gicLines/4:
		return g.configByte(int(offset-0xc00) * 4)
	case offset >= 0xf10 && offset < 0xf30: // CPENDSGIR, SPENDSGIR: the source of an SGI can only be CPU 0
		return uint8(g.latched[0] >> (offset % 16) & 1)
	case offset >= 0xfd0 && offset < 0x1000 && shift == 0:
		return gicID[(offset-0xfd0)/4]
	}
	// GICD_ITARGETSR reads as zero and ignores writes where there is one CPU (4.3.12).
	return 0
}

// configByte builds a byte of GICD_ICFGR: two bits for each of four interrupts from n, the upper one set for edge-triggered.
func (g gicDistributor) configByte(n int) uint8 {
	var v uint8
	for i := range 4 {
		if g.edge[n/32]>>(n%32+i)&1 != 0 {
			v |= 2 << (2 * i)
		}
	}
	return v
}

func (g gicDistributor) writeByte(offset uint64, b uint8) {
	word := int(offset % 0x80 / 4)
	v := uint32(b) << (offset % 4 * 8)
	if offset >= 0x80 && offset < 0x400 && word >= gicWords {
		return
	}
	var sgi uint32
	if word == 0 {
		sgi = 0xffff // always enabled; their pending state has registers of its own
	}
	switch {
	case offset == 0:
		g.enableGroup = [2]bool{b&1 != 0, b&2 != 0}
	case offset < 0x80:
	case offset < 0x100:
		low := uint32(0xff) << (offset % 4 * 8)
		g.group[word] = g.group[word]&^low | v
	case offset < 0x180:
		g.enabled[word] |= v
	case offset < 0x200:
		g.enabled[word] &^= v &^ sgi
	case offset < 0x280:
		g.latched[word] |= v &^ sgi
	case offset < 0x300:
		g.latched[word] &^= v &^ sgi
	case offset < 0x380:
		g.active[word] |= v
	case offset < 0x400:
		g.active[word] &^= v
	case offset < 0x400+gicLines:
		g.priority[offset-0x400] = b
	case offset >= 0xc00+gicPPI/4 && offset < 0xc00+gicLines/4: // SGIs are edge-triggered for ever
		g.setConfigByte(int(offset-0xc00)*4, b)
	case offset >= 0xf10 && offset < 0xf20:
		g.latched[0] &^= uint32(b&1) << (offset % 16)
	case offset >= 0xf20 && offset < 0xf30:
		g.latched[0] |= uint32(b&1) << (offset % 16)
	}
}

func (g gicDistributor) setConfigByte(n int, b uint8) {
	for i := range 4 {
		bit := uint32(1) << (n%32 + i)
		if b>>(2*i)&2 != 0 {
			g.edge[n/32] |= bit
		} else {
			g.edge[n/32] &^= bit
		}
	}
}

// softwareInterrupt is a write of GICD_SGIR: the target list, or all others (nobody), or the CPU itself.
func (g gicDistributor) softwareInterrupt(v uint32) {
	toSelf := v>>24&3 == 2 || v>>24&3 == 0 && v>>16&1 != 0
	if toSelf {
		g.latched[0] |= 1 << (v & 15)
	}
}

type gicInterface struct{ *GICv2 }

func (g gicInterface) Read(offset uint64, _ int) uint64 {
	c := &g.cpu
	switch {
	case offset == 0x00:
		return uint64(c.ctlr)
	case offset == 0x04:
		return uint64(c.mask)
	case offset == 0x08:
		return uint64(c.bpr[0])
	case offset == 0x0c:
		return uint64(g.acknowledge(false))
	case offset == 0x14:
		return uint64(g.running())
	case offset == 0x18, offset == 0x28:
		return uint64(g.highestPending(offset == 0x28))
	case offset == 0x1c:
		return uint64(c.bpr[1])
	case offset == 0x20:
		return uint64(g.acknowledge(true))
	case offset >= 0xd0 && offset < 0xe0:
		return uint64(c.inforce[offset%16/4])
	case offset >= 0xe0 && offset < 0xf0:
		return uint64(c.apr1[offset%16/4])
	case offset == 0xfc:
		return giccIIDR
	}
	return 0
}

// highestPending reads GICC_HPPIR, or GICC_AHPPIR when alias: what waits, whatever the mask and the priority in force.
func (g gicInterface) highestPending(alias bool) int {
	n, _ := g.highest()
	if n == gicSpurious {
		return n
	}
	switch {
	case alias && g.groupOf(n) == 0:
		return gicSpurious
	case !alias && g.groupOf(n) == 1 && g.cpu.ctlr&giccAckCtl == 0:
		return gicOtherGroup
	}
	return n
}

func (g gicInterface) Write(offset uint64, _ int, value uint64) {
	c := &g.cpu
	switch {
	case offset == 0x00:
		c.ctlr = uint32(value) & giccMask
	case offset == 0x04:
		c.mask = uint8(value)
	case offset == 0x08:
		c.bpr[0] = uint8(value & 7)
	case offset == 0x10, offset == 0x24:
		g.end(int(value & 0x3ff))
	case offset == 0x1c:
		c.bpr[1] = max(uint8(value&7), 1)
	case offset >= 0xd0 && offset < 0xe0:
		c.inforce[offset%16/4] = uint32(value)
	case offset >= 0xe0 && offset < 0xf0:
		c.apr1[offset%16/4] = uint32(value)
	case offset == 0x1000: // GICC_DIR
		if n := value & 0x3ff; c.ctlr&giccEOImode != 0 && n < gicLines {
			g.active[n/32] &^= 1 << (n % 32)
		}
	}
	g.update()
}
