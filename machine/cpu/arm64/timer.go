package arm64

import "forkscope/machine/clock"

// counterHz is CNTFRQ_EL0: that of QEMU's virt board.
const counterHz = 62_500_000

const (
	timerEnable  = 1 << 0
	timerMask    = 1 << 1
	timerPending = 1 << 2
)

// timer is one timer of the generic timer (D11): it asks for an interrupt while the counter is at or past cval.
type timer struct {
	ctl, cval uint64
	event     clock.Event
	line      func(level bool)
}

func (c *CPU) initTimers(lines [timers]func(bool)) {
	for i := range c.timer {
		t := &c.timer[i]
		t.line = lines[i]
		if t.line == nil {
			t.line = func(bool) {}
		}
		t.event.Name = [timers]string{"CNTV", "CNTP"}[i]
		t.event.Fire = func() { c.updateTimer(t) }
		c.clock.Own(&t.event)
	}
}

// counter is CNTVCT_EL0, and CNTPCT_EL0: the offset between them is 0.
func (c *CPU) counter() uint64 { return clock.Ticks(c.clock.Now(), counterHz) }

// updateTimer drives the line and waits for the moment it goes high.
func (c *CPU) updateTimer(t *timer) {
	due := c.counter() >= t.cval
	active := t.ctl&(timerEnable|timerMask) == timerEnable
	if active && !due {
		c.clock.Schedule(&t.event, clock.Time(t.cval, counterHz))
	} else {
		c.clock.Cancel(&t.event)
	}
	t.line(active && due)
}

func (c *CPU) timerControl(t *timer) uint64 {
	v := t.ctl
	if v&timerEnable != 0 && c.counter() >= t.cval {
		v |= timerPending
	}
	return v
}

// timerRegisters are CNT{P,V}_{TVAL,CTL,CVAL}_EL0 of timer i.
func timerRegisters(name string, i int, crm uint8) []sysreg {
	enable := uint64(1 << 8) // CNTKCTL_EL1.EL0VTEN
	if i == TimerPhysical {
		enable = 1 << 9 // EL0PTEN
	}
	user := func(c *CPU) bool { return c.sys.cntkctl&enable != 0 }
	return []sysreg{
		{name: name + "_TVAL_EL0", op0: 3, op1: 3, crn: 14, crm: crm, op2: 0, user: user,
			read: func(c *CPU) uint64 { return uint64(uint32(c.timer[i].cval - c.counter())) },
			write: func(c *CPU, v uint64) {
				c.timer[i].cval = c.counter() + signed(v, 32)
				c.updateTimer(&c.timer[i])
			}},
		{name: name + "_CTL_EL0", op0: 3, op1: 3, crn: 14, crm: crm, op2: 1, user: user,
			read: func(c *CPU) uint64 { return c.timerControl(&c.timer[i]) },
			write: func(c *CPU, v uint64) {
				c.timer[i].ctl = v & (timerEnable | timerMask)
				c.updateTimer(&c.timer[i])
			}},
		{name: name + "_CVAL_EL0", op0: 3, op1: 3, crn: 14, crm: crm, op2: 2, user: user,
			read: func(c *CPU) uint64 { return c.timer[i].cval },
			write: func(c *CPU, v uint64) {
				c.timer[i].cval = v
				c.updateTimer(&c.timer[i])
			}},
	}
}
