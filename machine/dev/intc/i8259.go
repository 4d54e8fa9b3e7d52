// Package intc holds the interrupt controllers: the PC's pair of 8259A and Arm's GICv2.
package intc

import (
	"math/bits"

	"forkscope/machine/bus"
	"forkscope/machine/snapshot"
)

// cascade is the master's input to which the slave's output is wired on a PC.
const cascade = 2

// PIC is the PC's pair of 8259A interrupt controllers (Intel 8259A data sheet), master and slave cascaded on input 2.
// An input that raises a request keeps it latched until it is acknowledged even if the wire falls again, as on QEMU's pc;
// the data sheet's chip would answer such a request with its spurious vector.
type PIC struct {
	master, slave chip
	out           bus.Line
}

// chip is one 8259A. A bit in a mask stands for the input of that number.
type chip struct {
	irr, isr, imr uint8
	wires         uint8 // levels of the inputs
	base          uint8 // ICW2: the vector of input 0
	top           uint8 // the input that has the highest priority; 0 unless rotated
	initStep      uint8 // the ICW that port 1 awaits (2, 3, 4); 0 when initialised
	needICW4      bool
	single        bool
	level         bool // ICW1 LTIM: inputs are level-triggered
	autoEOI       bool
	rotateAutoEOI bool
	fullyNested   bool // ICW4 SFNM: special fully nested mode
	readISR       bool // OCW3: port 0 reads ISR, not IRR
	poll          bool // OCW3: the next read acknowledges
	specialMask   bool // OCW3: masked inputs in service do not hold lower ones back
	isMaster      bool
}

// NewPIC returns a pair whose output drives out (the CPU's INTR). Every input is masked until the guest initialises the chips.
func NewPIC(out bus.Line) *PIC {
	return &PIC{master: chip{imr: 0xff, isMaster: true}, slave: chip{imr: 0xff}, out: out}
}

// IRQ returns the input wire of ISA interrupt n (0 to 15, not 2).
func (p *PIC) IRQ(n int) bus.Line {
	if n < 0 || n > 15 || n == cascade {
		panic("BUG: no such 8259A input")
	}
	return bus.NewLine(func(level bool) {
		if n < 8 {
			p.master.wire(n, level)
		} else {
			p.slave.wire(n-8, level)
		}
		p.update()
	})
}

// Ack is the CPU's interrupt acknowledge cycle: it returns the vector and puts the request in service. With no request left
// it returns the vector of input 7 (or 15), without putting it in service: the spurious interrupt of the data sheet.
func (p *PIC) Ack() uint8 {
	n := p.master.request()
	if n < 0 {
		return p.master.base + 7
	}
	p.master.acknowledge(n)
	vector := p.master.base + uint8(n)
	if n == cascade && !p.master.single {
		vector = p.ackSlave()
	}
	p.update()
	return vector
}

func (p *PIC) ackSlave() uint8 {
	n := p.slave.request()
	if n < 0 {
		return p.slave.base + 7
	}
	p.slave.acknowledge(n)
	p.master.wire(cascade, false) // the acknowledge cycle ends the slave's pulse; a further request makes a new edge
	return p.slave.base + uint8(n)
}

// update carries the slave's output to the master, and the master's to the CPU.
func (p *PIC) update() {
	p.master.wire(cascade, p.slave.request() >= 0)
	p.out.Set(p.master.request() >= 0)
}

// Master and Slave are the chips' port windows: two ports each, at 0x20 and 0xA0.
func (p *PIC) Master() bus.Device { return picPorts{p, &p.master} }

// Slave is described at Master.
func (p *PIC) Slave() bus.Device { return picPorts{p, &p.slave} }

type picPorts struct {
	pic  *PIC
	chip *chip
}

func (w picPorts) Read(offset uint64, _ int) uint64 {
	v := w.chip.read(offset)
	w.pic.update()
	return uint64(v)
}

func (w picPorts) Write(offset uint64, _ int, value uint64) {
	if offset == 0 {
		w.chip.command(uint8(value))
	} else {
		w.chip.data(uint8(value))
	}
	w.pic.update()
}

func (c *chip) wire(n int, level bool) {
	bit := uint8(1) << n
	rising := level && c.wires&bit == 0
	if level {
		c.wires |= bit
	} else {
		c.wires &^= bit
	}
	if c.level {
		c.irr = c.irr&^bit | c.wires&bit
	} else if rising {
		c.irr |= bit
	}
}

// rank orders the inputs in mask by priority: the number of steps from the top one, 8 when mask is empty.
func (c *chip) rank(mask uint8) int {
	return bits.TrailingZeros8(bits.RotateLeft8(mask, -int(c.top)))
}

// request returns the input to be served now, or -1: unmasked and of a higher priority than all in service.
func (c *chip) request() int {
	waiting := c.rank(c.irr &^ c.imr)
	if waiting == 8 {
		return -1
	}
	serving := c.isr
	if c.specialMask {
		serving &^= c.imr
	}
	if c.fullyNested && c.isMaster {
		serving &^= 1 << cascade // a higher request of the slave may interrupt a lower one of the slave
	}
	if c.rank(serving) <= waiting {
		return -1
	}
	return (waiting + int(c.top)) & 7
}

func (c *chip) acknowledge(n int) {
	bit := uint8(1) << n
	if !c.level {
		c.irr &^= bit
	}
	if !c.autoEOI {
		c.isr |= bit
	} else if c.rotateAutoEOI {
		c.lowest(n)
	}
}

// lowest gives input n the lowest priority.
func (c *chip) lowest(n int) { c.top = uint8(n+1) & 7 }

func (c *chip) read(port uint64) uint8 {
	if c.poll {
		c.poll = false
		n := c.request()
		if n < 0 {
			return 0
		}
		c.acknowledge(n)
		return 0x80 | uint8(n)
	}
	switch {
	case port == 1:
		return c.imr
	case c.readISR:
		return c.isr
	}
	return c.irr
}

// command takes ICW1, OCW2 and OCW3.
func (c *chip) command(v uint8) {
	switch {
	case v&0x10 != 0:
		c.icw1(v)
	case v&0x08 != 0:
		c.ocw3(v)
	default:
		c.ocw2(v)
	}
}

func (c *chip) icw1(v uint8) {
	*c = chip{
		wires: c.wires, base: c.base, isMaster: c.isMaster,
		initStep: 2, needICW4: v&1 != 0, single: v&2 != 0, level: v&8 != 0,
	}
	if c.level {
		c.irr = c.wires
	}
}

func (c *chip) ocw3(v uint8) {
	c.poll = v&4 != 0
	if v&2 != 0 {
		c.readISR = v&1 != 0
	}
	if v&0x40 != 0 {
		c.specialMask = v&0x20 != 0
	}
}

// ocw2 ends interrupts and rotates priorities; the command is in bits 7 to 5 (R, SL, EOI).
func (c *chip) ocw2(v uint8) {
	n := int(v & 7)
	switch v >> 5 {
	case 0: // rotate in automatic EOI mode, clear
		c.rotateAutoEOI = false
	case 4: // rotate in automatic EOI mode, set
		c.rotateAutoEOI = true
	case 1, 5: // non-specific EOI, with rotation
		serving := c.isr
		if c.specialMask {
			serving &^= c.imr // a non-specific EOI does not see masked inputs in this mode
		}
		r := c.rank(serving)
		if r == 8 {
			return
		}
		n = (r + int(c.top)) & 7
		fallthrough
	case 3, 7: // specific EOI, with rotation
		c.isr &^= 1 << n
		if v&0x80 != 0 {
			c.lowest(n)
		}
	case 6: // set priority
		c.lowest(n)
	}
}

// data takes the mask (OCW1), or the next word of an initialisation.
func (c *chip) data(v uint8) {
	switch c.initStep {
	case 0:
		c.imr = v
		return
	case 2:
		c.base = v &^ 7
		c.initStep = 3
		if c.single {
			c.initStep = 4
		}
	case 3: // ICW3 says which input is cascaded: fixed by the PC's wiring
		c.initStep = 4
	case 4:
		c.fullyNested = v&0x10 != 0
		c.autoEOI = v&2 != 0
		c.initStep = 0
	}
	if c.initStep == 4 && !c.needICW4 {
		c.initStep = 0
	}
}

// State goes over both chips.
func (p *PIC) State(v *snapshot.Visitor) {
	v.Section("8259A master")
	p.master.state(v)
	v.Section("8259A slave")
	p.slave.state(v)
}

func (c *chip) state(v *snapshot.Visitor) {
	snapshot.Uint(v, "irr", &c.irr)
	snapshot.Uint(v, "isr", &c.isr)
	snapshot.Uint(v, "imr", &c.imr)
	snapshot.Uint(v, "inputs", &c.wires)
	snapshot.Uint(v, "vector", &c.base)
	snapshot.Uint(v, "highest priority", &c.top)
	snapshot.Uint(v, "next icw", &c.initStep)
	snapshot.Bool(v, "icw4 needed", &c.needICW4)
	snapshot.Bool(v, "single", &c.single)
	snapshot.Bool(v, "level", &c.level)
	snapshot.Bool(v, "auto eoi", &c.autoEOI)
	snapshot.Bool(v, "rotate in auto eoi", &c.rotateAutoEOI)
	snapshot.Bool(v, "fully nested", &c.fullyNested)
	snapshot.Bool(v, "read isr", &c.readISR)
	snapshot.Bool(v, "poll", &c.poll)
	snapshot.Bool(v, "special mask", &c.specialMask)
	v.Check(c.top <= 7, "highest priority")
}
