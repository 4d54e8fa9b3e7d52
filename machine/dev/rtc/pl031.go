package rtc

import (
	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/snapshot"
)

// Register offsets of the PL031 (ARM DDI 0224).
const (
	pl031DR = 4 * iota
	pl031MR
	pl031LR
	pl031CR
	pl031IMSC
	pl031RIS
	pl031MIS
	pl031ICR
	pl031ID = 0xfe0
)

var pl031Identity = [8]uint8{0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1}

// PL031 is Arm's real-time clock: a 32-bit count of seconds, and a match interrupt.
type PL031 struct {
	clk *clock.Clock
	irq bus.Line

	offset uint32 // DR at count 0
	match  uint32
	load   uint32
	mask   bool
	raised bool
	alarm  clock.Event
}

// NewPL031 returns a clock that shows date, in seconds since 1970 UTC, at count 0.
func NewPL031(clk *clock.Clock, irq bus.Line, date int64) *PL031 {
	r := &PL031{clk: clk, irq: irq, offset: uint32(date), load: uint32(date)}
	r.alarm = clock.Event{Name: "pl031 match", Fire: func() {
		r.raised = true
		r.update()
	}}
	clk.Own(&r.alarm)
	return r
}

func (r *PL031) seconds() uint32 { return r.offset + uint32(r.clk.Now()/clock.Hz) }

func (r *PL031) update() { r.irq.Set(r.raised && r.mask) }

// schedule waits for the second in which the data register reaches the match register.
func (r *PL031) schedule() {
	wait := r.match - r.seconds()
	if wait == 0 {
		r.raised = true
		r.clk.Cancel(&r.alarm)
		return
	}
	r.clk.Schedule(&r.alarm, (r.clk.Now()/clock.Hz+uint64(wait))*clock.Hz)
}

// Read reads a register.
func (r *PL031) Read(offset uint64, _ int) uint64 {
	switch offset {
	case pl031DR:
		return uint64(r.seconds())
	case pl031MR:
		return uint64(r.match)
	case pl031LR:
		return uint64(r.load)
	case pl031CR:
		return 1 // once started it cannot be stopped
	case pl031IMSC:
		return bit(r.mask)
	case pl031RIS:
		return bit(r.raised)
	case pl031MIS:
		return bit(r.raised && r.mask)
	}
	if offset >= pl031ID && offset < 0x1000 {
		return uint64(pl031Identity[(offset-pl031ID)/4])
	}
	return 0
}

// Write writes a register.
func (r *PL031) Write(offset uint64, _ int, value uint64) {
	switch offset {
	case pl031MR:
		r.match = uint32(value)
		r.schedule()
	case pl031LR:
		r.load = uint32(value)
		r.offset += r.load - r.seconds()
		if r.alarm.At() != clock.Never {
			r.schedule()
		}
	case pl031IMSC:
		r.mask = value&1 != 0
	case pl031ICR:
		r.raised = r.raised && value&1 == 0
	}
	r.update()
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// State goes over the clock's registers.
func (r *PL031) State(v *snapshot.Visitor) {
	v.Section("pl031")
	snapshot.Uint(v, "seconds at time 0", &r.offset)
	snapshot.Uint(v, "match", &r.match)
	snapshot.Uint(v, "load", &r.load)
	snapshot.Bool(v, "mask", &r.mask)
	snapshot.Bool(v, "raised", &r.raised)
}
