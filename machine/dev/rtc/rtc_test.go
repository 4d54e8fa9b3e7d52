package rtc

import (
	"testing"
	"time"

	"forkscope/machine/bus"
	"forkscope/machine/clock"
)

var newYear = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

type rig struct {
	t   *testing.T
	clk *clock.Clock
	rtc *MC146818
	irq bool
}

func newRig(t *testing.T, date int64) *rig {
	r := &rig{t: t, clk: clock.New(1)}
	r.rtc = NewMC146818(r.clk, bus.NewLine(func(l bool) { r.irq = l }), date)
	return r
}

func run(clk *clock.Clock, target uint64) {
	for clk.Next() <= target {
		clk.Retired = max(clk.Now(), clk.Next())
		clk.RunDue()
	}
	clk.Retired = target
}

func (r *rig) get(i int) uint8 {
	r.rtc.Write(0, 1, uint64(i))
	return uint8(r.rtc.Read(1, 1))
}

func (r *rig) set(i int, v uint8) {
	r.rtc.Write(0, 1, uint64(i)|0x80) // with NMI masked
	r.rtc.Write(1, 1, uint64(v))
}

// date reads century, year, month, day, weekday, hours, minutes, seconds.
func (r *rig) date() [8]uint8 {
	var d [8]uint8
	for i, reg := range []int{regCentury, regYear, regMonth, regDay, regWeekday, regHours, regMinutes, regSeconds} {
		d[i] = r.get(reg)
	}
	return d
}

func (r *rig) expect(want [8]uint8) {
	r.t.Helper()
	if got := r.date(); got != want {
		r.t.Errorf("date % x, want % x", got, want)
	}
}

func TestDateAdvancesWithVirtualTime(t *testing.T) {
	r := newRig(t, newYear)
	r.expect([8]uint8{0x20, 0x20, 0x01, 0x01, 4, 0, 0, 0}) // a Wednesday
	r.clk.Retired = 59*clock.Hz + clock.Hz - 1
	if s := r.get(regSeconds); s != 0x59 {
		t.Errorf("seconds %#x, want BCD 0x59", s)
	}
	r.clk.Retired++
	r.expect([8]uint8{0x20, 0x20, 0x01, 0x01, 4, 0, 1, 0})
	r.clk.Retired = 59 * 24 * 3600 * clock.Hz // 2020 is a leap year
	r.expect([8]uint8{0x20, 0x20, 0x02, 0x29, 7, 0, 0, 0})
}

func TestBinaryAndTwelveHours(t *testing.T) {
	r := newRig(t, newYear+23*3600+45*60+30)
	r.set(regB, bBin|b24h)
	r.expect([8]uint8{20, 20, 1, 1, 4, 23, 45, 30})
	r.set(regB, 0)
	if h := r.get(regHours); h != 0x91 {
		t.Errorf("hours %#x, want 11 pm: 0x91", h)
	}
	midnight := newRig(t, newYear)
	midnight.set(regB, 0)
	if h := midnight.get(regHours); h != 0x12 {
		t.Errorf("hours at midnight %#x, want 12 am: 0x12", h)
	}
	midnight.clk.Retired = 12 * 3600 * clock.Hz
	if h := midnight.get(regHours); h != 0x92 {
		t.Errorf("hours at noon %#x, want 12 pm: 0x92", h)
	}
}

func TestSettingTheDate(t *testing.T) {
	r := newRig(t, newYear)
	r.set(regB, bSET|b24h)
	for i, v := range map[int]uint8{regCentury: 0x19, regYear: 0x99, regMonth: 0x12, regDay: 0x31, regHours: 0x23, regMinutes: 0x59, regSeconds: 0x58} {
		r.set(i, v)
	}
	r.clk.Retired += 100 * clock.Hz
	if s := r.get(regSeconds); s != 0x58 {
		t.Errorf("seconds %#x moved while SET", s)
	}
	r.set(regB, b24h)
	r.clk.Retired += 2 * clock.Hz
	r.expect([8]uint8{0x20, 0x00, 0x01, 0x01, 7, 0, 0, 0})
	r.set(regMinutes, 0x30) // while it runs
	r.expect([8]uint8{0x20, 0x00, 0x01, 0x01, 7, 0, 0x30, 0})
}

func TestUpdateInProgress(t *testing.T) {
	r := newRig(t, newYear)
	for _, tt := range []struct {
		now  uint64
		want uint8
	}{{0, 0}, {clock.Hz - 244_001, 0}, {clock.Hz - 244_000, 0x80}, {clock.Hz - 1, 0x80}, {clock.Hz, 0}} {
		r.clk.Retired = tt.now
		if v := r.get(regA) & 0x80; v != tt.want {
			t.Errorf("at %d: UIP %#x, want %#x", tt.now, v, tt.want)
		}
	}
}

func TestNoEventUnlessWanted(t *testing.T) {
	r := newRig(t, newYear)
	r.get(regC)
	if r.clk.Next() != clock.Never {
		t.Fatalf("an event waits at %d", r.clk.Next())
	}
	r.clk.Retired = 3 * clock.Hz
	if c := r.get(regC); c != cUF {
		t.Errorf("register C %#x, want UF without IRQF", c)
	}
	if c := r.get(regC); c != 0 {
		t.Errorf("register C %#x, reading clears it", c)
	}
}

func TestUpdateInterrupt(t *testing.T) {
	r := newRig(t, newYear)
	r.set(regB, b24h|bUIE)
	run(r.clk, clock.Hz-1)
	if r.irq {
		t.Error("IRQ before the second ended")
	}
	run(r.clk, clock.Hz)
	if !r.irq {
		t.Error("no IRQ at the update")
	}
	if c := r.get(regC); c != cIRQF|cUF {
		t.Errorf("register C %#x", c)
	}
	if r.irq {
		t.Error("reading register C did not release the IRQ")
	}
	run(r.clk, 2*clock.Hz)
	if !r.irq {
		t.Error("no IRQ at the second update")
	}
}

func TestAlarm(t *testing.T) {
	r := newRig(t, newYear)
	r.set(regSecondsAlarm, 0x05)
	r.set(regMinutesAlarm, 0xff) // any
	r.set(regHoursAlarm, 0xc0)   // any
	r.set(regB, b24h|bAIE)
	run(r.clk, 4*clock.Hz)
	if r.irq {
		t.Error("IRQ before the alarm")
	}
	run(r.clk, 5*clock.Hz)
	if c := r.get(regC); !r.irq && c != cIRQF|cAF|cUF {
		t.Errorf("register C %#x at the alarm", c)
	}
	run(r.clk, 64*clock.Hz)
	if r.irq {
		t.Error("IRQ a second before the next alarm")
	}
	run(r.clk, 65*clock.Hz)
	if !r.irq {
		t.Error("no IRQ a minute later")
	}
}

func TestPeriodic(t *testing.T) {
	r := newRig(t, newYear)
	r.set(regB, b24h|bPIE) // 1024 Hz by default
	n := 0
	for r.clk.Next() <= clock.Hz {
		run(r.clk, r.clk.Next())
		if !r.irq {
			t.Fatal("no IRQ at the event")
		}
		if c := r.get(regC); c&^cUF != cIRQF|cPF {
			t.Fatalf("register C %#x", c)
		}
		n++
	}
	if n != 1024 {
		t.Errorf("%d periodic interrupts in a second, want 1024", n)
	}
}

func TestCMOS(t *testing.T) {
	r := newRig(t, newYear)
	r.rtc.SetCMOS(0x15, 0x80)
	if v := r.get(0x15); v != 0x80 {
		t.Errorf("CMOS byte %#x", v)
	}
	r.set(0x7f, 0x5a)
	if v := r.get(0x7f); v != 0x5a {
		t.Errorf("CMOS RAM %#x", v)
	}
	if v := r.get(regD); v != 0x80 {
		t.Errorf("register D %#x, want valid RAM and time", v)
	}
}

func TestPL031(t *testing.T) {
	clk := clock.New(1)
	irq := false
	r := NewPL031(clk, bus.NewLine(func(l bool) { irq = l }), newYear)
	expect := func(what string, offset, want uint64) {
		t.Helper()
		if got := r.Read(offset, 4); got != want {
			t.Errorf("%s = %#x, want %#x", what, got, want)
		}
	}
	clk.Retired = 10*clock.Hz + 5
	expect("DR", pl031DR, uint64(newYear)+10)
	if clk.Next() != clock.Never {
		t.Error("an event waits though no match was set")
	}
	r.Write(pl031MR, 4, uint64(newYear)+12)
	r.Write(pl031IMSC, 4, 1)
	run(clk, 12*clock.Hz-1)
	if irq {
		t.Error("IRQ early")
	}
	run(clk, 12*clock.Hz)
	if !irq {
		t.Error("no IRQ at the match")
	}
	expect("MIS", pl031MIS, 1)
	r.Write(pl031IMSC, 4, 0)
	expect("MIS masked", pl031MIS, 0)
	expect("RIS", pl031RIS, 1)
	r.Write(pl031IMSC, 4, 1)
	r.Write(pl031ICR, 4, 1)
	if irq {
		t.Error("ICR did not clear the IRQ")
	}
	r.Write(pl031LR, 4, 1000)
	clk.Retired += clock.Hz
	expect("DR after a load", pl031DR, 1001)
	expect("CR", pl031CR, 1)
	expect("PeriphID0", 0xfe0, 0x31)
	expect("PCellID3", 0xffc, 0xb1)
}
