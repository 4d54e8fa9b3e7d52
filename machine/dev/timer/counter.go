package timer

import (
	"forkscope/machine/clock"
	"forkscope/machine/snapshot"
)

// Ways to access a count: control word bits 5 and 4.
const (
	accessLow = 1 + iota
	accessHigh
	accessBoth
)

// counter is one of the 8254's counters. Times are ticks of the input clock since the machine began. The counting element is
// loaded one tick after the count is written or the gate rises (data sheet, "Mode Definitions"), so a count of n in mode 0 ends n+1
// ticks after the write.
type counter struct {
	mode   uint8
	access uint8
	bcd    bool
	gate   bool

	loaded  bool   // the counting element has been started since the control word
	n       uint32 // the count it was loaded with: 1 to 0x10000
	start   uint64 // tick at which it was loaded
	stopped bool   // the gate holds it
	held    uint64 // ticks since the load, while stopped

	next    uint32 // the count register
	waiting bool   // next has not been loaded yet: "null count"
	loadAt  uint64 // modes 2 and 3: the tick at which next is loaded, Never without one
	loadLow bool   // mode 3: the low half of the cycle begins then

	writeHigh bool // the high byte comes next
	lowByte   uint8
	readHigh  bool

	latched      bool
	latchCount   uint16
	statusLatch  bool
	latchedState uint8
}

// control starts a new programming: the output goes to the mode's initial level and counting waits for a count.
func (c *counter) control(v uint8, _ uint64) {
	mode := v >> 1 & 7
	if mode > 5 {
		mode &= 3 // modes 2 and 3 have a don't-care bit
	}
	*c = counter{mode: mode, access: v >> 4 & 3, bcd: v&1 != 0, gate: c.gate, n: c.n, next: c.next, waiting: true, loadAt: clock.Never}
}

// write takes a byte of a new count.
func (c *counter) write(v uint8, now uint64) {
	c.advance(now)
	value := uint32(v)
	switch c.access {
	case accessHigh:
		value <<= 8
	case accessBoth:
		if !c.writeHigh {
			c.writeHigh, c.lowByte = true, v
			if c.mode == 0 { // the first byte stops a count in progress and the output goes low at once
				c.loaded, c.waiting = false, true
			}
			return
		}
		c.writeHigh = false
		value = value<<8 | uint32(c.lowByte)
	}
	c.next, c.waiting = c.decode(value), true
	c.countWritten(now)
}

// countWritten decides when the new count gets into the counting element.
func (c *counter) countWritten(now uint64) {
	switch c.mode {
	case 0, 4:
		c.load(now + 1)
		if !c.gate {
			c.stop(0)
		}
	case 2, 3:
		if !c.gate {
			break // the rising gate loads it
		}
		if !c.loaded {
			c.load(now + 1)
		} else {
			c.loadAt, c.loadLow = c.boundary(now)
		}
	} // modes 1 and 5 wait for a rising gate
}

func (c *counter) load(at uint64) {
	c.n, c.start, c.loaded, c.waiting = c.next, at, true, false
	c.stopped, c.held, c.loadAt = false, 0, clock.Never
}

func (c *counter) stop(elapsed uint64) { c.stopped, c.held = true, elapsed }

// setGate drives the gate input: its level enables counting in modes 0, 2, 3 and 4, its rising edge starts modes 1, 2, 3 and 5.
func (c *counter) setGate(gate bool, now uint64) {
	c.advance(now)
	if gate == c.gate {
		return
	}
	elapsed := c.elapsed(now)
	c.gate = gate
	switch {
	case c.mode == 0 || c.mode == 4:
		if !gate {
			c.stop(elapsed)
		} else if c.stopped {
			c.stopped, c.start = false, now-c.held
		}
	case gate:
		c.load(now + 1)
	case c.mode == 2 || c.mode == 3:
		c.stop(elapsed)
		c.loadAt = clock.Never
	}
}

// elapsed is the number of ticks since the load.
func (c *counter) elapsed(now uint64) uint64 {
	if c.stopped {
		return c.held
	}
	if int64(now-c.start) < 0 {
		return 0
	}
	return now - c.start
}

// high is the part of a mode 3 cycle during which the output is high.
func (c *counter) high() uint64 { return uint64(c.n+1) / 2 }

// boundary is the first end of a cycle after now, or in mode 3 of half of one; low says that the low half begins there.
func (c *counter) boundary(now uint64) (at uint64, low bool) {
	d := c.elapsed(now)
	phase := d % uint64(c.n)
	cycle := c.start + d - phase
	if c.mode == 3 && phase < c.high() && c.high() < uint64(c.n) {
		return cycle + c.high(), true
	}
	return cycle + uint64(c.n), false
}

// advance loads a waiting count whose time has come.
func (c *counter) advance(now uint64) {
	if c.loadAt > now {
		return
	}
	at, low := c.loadAt, c.loadLow
	c.load(at)
	if low {
		c.start = at - c.high() // as if the new count's high half had just passed
	}
}

// out is the output's level.
func (c *counter) out(now uint64) bool {
	if !c.loaded {
		return c.mode != 0
	}
	d, n := c.elapsed(now), uint64(c.n)
	switch c.mode {
	case 0:
		return d >= n
	case 1:
		return d >= n || int64(now-c.start) < 0
	case 2:
		return c.stopped || d%n != n-1 || n == 1
	case 3:
		return c.stopped || d%n < c.high()
	}
	return d != n // modes 4 and 5: low for one tick
}

// nextChange is the first tick after now at which the output may change, or clock.Never.
func (c *counter) nextChange(now uint64) uint64 {
	if !c.loaded || c.stopped {
		return clock.Never
	}
	d, n := c.elapsed(now), uint64(c.n)
	if c.mode == 1 && int64(now-c.start) < 0 {
		return c.start // the other modes' outputs stay when the count is loaded
	}
	at := func(d uint64) uint64 { return c.start + d }
	switch c.mode {
	case 2:
		if d%n == n-1 {
			return at(d + 1)
		}
		return at(d - d%n + n - 1)
	case 3:
		next, _ := c.boundary(now)
		return next
	}
	switch {
	case d < n:
		return at(n)
	case d == n && c.mode >= 4:
		return at(n + 1)
	}
	return clock.Never
}

// value is what the counting element holds, in the representation the guest reads.
func (c *counter) value(now uint64) uint16 {
	d, n := c.elapsed(now), uint64(c.n)
	var v uint64
	switch {
	case !c.loaded:
		v = n
	case c.mode == 2:
		v = n - d%n
	case c.mode == 3:
		phase := d % n
		if phase >= c.high() {
			phase -= c.high()
		}
		v = n - n%2 - 2*phase // odd counts start one lower
	default: // the others go on counting down past zero
		wrap := uint64(0x10000)
		if c.bcd {
			wrap = 10000
		}
		v = (n + wrap - d%wrap) % wrap
	}
	if c.bcd {
		return uint16(v%10 | v/10%10<<4 | v/100%10<<8 | v/1000%10<<12)
	}
	return uint16(v)
}

// decode turns what the guest wrote into a count from 1 to 0x10000 (or 10000).
func (c *counter) decode(v uint32) uint32 {
	full := uint32(0x10000)
	if c.bcd {
		v = v&15 + (v>>4&15)*10 + (v>>8&15)*100 + (v>>12&15)*1000
		full = 10000
	}
	if v == 0 {
		return full
	}
	return v
}

// latch freezes the count for the next read; a second latch command before that read is ignored.
func (c *counter) latch(now uint64) {
	if !c.latched {
		c.advance(now)
		c.latched, c.latchCount = true, c.value(now)
	}
}

func (c *counter) latchStatus(now uint64) {
	if c.statusLatch {
		return
	}
	c.advance(now)
	s := c.access<<4 | c.mode<<1
	if c.out(now) {
		s |= 0x80
	}
	if c.waiting || c.loaded && !c.stopped && int64(now-c.start) < 0 {
		s |= 0x40
	}
	if c.bcd {
		s |= 1
	}
	c.statusLatch, c.latchedState = true, s
}

// read returns the latched status, else a byte of the latched count, else of the count as it is.
func (c *counter) read(now uint64) uint8 {
	if c.statusLatch {
		c.statusLatch = false
		return c.latchedState
	}
	c.advance(now)
	v := c.latchCount
	if !c.latched {
		v = c.value(now)
	}
	high := c.access == accessHigh || c.access == accessBoth && c.readHigh
	if c.access == accessBoth {
		c.readHigh = !c.readHigh
	}
	if c.access != accessBoth || high {
		c.latched = false
	}
	if high {
		return uint8(v >> 8)
	}
	return uint8(v)
}

const (
	// mostCount is the largest count, which is written as 0.
	mostCount = 0x10000
	// mostTicks is later than a clock can come.
	mostTicks = 1 << 60
)

func (c *counter) state(v *snapshot.Visitor) {
	snapshot.Uint(v, "mode", &c.mode)
	snapshot.Uint(v, "access", &c.access)
	snapshot.Bool(v, "bcd", &c.bcd)
	snapshot.Bool(v, "gate", &c.gate)
	snapshot.Bool(v, "loaded", &c.loaded)
	snapshot.Uint(v, "count", &c.n)
	snapshot.Uint(v, "start", &c.start)
	snapshot.Bool(v, "stopped", &c.stopped)
	snapshot.Uint(v, "held", &c.held)
	snapshot.Uint(v, "next count", &c.next)
	snapshot.Bool(v, "waiting", &c.waiting)
	snapshot.Uint(v, "load at", &c.loadAt)
	snapshot.Bool(v, "load low half", &c.loadLow)
	snapshot.Bool(v, "write high", &c.writeHigh)
	snapshot.Uint(v, "low byte", &c.lowByte)
	snapshot.Bool(v, "read high", &c.readHigh)
	snapshot.Bool(v, "latched", &c.latched)
	snapshot.Uint(v, "latched count", &c.latchCount)
	snapshot.Bool(v, "status latched", &c.statusLatch)
	snapshot.Uint(v, "latched status", &c.latchedState)
	v.Check(c.mode <= 5, "mode")
	v.Check(c.n >= 1 && c.n <= mostCount, "count")
	v.Check(c.next >= 1 && c.next <= mostCount, "next count")
	v.Check(c.start < mostTicks, "start")
	v.Check(c.loadAt < mostTicks || c.loadAt == clock.Never, "load at")
}
