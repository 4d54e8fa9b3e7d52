package timer

import (
	"testing"

	"forkscope/machine/bus"
	"forkscope/machine/clock"
)

type rig struct {
	t    *testing.T
	clk  *clock.Clock
	pit  *PIT
	out0 bool
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, clk: clock.New(1)}
	r.pit = NewPIT(r.clk, bus.NewLine(func(l bool) { r.out0 = l }))
	return r
}

// to moves time on to the given tick of the 8254's clock, firing events where they are due.
func (r *rig) to(tick uint64) {
	target := clock.Time(tick, PITHz)
	for r.clk.Next() <= target {
		r.clk.Retired = max(r.clk.Now(), r.clk.Next())
		r.clk.RunDue()
	}
	r.clk.Retired = target
}

func (r *rig) write(port uint64, v ...uint64) {
	for _, b := range v {
		r.pit.Write(port, 1, b)
	}
}

func (r *rig) read16(port uint64) uint64 { return r.pit.Read(port, 1) | r.pit.Read(port, 1)<<8 }

func (r *rig) expectOut(tick uint64, want bool) {
	r.t.Helper()
	r.to(tick)
	if r.out0 != want {
		r.t.Errorf("tick %d: OUT0 = %v, want %v", tick, r.out0, want)
	}
}

func (r *rig) expect(what string, got, want uint64) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s = %#x, want %#x", what, got, want)
	}
}

// TestMode0 follows the data sheet's figure 15: CW=10, LSB=4 gives OUT high five clocks after the write.
func TestMode0(t *testing.T) {
	r := newRig(t)
	r.to(100)
	r.write(3, 0x10)
	r.expectOut(100, false)
	r.write(0, 4)
	r.expectOut(104, false)
	r.expectOut(105, true)
	r.expectOut(5000, true)
	if r.clk.Next() != clock.Never {
		t.Errorf("an event waits at %d after the one shot", r.clk.Next())
	}
	r.write(0, 3) // a new count starts anew
	r.expectOut(5003, false)
	r.expectOut(5004, true)
}

func TestMode0ExactCount(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x30)
	r.write(0, 11932&0xff, 11932>>8)
	at := clock.Time(11933, PITHz)
	r.expect("event", r.clk.Next(), at)
	r.clk.Retired = at - 1
	r.clk.RunDue()
	if r.out0 {
		t.Error("OUT0 is high one count early")
	}
	r.clk.Retired = at
	r.clk.RunDue()
	if !r.out0 {
		t.Error("OUT0 is low at its count")
	}
}

func TestMode0FirstByteStops(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x30)
	r.write(0, 10, 0)
	r.expectOut(11, true)
	r.write(0, 20)
	r.expectOut(11, false) // low at once
	r.expectOut(1000, false)
	r.write(0, 0)
	r.expectOut(1020, false)
	r.expectOut(1021, true)
}

func TestMode0CountsPastZero(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x30)
	r.write(0, 5, 0)
	r.to(1)
	r.expect("count just loaded", r.read16(0), 5)
	r.to(4)
	r.expect("count", r.read16(0), 2)
	r.to(8)
	r.expect("count past zero", r.read16(0), 0xfffe)
}

// TestMode2 is the rate generator: low for the last clock of every N, periodic without drift.
func TestMode2(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x14)
	r.expectOut(0, true)
	r.write(0, 3)
	for start := uint64(1); start < 300; start += 3 {
		r.expectOut(start, true)
		r.expectOut(start+1, true)
		r.expectOut(start+2, false)
	}
}

func TestMode2NewCountWaitsForTheCycle(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x14)
	r.write(0, 4) // loaded at 1: low at 4, reload at 5
	r.to(2)
	r.write(0, 6)
	r.expectOut(4, false)
	r.expectOut(5, true)
	r.expectOut(9, true)
	r.expectOut(10, false)
	r.expectOut(11, true)
}

func TestMode2Frequency(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x34)
	r.write(0, 11932&0xff, 11932>>8)
	edges, last := 0, true
	r.pit.irq0 = bus.NewLine(func(l bool) {
		if l && !last {
			edges++
		}
		last = l
	})
	r.to(11932*100 + 1)
	if edges != 100 {
		t.Errorf("%d rising edges in 100 periods", edges)
	}
}

func TestMode3(t *testing.T) {
	tests := []struct {
		n      uint64
		levels string // from the load on, one letter a tick
		counts []uint64
	}{
		{4, "HHLLHHLL", []uint64{4, 2, 4, 2, 4, 2}},
		{5, "HHHLLHHHLL", []uint64{4, 2, 0, 4, 2, 4}},
	}
	for _, tt := range tests {
		r := newRig(t)
		r.write(3, 0x36)
		r.write(0, tt.n, 0)
		for i, l := range tt.levels {
			r.expectOut(uint64(i)+1, l == 'H')
			if i < len(tt.counts) {
				r.expect("count", r.read16(0), tt.counts[i])
			}
		}
	}
}

func TestMode3NewCountAtTheHalf(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x16)
	r.write(0, 4) // high at 1 and 2, low at 3 and 4
	r.to(1)
	r.write(0, 8) // low half of 8 from 3 to 6, then high from 7
	for i, l := range "HHLLLLHHHHLLLL" {
		r.expectOut(uint64(i)+1, l == 'H')
	}
}

func TestMode4(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x18)
	r.write(0, 3)
	for i, l := range "HHHHLHHH" { // strobe at N+1
		r.expectOut(uint64(i), l == 'H')
	}
}

func (r *rig) out2() bool { return r.pit.Port61().Read(0, 1)&0x20 != 0 }

func (r *rig) expectOut2(tick uint64, want bool) {
	r.t.Helper()
	r.to(tick)
	if got := r.out2(); got != want {
		r.t.Errorf("tick %d: OUT2 = %v, want %v", tick, got, want)
	}
}

func TestGateOfCounter2(t *testing.T) {
	r := newRig(t)
	p61 := r.pit.Port61()
	r.write(3, 0x90) // mode 0, low byte
	r.write(2, 10)
	r.expectOut2(50, false) // gate low: not counting
	p61.Write(0, 1, 1)
	r.expectOut2(55, false)
	p61.Write(0, 1, 0) // hold
	r.expectOut2(100, false)
	p61.Write(0, 1, 3)
	r.expectOut2(104, false)
	r.expectOut2(105, true)
	if v := p61.Read(0, 1) & 3; v != 3 {
		t.Errorf("port 0x61 bits 0 and 1 = %d, want 3", v)
	}
}

func TestMode1And5AreTriggered(t *testing.T) {
	for _, tt := range []struct{ control, levels string }{
		{"\x92", "HLLLHHH"}, // one-shot: low for N from the clock after the trigger
		{"\x9a", "HHHHLHH"}, // strobe: low for one clock N after it
	} {
		r := newRig(t)
		p61 := r.pit.Port61()
		r.write(3, uint64(tt.control[0]))
		r.write(2, 3)
		r.expectOut2(20, true)
		p61.Write(0, 1, 1)
		for i, l := range tt.levels {
			r.expectOut2(20+uint64(i), l == 'H')
		}
		p61.Write(0, 1, 0)
		p61.Write(0, 1, 1) // retrigger
		r.expectOut2(26+uint64(len(tt.levels)), true)
	}
}

func TestMode2GateRestarts(t *testing.T) {
	r := newRig(t)
	p61 := r.pit.Port61()
	p61.Write(0, 1, 1)
	r.write(3, 0x94)
	r.write(2, 4)
	r.expectOut2(4, false)
	p61.Write(0, 1, 0) // low gate forces the output high
	r.expectOut2(4, true)
	r.expectOut2(8, true)
	r.to(10)
	p61.Write(0, 1, 1)
	r.expectOut2(13, true)
	r.expectOut2(14, false)
}

func TestLatchAndReadBack(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x34)
	r.write(0, 0x00, 0x10)
	r.to(1)
	r.write(3, 0x00) // latch
	r.to(100)
	r.write(3, 0x00) // ignored: the first is not read yet
	r.expect("latched count", r.read16(0), 0x1000)
	r.expect("running count", r.read16(0), 0x1000-99)
	r.write(3, 0xc2) // read back count and status of counter 0
	r.to(200)
	r.expect("status", r.pit.Read(0, 1), 0x80|0x30|0x04)
	r.expect("count after status", r.read16(0), 0x1000-99)
	r.write(0, 0x00, 0x20)
	r.write(3, 0xe2) // status alone
	r.expect("status with null count", r.pit.Read(0, 1), 0xc0|0x30|0x04)
}

func TestBCD(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x31)
	r.write(0, 0x00, 0x10) // 1000
	r.to(2)
	r.expect("BCD count", r.read16(0), 0x999)
	r.expectOut(1000, false)
	r.expectOut(1001, true)
	r.to(1002)
	r.expect("BCD past zero", r.read16(0), 0x9999)
}

func TestZeroIsTheLargestCount(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x30)
	r.write(0, 0, 0)
	r.expectOut(0x10000, false)
	r.expectOut(0x10001, true)
}

func TestHighByteAccess(t *testing.T) {
	r := newRig(t)
	r.write(3, 0x20) // mode 0, high byte only
	r.write(0, 1)
	r.expectOut(0x100, false)
	r.expectOut(0x101, true)
	r.to(0x101 + 0x100)
	r.expect("high byte", r.pit.Read(0, 1), 0xff)
}

func TestRefreshToggles(t *testing.T) {
	r := newRig(t)
	changes, last := 0, uint64(0)
	for tick := uint64(0); tick < 1800; tick++ {
		r.to(tick)
		if v := r.pit.Port61().Read(0, 1) & 0x10; v != last {
			changes, last = changes+1, v
		}
	}
	if changes != 99 {
		t.Errorf("the refresh bit changed %d times in 1800 ticks, want 99", changes)
	}
}

func TestPMTimer(t *testing.T) {
	clk := clock.New(1)
	pm := NewPMTimer(clk)
	clk.Retired = clock.Hz
	if v := pm.Read(0, 4); v != PMTimerHz {
		t.Errorf("after a second: %d", v)
	}
	clk.Retired = 5 * clock.Hz
	if v, want := pm.Read(0, 4), uint64(5*PMTimerHz-1<<24); v != want {
		t.Errorf("after 5 seconds: %d, want %d: the counter has 24 bits", v, want)
	}
}
