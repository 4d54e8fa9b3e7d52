// Package rtc holds the clocks that know the date: the PC's MC146818 and Arm's PL031. Both start at a date given by the
// configuration and advance with virtual time; the host's clock is never read.
package rtc

import (
	"time"

	"forkscope/machine/bus"
	"forkscope/machine/clock"
	"forkscope/machine/snapshot"
)

// Register numbers of the MC146818.
const (
	regSeconds = iota
	regSecondsAlarm
	regMinutes
	regMinutesAlarm
	regHours
	regHoursAlarm
	regWeekday
	regDay
	regMonth
	regYear
	regA
	regB
	regC
	regD
	regCentury = 0x32 // in the PC's CMOS RAM
)

// Bits of registers A to D.
const (
	aUIP   = 0x80
	b24h   = 0x02
	bBin   = 0x04
	bUIE   = 0x10
	bAIE   = 0x20
	bPIE   = 0x40
	bSET   = 0x80
	cUF    = 0x10
	cAF    = 0x20
	cPF    = 0x40
	cIRQF  = 0x80
	dValid = 0x80
)

// updateWarning is how long before an update the UIP bit rises: 244 µs (data sheet, "Update Cycle").
const updateWarning = 244_000

// MC146818 is the PC's real-time clock with its 128 bytes of CMOS RAM.
type MC146818 struct {
	clk *clock.Clock
	irq bus.Line

	index uint8
	ram   [128]uint8 // the date registers in it hold alarms, and the date while SET stops the clock

	base   int64  // seconds since 1970 at the count origin
	origin uint64 // count at which the second called base began

	seen     uint64 // count up to which update and alarm flags have been computed
	flags    uint8  // register C without IRQF
	update   clock.Event
	periodic clock.Event
}

// NewMC146818 returns a clock that shows date, in seconds since 1970 UTC, at the present count. irq is wired to IRQ 8.
func NewMC146818(clk *clock.Clock, irq bus.Line, date int64) *MC146818 {
	r := &MC146818{clk: clk, irq: irq, base: date, origin: clk.Now(), seen: clk.Now()}
	r.update = clock.Event{Name: "rtc update", Fire: r.schedule}
	r.periodic = clock.Event{Name: "rtc periodic", Fire: r.tick}
	clk.Own(&r.update, &r.periodic)
	r.ram[regA] = 0x26 // 32768 Hz divider, 1024 Hz rate
	r.ram[regB] = b24h
	return r
}

// SetCMOS presets a byte of CMOS RAM, as firmware would.
func (r *MC146818) SetCMOS(index int, v uint8) { r.ram[index&0x7f] = v }

// now is the date shown, in seconds since 1970.
func (r *MC146818) now() int64 { return r.secondsAt(r.clk.Now()) }

func (r *MC146818) secondsAt(count uint64) int64 {
	return r.base + int64((count-r.origin)/clock.Hz)
}

// Read returns the byte at the index (port 1); the index itself (port 0) cannot be read.
func (r *MC146818) Read(offset uint64, _ int) uint64 {
	if offset == 0 {
		return 0xff
	}
	switch i := int(r.index); {
	case i == regA:
		v := r.ram[regA] &^ aUIP
		if r.running() && (r.clk.Now()-r.origin)%clock.Hz >= clock.Hz-updateWarning {
			v |= aUIP
		}
		return uint64(v)
	case i == regC:
		return uint64(r.readFlags())
	case i == regD:
		return dValid
	case isDate(i):
		return uint64(r.dateByte(i))
	default:
		return uint64(r.ram[i])
	}
}

// Write sets the index (port 0, whose bit 7 masks NMI) or the byte at it (port 1).
func (r *MC146818) Write(offset uint64, _ int, value uint64) {
	v := uint8(value)
	if offset == 0 {
		r.index = v & 0x7f
		return
	}
	r.collect()
	switch i := int(r.index); {
	case i == regA:
		r.ram[regA] = v &^ aUIP
	case i == regB:
		r.setB(v)
	case i == regC, i == regD:
		return
	case isDate(i):
		r.setDate(i, v)
	default:
		r.ram[i] = v
	}
	r.schedule()
}

func isDate(i int) bool {
	switch i {
	case regSeconds, regMinutes, regHours, regWeekday, regDay, regMonth, regYear, regCentury:
		return true
	}
	return false
}

func (r *MC146818) running() bool { return r.ram[regB]&bSET == 0 }

// setB starts or stops the clock by its SET bit. While stopped, the date lives in the registers.
func (r *MC146818) setB(v uint8) {
	wasRunning := r.running()
	if v&bSET != 0 {
		v &^= bUIE // setting SET clears UIE
		if wasRunning {
			r.freeze()
		}
	}
	r.ram[regB] = v
	if !wasRunning && r.running() {
		r.restart()
	}
}

// freeze puts the date into the registers.
func (r *MC146818) freeze() {
	for i := range r.ram {
		if isDate(i) {
			r.ram[i] = r.dateByte(i)
		}
	}
}

// restart goes on from the date in the registers; a new second begins now.
func (r *MC146818) restart() {
	hour := r.decode(r.ram[regHours])
	if r.ram[regB]&b24h == 0 {
		hour = r.decode(r.ram[regHours]&0x7f) % 12
		if r.ram[regHours]&0x80 != 0 {
			hour += 12
		}
	}
	year := r.decode(r.ram[regCentury])*100 + r.decode(r.ram[regYear])
	date := time.Date(year, time.Month(r.decode(r.ram[regMonth])), r.decode(r.ram[regDay]),
		hour, r.decode(r.ram[regMinutes]), r.decode(r.ram[regSeconds]), 0, time.UTC)
	r.base, r.origin, r.seen = date.Unix(), r.clk.Now(), r.clk.Now()
}

// setDate writes a date register: while the clock runs, the rest of the date and the phase of the second stay.
func (r *MC146818) setDate(i int, v uint8) {
	if !r.running() {
		r.ram[i] = v
		return
	}
	phase := (r.clk.Now() - r.origin) % clock.Hz
	r.freeze()
	r.ram[i] = v
	r.restart()
	r.origin -= phase
}

// dateByte is a date register as the guest sees it.
func (r *MC146818) dateByte(i int) uint8 {
	if !r.running() {
		return r.ram[i]
	}
	return r.encodeDate(i, r.now())
}

func (r *MC146818) encodeDate(i int, seconds int64) uint8 {
	t := time.Unix(seconds, 0).UTC()
	switch i {
	case regSeconds:
		return r.encode(t.Second())
	case regMinutes:
		return r.encode(t.Minute())
	case regHours:
		if r.ram[regB]&b24h != 0 {
			return r.encode(t.Hour())
		}
		v := r.encode((t.Hour()+11)%12 + 1)
		if t.Hour() >= 12 {
			v |= 0x80
		}
		return v
	case regWeekday:
		return r.encode(int(t.Weekday()) + 1)
	case regDay:
		return r.encode(t.Day())
	case regMonth:
		return r.encode(int(t.Month()))
	case regYear:
		return r.encode(t.Year() % 100)
	}
	return r.encode(t.Year() / 100)
}

func (r *MC146818) encode(v int) uint8 {
	if r.ram[regB]&bBin != 0 {
		return uint8(v)
	}
	return uint8(v/10%10<<4 | v%10)
}

func (r *MC146818) decode(v uint8) int {
	if r.ram[regB]&bBin != 0 {
		return int(v)
	}
	return int(v>>4)*10 + int(v&15)
}

// State goes over the clock and its CMOS RAM.
func (r *MC146818) State(v *snapshot.Visitor) {
	v.Section("mc146818")
	snapshot.Array(v, "ram", r.ram[:])
	snapshot.Uint(v, "index", &r.index)
	snapshot.Uint(v, "date", &r.base)
	snapshot.Uint(v, "date since", &r.origin)
	snapshot.Uint(v, "seen", &r.seen)
	snapshot.Uint(v, "flags", &r.flags)
	v.Check(int(r.index) < len(r.ram), "index")
}
