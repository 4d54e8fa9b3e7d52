package intc

import (
	"testing"

	"forkscope/machine/bus"
)

type gicRig struct {
	t        *testing.T
	gic      *GICv2
	d, c     bus.Device
	irq, fiq bool
}

// newGIC enables distributor and CPU interface for group 0, as a kernel does, with every interrupt at priority 0xa0.
func newGIC(t *testing.T) *gicRig {
	r := &gicRig{t: t}
	r.gic = NewGICv2(bus.NewLine(func(l bool) { r.irq = l }), bus.NewLine(func(l bool) { r.fiq = l }))
	r.d, r.c = r.gic.Distributor(), r.gic.CPUInterface()
	for n := uint64(0); n < gicLines; n += 4 {
		r.d.Write(0x400+n, 4, 0xa0a0a0a0)
	}
	r.d.Write(0, 4, 1)
	r.c.Write(0x04, 4, 0xf0)
	r.c.Write(0x00, 4, 1)
	return r
}

func (r *gicRig) enable(n uint64) { r.d.Write(0x100+n/32*4, 4, 1<<(n%32)) }

func (r *gicRig) iar(want uint64) {
	r.t.Helper()
	if v := r.c.Read(0x0c, 4); v != want {
		r.t.Errorf("IAR = %d, want %d", v, want)
	}
}

func (r *gicRig) reg(name string, d bus.Device, offset uint64, size int, want uint64) {
	r.t.Helper()
	if v := d.Read(offset, size); v != want {
		r.t.Errorf("%s = %#x, want %#x", name, v, want)
	}
}

func (r *gicRig) signalled(want bool) {
	r.t.Helper()
	if r.irq != want {
		r.t.Errorf("IRQ = %v, want %v", r.irq, want)
	}
}

func TestGICLevelInterrupt(t *testing.T) {
	r := newGIC(t)
	l := r.gic.SPI(1)
	l.Set(true)
	r.signalled(false) // not enabled
	r.reg("ISPENDR1", r.d, 0x204, 4, 2)
	r.enable(33)
	r.signalled(true)
	r.iar(33)
	r.signalled(false) // active
	r.reg("ISACTIVER1", r.d, 0x304, 4, 2)
	r.reg("RPR", r.c, 0x14, 4, 0xa0)
	r.iar(1023)
	r.c.Write(0x10, 4, 33)
	r.signalled(true) // the wire is still high
	r.iar(33)
	l.Set(false)
	r.c.Write(0x10, 4, 33)
	r.signalled(false)
	r.reg("RPR", r.c, 0x14, 4, 0xff)
	r.reg("ISPENDR1", r.d, 0x204, 4, 0)
}

func TestGICEdgeInterrupt(t *testing.T) {
	r := newGIC(t)
	r.d.Write(0xc08, 4, 2<<2) // SPI 1 edge-triggered
	r.reg("ICFGR2", r.d, 0xc08, 4, 2<<2)
	r.enable(33)
	l := r.gic.SPI(1)
	l.Set(true)
	l.Set(false)
	r.signalled(true) // latched
	r.iar(33)
	l.Set(true) // again while active: pending and active
	r.signalled(false)
	r.c.Write(0x10, 4, 33)
	r.iar(33)
	r.c.Write(0x10, 4, 33)
	r.signalled(false) // the level alone does nothing
}

func TestGICPendingRegisters(t *testing.T) {
	r := newGIC(t)
	r.enable(40)
	r.d.Write(0x204, 4, 1<<8)
	r.signalled(true)
	r.d.Write(0x284, 4, 1<<8)
	r.signalled(false)
	r.d.Write(0x204, 4, 1<<8)
	r.iar(40)
	r.reg("ISPENDR1 after acknowledge", r.d, 0x204, 4, 0)
	r.d.Write(0x200, 4, 0xffff)
	r.reg("ISPENDR0: SGIs are read-only here", r.d, 0x200, 4, 0)
}

func TestGICPriorityAndPreemption(t *testing.T) {
	r := newGIC(t)
	for _, n := range []uint64{32, 33, 34} {
		r.enable(n)
	}
	r.d.Write(0x400+33, 1, 0x40)
	r.d.Write(0x400+34, 1, 0xa1)
	r.gic.SPI(2).Set(true)
	r.iar(34)
	r.gic.SPI(0).Set(true)
	r.signalled(false) // 0xa0 and 0xa1 are of the same group priority with BPR 0: bits 7 to 1
	r.gic.SPI(1).Set(true)
	r.iar(33) // 0x40 preempts
	r.reg("RPR", r.c, 0x14, 4, 0x40)
	r.gic.SPI(1).Set(false)
	r.c.Write(0x10, 4, 33)
	r.reg("RPR", r.c, 0x14, 4, 0xa0)
	r.signalled(false)
	r.gic.SPI(2).Set(false)
	r.c.Write(0x10, 4, 34)
	r.iar(32)
}

func TestGICPriorityMask(t *testing.T) {
	r := newGIC(t)
	r.enable(27)
	r.c.Write(0x04, 4, 0xa0) // equal does not pass
	r.gic.PPI(27).Set(true)
	r.signalled(false)
	r.reg("HPPIR sees it all the same", r.c, 0x18, 4, 27)
	r.c.Write(0x04, 4, 0xa1)
	r.signalled(true)
}

func TestGICEqualPriorityLowestNumberFirst(t *testing.T) {
	r := newGIC(t)
	r.enable(50)
	r.enable(35)
	r.gic.SPI(18).Set(true)
	r.gic.SPI(3).Set(true)
	r.iar(35)
}

func TestGICSoftwareInterrupts(t *testing.T) {
	r := newGIC(t)
	r.reg("ISENABLER0: SGIs are always enabled", r.d, 0x100, 4, 0xffff)
	r.d.Write(0x180, 4, 0xffff)
	r.reg("ISENABLER0 after a disable", r.d, 0x100, 4, 0xffff)
	r.d.Write(0xf00, 4, 1<<24|5) // all but the writer: nobody
	r.signalled(false)
	r.d.Write(0xf00, 4, 2<<24|5)
	r.iar(5)
	r.c.Write(0x10, 4, 5)
	r.d.Write(0xf00, 4, 1<<16|9)
	r.reg("SPENDSGIR2", r.d, 0xf28, 4, 1<<8)
	r.d.Write(0xf18, 4, 1<<8) // CPENDSGIR
	r.signalled(false)
	r.d.Write(0xf28, 4, 1<<8)
	r.iar(9)
	r.reg("ICFGR0", r.d, 0xc00, 4, 0xaaaaaaaa)
	r.d.Write(0xc00, 4, 0)
	r.reg("ICFGR0 is read-only", r.d, 0xc00, 4, 0xaaaaaaaa)
}

func TestGICGroups(t *testing.T) {
	r := newGIC(t)
	r.enable(32)
	r.d.Write(0x84, 4, 1) // SPI 0 in group 1
	r.gic.SPI(0).Set(true)
	r.signalled(false) // group 1 is not forwarded
	r.d.Write(0, 4, 3)
	r.signalled(false)
	r.c.Write(0, 4, 3)
	r.signalled(true)
	r.iar(1022)                          // a group 1 interrupt is acknowledged by the alias
	r.reg("AIAR", r.c, 0x20, 4, 32)      // or with AckCtl
	r.reg("NSAPR2", r.c, 0xe8, 4, 1<<16) // 0xa0>>1 = 80 = 2*32+16
	r.c.Write(0x24, 4, 32)
	r.c.Write(0, 4, 7)
	r.iar(32)
}

func TestGICFIQ(t *testing.T) {
	r := newGIC(t)
	r.enable(32)
	r.c.Write(0, 4, 1|8)
	r.gic.SPI(0).Set(true)
	r.signalled(false)
	if !r.fiq {
		t.Error("FIQ = false, want group 0 as FIQ with FIQEn")
	}
}

func TestGICSplitEOI(t *testing.T) {
	r := newGIC(t)
	r.enable(27)
	r.c.Write(0, 4, 1|giccEOImode)
	l := r.gic.PPI(27)
	l.Set(true)
	r.iar(27)
	r.c.Write(0x10, 4, 27)
	r.reg("RPR", r.c, 0x14, 4, 0xff)
	r.signalled(false) // still active
	r.c.Write(0x1000, 4, 27)
	r.signalled(true)
}

func TestGICIdentification(t *testing.T) {
	r := newGIC(t)
	r.reg("TYPER", r.d, 0x04, 4, 8)
	r.reg("ICPIDR2 (architecture 2)", r.d, 0xfe8, 4, 0x2b)
	r.reg("ITARGETSR8 of a uniprocessor", r.d, 0x820, 4, 0)
	r.reg("CTLR", r.d, 0, 4, 1)
	for offset := uint64(0); offset < 0x1000; offset++ { // no offset and no size crashes
		for _, size := range []int{1, 2, 4, 8} {
			r.d.Read(offset, size)
			r.d.Write(offset, size, 0)
		}
	}
	for offset := uint64(0); offset < 0x2000; offset++ {
		r.c.Read(offset, 4)
		r.c.Write(offset, 4, ^uint64(0))
	}
}
