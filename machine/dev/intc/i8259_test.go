package intc

import (
	"testing"

	"forkscope/machine/bus"
)

type picRig struct {
	t    *testing.T
	pic  *PIC
	intr bool
}

// newPIC initialises a pair as PC kernels do: vectors 0x20 and 0x28, nothing masked.
func newPIC(t *testing.T, icw1, icw4 uint8) *picRig {
	r := &picRig{t: t}
	r.pic = NewPIC(bus.NewLine(func(l bool) { r.intr = l }))
	for i, d := range []bus.Device{r.pic.Master(), r.pic.Slave()} {
		d.Write(0, 1, uint64(icw1))
		d.Write(1, 1, uint64(0x20+8*i))
		d.Write(1, 1, []uint64{4, 2}[i])
		d.Write(1, 1, uint64(icw4))
		d.Write(1, 1, 0)
	}
	return r
}

func (r *picRig) pulse(n int) { l := r.pic.IRQ(n); l.Set(true); l.Set(false) }

func (r *picRig) ack(want uint8) {
	r.t.Helper()
	if !r.intr {
		r.t.Errorf("INTR low, want a request for vector %#x", want)
	}
	if v := r.pic.Ack(); v != want {
		r.t.Errorf("vector %#x, want %#x", v, want)
	}
}

func (r *picRig) quiet(why string) {
	r.t.Helper()
	if r.intr {
		r.t.Errorf("INTR high: %s", why)
	}
}

func TestPICPriorityAndEOI(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	r.pulse(4)
	r.ack(0x24)
	r.quiet("nothing else requested")
	r.pulse(6)
	r.quiet("IR6 is below IR4 in service")
	r.pulse(1)
	r.ack(0x21)
	r.pic.Master().Write(0, 1, 0x20) // non-specific EOI ends IR1, the highest in service
	r.quiet("IR4 is still in service")
	r.pic.Master().Write(0, 1, 0x64) // specific EOI of IR4
	r.ack(0x26)
}

func TestPICMaskHoldsTheRequest(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	m := r.pic.Master()
	m.Write(1, 1, 0x01)
	r.pulse(0)
	r.quiet("IR0 is masked")
	if irr := m.Read(0, 1); irr != 1 {
		t.Errorf("IRR = %#x, want 1: a mask does not lose the request", irr)
	}
	if imr := m.Read(1, 1); imr != 1 {
		t.Errorf("IMR = %#x, want 1", imr)
	}
	m.Write(1, 1, 0)
	r.ack(0x20)
	m.Write(0, 1, 0x0b) // read ISR
	if isr := m.Read(0, 1); isr != 1 {
		t.Errorf("ISR = %#x, want 1", isr)
	}
}

func TestPICEdgeNeedsANewEdge(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	l := r.pic.IRQ(3)
	l.Set(true)
	r.ack(0x23)
	r.pic.Master().Write(0, 1, 0x20)
	r.quiet("the wire never fell")
	l.Set(true)
	r.quiet("driving the same level is no edge")
	l.Set(false)
	l.Set(true)
	r.ack(0x23)
}

func TestPICLevel(t *testing.T) {
	r := newPIC(t, 0x19, 0x01)
	l := r.pic.IRQ(3)
	l.Set(true)
	r.ack(0x23)
	r.pic.Master().Write(0, 1, 0x20)
	r.ack(0x23) // still high: requested again
	l.Set(false)
	r.pic.Master().Write(0, 1, 0x20)
	r.quiet("the wire fell")
}

func TestPICSlave(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	r.pulse(12)
	r.ack(0x2c)
	r.pulse(14)
	r.quiet("IR14 is below IR12")
	r.pulse(3)
	r.quiet("IR3 is below IR2, through which the slave is served")
	r.pic.Slave().Write(0, 1, 0x20)
	r.quiet("the master still serves IR2")
	r.pic.Master().Write(0, 1, 0x20)
	r.ack(0x2e)
	r.pic.Slave().Write(0, 1, 0x20)
	r.pic.Master().Write(0, 1, 0x20)
	r.ack(0x23)
}

func TestPICSlaveSecondRequestMakesANewEdge(t *testing.T) {
	r := newPIC(t, 0x11, 0x03) // automatic EOI
	r.pulse(8)
	r.pulse(9)
	r.ack(0x28)
	r.ack(0x29)
	r.quiet("both served")
}

func TestPICSpecialFullyNested(t *testing.T) {
	r := newPIC(t, 0x11, 0x11)
	r.pulse(12)
	r.ack(0x2c)
	r.pulse(8)
	r.ack(0x28)
}

func TestPICSpurious(t *testing.T) {
	r := newPIC(t, 0x19, 0x01) // level-triggered: a request can vanish
	l := r.pic.IRQ(5)
	l.Set(true)
	l.Set(false)
	if v := r.pic.Ack(); v != 0x27 {
		t.Errorf("vector %#x, want the master's spurious 0x27", v)
	}
	r.pic.Master().Write(0, 1, 0x0b)
	if isr := r.pic.Master().Read(0, 1); isr != 0 {
		t.Errorf("ISR = %#x, a spurious interrupt is not in service", isr)
	}
}

func TestPICSpuriousSlave(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	r.pulse(9)
	r.pic.Slave().Write(1, 1, 0xff) // masked between request and acknowledge; the master has latched its edge
	if v := r.pic.Ack(); v != 0x2f {
		t.Errorf("vector %#x, want the slave's spurious 0x2f", v)
	}
}

func TestPICAutoEOIAndRotation(t *testing.T) {
	r := newPIC(t, 0x11, 0x03)
	r.pic.Master().Write(0, 1, 0x80) // rotate in automatic EOI mode
	r.pulse(0)
	r.ack(0x20)
	r.pulse(0)
	r.pulse(1)
	r.ack(0x21) // IR0 was served last, so it is lowest now
	r.ack(0x20)
}

func TestPICRotateOnEOI(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	m := r.pic.Master()
	r.pulse(4)
	r.ack(0x24)
	m.Write(0, 1, 0xa0) // rotate on non-specific EOI: IR5 is highest now
	r.pulse(4)
	r.pulse(0)
	r.pulse(6)
	r.ack(0x26)
	m.Write(0, 1, 0x20)
	r.ack(0x20)
	m.Write(0, 1, 0x20)
	r.ack(0x24)
	m.Write(0, 1, 0x20)
	m.Write(0, 1, 0xc7) // set priority: IR7 lowest, the usual order
	r.pulse(5)
	r.pulse(0)
	r.ack(0x20)
}

func TestPICSpecialMask(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	m := r.pic.Master()
	r.pulse(2 + 1)
	r.ack(0x23)
	r.pulse(6)
	r.quiet("IR6 is below IR3")
	m.Write(0, 1, 0x68) // special mask mode
	m.Write(1, 1, 0x08) // mask IR3: it holds nobody back any more
	r.ack(0x26)
}

func TestPICPoll(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	m := r.pic.Master()
	m.Write(0, 1, 0x0c)
	if v := m.Read(0, 1); v != 0 {
		t.Errorf("poll with no request = %#x, want 0", v)
	}
	r.pulse(5)
	m.Write(0, 1, 0x0c)
	if v := m.Read(0, 1); v != 0x85 {
		t.Errorf("poll = %#x, want 0x85", v)
	}
	r.quiet("the poll acknowledged IR5")
	m.Write(0, 1, 0x0b)
	if isr := m.Read(0, 1); isr != 0x20 {
		t.Errorf("ISR = %#x, want 0x20", isr)
	}
}

func TestPICInitClears(t *testing.T) {
	r := newPIC(t, 0x11, 0x01)
	l := r.pic.IRQ(4)
	l.Set(true)
	r.pic.Master().Write(0, 1, 0x11)
	r.quiet("ICW1 clears the edge latches")
	r.pic.Master().Write(1, 1, 0x47)
	r.pic.Master().Write(1, 1, 4)
	r.pic.Master().Write(1, 1, 1)
	if imr := r.pic.Master().Read(1, 1); imr != 0 {
		t.Errorf("IMR = %#x after ICW1, want 0", imr)
	}
	l.Set(false)
	l.Set(true)
	r.ack(0x44) // ICW2's low three bits are not part of the vector
}

func TestPICUninitialisedIsSilent(t *testing.T) {
	r := &picRig{t: t}
	r.pic = NewPIC(bus.NewLine(func(l bool) { r.intr = l }))
	r.pulse(0)
	r.pulse(15)
	r.quiet("no chip has been initialised")
}
