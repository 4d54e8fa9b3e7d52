// Package timer holds the timer chips: the PC's 8254 and the ACPI power-management timer.
package timer

import (
	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/snapshot"
)

// PITHz is the input frequency of the PC's 8254 in ticks per second of guest time.
const PITHz = 1193182

// PIT is the PC's 8254 programmable interval timer (Intel 8254 data sheet) with the gate and speaker bits of port 0x61.
// Its counters are computed from the clock when somebody looks; only counter 0's output, wired to IRQ 0, has an event.
type PIT struct {
	clk     *clock.Clock
	counter [3]counter
	irq0    bus.Line
	expiry  clock.Event
	speaker bool // port 0x61 bit 1
}

// NewPIT returns a timer with no counter programmed; counter 0's output drives irq0.
func NewPIT(clk *clock.Clock, irq0 bus.Line) *PIT {
	p := &PIT{clk: clk, irq0: irq0}
	p.expiry = clock.Event{Name: "8254 counter 0", Fire: p.update}
	clk.Own(&p.expiry)
	for i := range p.counter {
		p.counter[i] = counter{mode: 3, access: accessBoth, gate: i != 2, n: 0x10000, next: 0x10000, loadAt: clock.Never}
	}
	return p
}

func (p *PIT) tick() uint64 { return clock.Ticks(p.clk.Now(), PITHz) }

// update drives IRQ 0 to counter 0's output and waits for its next change.
func (p *PIT) update() {
	now, c := p.tick(), &p.counter[0]
	c.advance(now)
	p.irq0.Set(c.out(now))
	next := c.nextChange(now)
	if next == clock.Never {
		p.clk.Cancel(&p.expiry)
		return
	}
	p.clk.Schedule(&p.expiry, clock.Time(next, PITHz))
}

// Read reads a counter; the control word (port 3) cannot be read.
func (p *PIT) Read(offset uint64, _ int) uint64 {
	if offset >= 3 {
		return 0
	}
	return uint64(p.counter[offset].read(p.tick()))
}

// Write takes a counter's count, or a control word at port 3.
func (p *PIT) Write(offset uint64, _ int, value uint64) {
	now, v := p.tick(), uint8(value)
	switch {
	case offset < 3:
		p.counter[offset].write(v, now)
	case v>>6 == 3:
		p.readBack(v, now)
	case v&0x30 == 0:
		p.counter[v>>6].latch(now)
	default:
		p.counter[v>>6].control(v, now)
	}
	p.update()
}

// readBack latches count (bit 5 low) and status (bit 4 low) of the counters selected by bits 1 to 3.
func (p *PIT) readBack(v uint8, now uint64) {
	for i := range p.counter {
		if v>>(i+1)&1 == 0 {
			continue
		}
		if v&0x20 == 0 {
			p.counter[i].latch(now)
		}
		if v&0x10 == 0 {
			p.counter[i].latchStatus(now)
		}
	}
}

// Port61 is the window of port 0x61: counter 2's gate and output, the speaker's data bit and the refresh toggle.
func (p *PIT) Port61() bus.Device { return port61{p} }

type port61 struct{ *PIT }

func (p port61) Read(uint64, int) uint64 {
	var v uint64
	now, c := p.tick(), &p.counter[2]
	c.advance(now)
	if c.gate {
		v |= 1
	}
	if p.speaker {
		v |= 2
	}
	if now/18&1 != 0 { // each DRAM refresh, every 18 ticks (15 µs), toggles bit 4
		v |= 0x10
	}
	if c.out(now) {
		v |= 0x20
	}
	return v
}

func (p port61) Write(_ uint64, _ int, value uint64) {
	p.speaker = value&2 != 0
	p.counter[2].setGate(value&1 != 0, p.tick())
}

// State goes over the three counters.
func (p *PIT) State(v *snapshot.Visitor) {
	v.Section("8254")
	for i := range p.counter {
		p.counter[i].state(v)
	}
	snapshot.Bool(v, "speaker", &p.speaker)
}
