package rtc

import "forkscope/machine/clock"

// collect computes the update-ended and alarm flags of the seconds that began since it was last called.
func (r *MC146818) collect() {
	now := r.clk.Now()
	if !r.running() {
		r.seen = now
		return
	}
	first, last := r.secondsAt(r.seen), r.secondsAt(now)
	r.seen = now
	if first == last {
		return
	}
	r.flags |= cUF
	if last-first > 24*60*60 {
		first = last - 24*60*60 // an alarm comes at least once a day, or never
	}
	for s := first + 1; s <= last && r.flags&cAF == 0; s++ {
		if r.alarmAt(s) {
			r.flags |= cAF
		}
	}
}

// alarmAt says whether the alarm registers match a second. A byte from 0xC0 up matches all.
func (r *MC146818) alarmAt(seconds int64) bool {
	for _, i := range [...]int{regSeconds, regMinutes, regHours} {
		if a := r.ram[i+1]; a < 0xc0 && a != r.encodeDate(i, seconds) {
			return false
		}
	}
	return true
}

// readFlags reads register C, which clears it and releases the interrupt.
func (r *MC146818) readFlags() uint8 {
	r.collect()
	v := r.flags
	if v&r.ram[regB]&(cUF|cAF|cPF) != 0 {
		v |= cIRQF
	}
	r.flags = 0
	r.schedule()
	return v
}

// schedule drives the interrupt and waits for what may raise it next: a second's start while update or alarm interrupts are
// enabled, and the periodic interrupt. A guest that wants none of them leaves no event, so that it can idle.
func (r *MC146818) schedule() {
	r.collect()
	// The flags of register C stand at the bits of their enables in register B.
	r.irq.Set(r.flags&r.ram[regB]&(cUF|cAF|cPF) != 0)

	if r.running() && r.ram[regB]&(bUIE|bAIE) != 0 {
		begun := (r.clk.Now() - r.origin) / clock.Hz
		r.clk.Schedule(&r.update, r.origin+(begun+1)*clock.Hz)
	} else {
		r.clk.Cancel(&r.update)
	}

	if period := r.period(); period == 0 || r.ram[regB]&bPIE == 0 {
		r.clk.Cancel(&r.periodic)
	} else if r.periodic.At() == clock.Never {
		r.schedulePeriodic(period)
	}
}

// period is the periodic interrupt's period in ticks of 32768 Hz, from the rate in register A; 0 is none.
func (r *MC146818) period() uint64 {
	rate := r.ram[regA] & 15
	switch {
	case rate == 0:
		return 0
	case rate <= 2:
		rate += 7
	}
	return 1 << (rate - 1)
}

// schedulePeriodic waits for the next multiple of period, so that periods do not drift.
func (r *MC146818) schedulePeriodic(period uint64) {
	const hz = 32768
	ticks := clock.Ticks(r.clk.Now(), hz)
	r.clk.Schedule(&r.periodic, clock.Time((ticks/period+1)*period, hz))
}

func (r *MC146818) tick() {
	r.flags |= cPF
	r.schedule()
}
