package machine

import (
	"math"
	"time"
)

// pace is how the time of a guest that does nothing passes on the host.
type pace struct {
	real bool // as long as on the host; else it takes none
	// Of the last wait: when it was over, or should have been, and the time that the guest's instructions had taken until then.
	over time.Time
	busy uint64
	// stopped is when the guest was stopped, or when what has passed since then was last taken.
	stopped time.Time
}

// sinceStop is how much time, in nanoseconds, has passed on the host since the guest was stopped, or since this was last asked.
func (p *pace) sinceStop() uint64 {
	now := time.Now()
	passed := now.Sub(p.stopped)
	if p.stopped.IsZero() {
		passed = 0
	}
	p.stopped = now
	return uint64(passed)
}

// late is how much later than it should a wait may have been over for the next one to be that much shorter. A host's timers are never early, and
// without this a guest that wakes often would fall behind.
const late = 20 * time.Millisecond

// pass lets ns nanoseconds pass, less if something arrives, and returns how many have. busy is the time that the guest's instructions have taken
// since its start.
func (p *pace) pass(ns, busy uint64, arrived <-chan struct{}) uint64 {
	now := time.Now()
	from := now
	if due := p.over.Add(time.Duration(busy - p.busy)); !p.over.IsZero() && due.Before(now) && now.Sub(due) < late {
		from = due
	}
	left := time.Duration(min(ns, math.MaxInt64)) - now.Sub(from)
	p.over, p.busy = from.Add(time.Duration(min(ns, math.MaxInt64))), busy
	if left <= 0 {
		return ns
	}
	wake := time.NewTimer(left)
	defer wake.Stop()
	select {
	case <-wake.C:
		return ns
	case <-arrived:
	}
	p.over = time.Now()
	return min(ns, uint64(p.over.Sub(from)))
}
