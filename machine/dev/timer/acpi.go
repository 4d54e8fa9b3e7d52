package timer

import "forkscope/machine/clock"

// PMTimerHz is the frequency of the ACPI power-management timer (ACPI 4.8.2.1).
const PMTimerHz = 3579545

// PMTimer is the ACPI power-management timer: a free-running 24-bit counter at one 32-bit port.
type PMTimer struct{ clk *clock.Clock }

// NewPMTimer returns the timer; it counts from power-on.
func NewPMTimer(clk *clock.Clock) PMTimer { return PMTimer{clk} }

// Read returns the counter, or the bytes of it from offset.
func (t PMTimer) Read(offset uint64, _ int) uint64 {
	return clock.Ticks(t.clk.Now(), PMTimerHz) & 0xffffff >> (8 * offset)
}

// Write does nothing: the counter is read-only.
func (t PMTimer) Write(uint64, int, uint64) {}
