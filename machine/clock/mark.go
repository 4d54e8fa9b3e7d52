package clock

import "fmt"

// Mark is a moment of a run. Instructions alone do not tell all moments apart: entering an exception's handler retires none, and an idle guest's
// time passes without any.
type Mark struct {
	// Retired is the count of instructions.
	Retired uint64
	// Entered is how many handlers of exceptions and interrupts the CPU has entered since the last of them retired.
	Entered uint32
	// Skipped is the idle time that was skipped, in nanoseconds.
	Skipped uint64
}

// Mark is the present moment.
func (c *Clock) Mark() Mark {
	m := Mark{Retired: c.Retired, Skipped: c.skipped}
	if c.enteredAt == c.Retired {
		m.Entered = c.entered
	}
	return m
}

// TimeOf is the time at which the clock shows m if no instruction retires until then; Never if that is needed.
func (c *Clock) TimeOf(m Mark) uint64 {
	if m.Retired != c.Retired || m.Skipped < c.skipped {
		return Never
	}
	return c.Now() + m.Skipped - c.skipped
}

// Before reports whether m is earlier than n, a moment of the same run: while Retired stays, neither of the others ever shrinks.
func (m Mark) Before(n Mark) bool {
	switch {
	case m.Retired != n.Retired:
		return m.Retired < n.Retired
	case m.Skipped != n.Skipped:
		return m.Skipped < n.Skipped
	}
	return m.Entered < n.Entered
}

// String is like "1234567", or "1234567+2 skipped 5000" where handlers were entered and time skipped.
func (m Mark) String() string {
	s := fmt.Sprint(m.Retired)
	if m.Entered > 0 {
		s += fmt.Sprintf("+%d", m.Entered)
	}
	if m.Skipped > 0 {
		s += fmt.Sprintf(" skipped %d", m.Skipped)
	}
	return s
}
