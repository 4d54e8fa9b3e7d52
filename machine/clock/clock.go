// Package clock is virtual time. It has two parts that are kept apart: the instructions that have retired, each of which takes the same
// number of nanoseconds, and the nanoseconds that were skipped while the guest was idle. Every timer of both machines derives from their sum.
package clock

import "container/heap"

// Hz is the number of nanoseconds in a second of guest time.
const Hz = 1_000_000_000

// Never is later than every event.
const Never = ^uint64(0)

// MostPerInstruction is the longest that an instruction can be made to take, in nanoseconds.
const MostPerInstruction = 1_000_000

// Clock owns virtual time and the events that wait for it. Only the goroutine that runs the machine may use it.
type Clock struct {
	// Retired is the count of retired instructions. The CPU advances it and keeps it exact whenever a device, a time register or an event can
	// see it. (An iteration of a repeated x86 string instruction counts as one.)
	Retired uint64
	// Due is the first Retired at which the earliest event is due if no time is skipped until then, or Never. A CPU compares the two
	// in place of times. Read-only outside this package.
	Due uint64

	per     uint64 // nanoseconds an instruction
	skipped uint64 // nanoseconds
	// entered exceptions and interrupts since instruction enteredAt retired; of an earlier one means none.
	entered   uint32
	enteredAt uint64

	queue queue
	seq   uint64
	all   []*Event // that are part of the state, waiting or not
}

// New returns a clock at time 0 with no events, of which an instruction takes per nanoseconds, from 1 to MostPerInstruction.
func New(per uint64) *Clock { return &Clock{Due: Never, per: per} }

// Now is the time in nanoseconds: what the retired instructions took, and what was skipped. It is good for 580 years.
func (c *Clock) Now() uint64 { return c.Retired*c.per + c.skipped }

// At is the time at which retired instructions have retired, if none is skipped until then.
func (c *Clock) At(retired uint64) uint64 { return retired*c.per + c.skipped }

// After is the time n instructions from now, if none is skipped until then.
func (c *Clock) After(n uint64) uint64 { return c.Now() + n*c.per }

// PerInstruction is how many nanoseconds an instruction takes.
func (c *Clock) PerInstruction() uint64 { return c.per }

// Reaches is the first Retired at which the time is at or past at, if none is skipped until then. Of Never it is Never.
func (c *Clock) Reaches(at uint64) uint64 {
	switch {
	case at == Never:
		return Never
	case at <= c.skipped:
		return 0
	}
	left := at - c.skipped
	if left%c.per != 0 {
		return left/c.per + 1
	}
	return left / c.per
}

// Enter notes that the CPU has entered an exception's or an interrupt's handler, which retires no instruction.
func (c *Clock) Enter() {
	if c.enteredAt != c.Retired {
		c.entered, c.enteredAt = 0, c.Retired
	}
	c.entered++
}

// View is a Clock to be looked at.
type View interface {
	Mark() Mark
	// Now, At, After, Next and PerInstruction are Clock's.
	Now() uint64
	At(retired uint64) uint64
	After(n uint64) uint64
	Next() uint64
	PerInstruction() uint64
}

// Event is one thing that can wait for a time: a timer's expiry. Its owner keeps it and schedules it again and again. What decides how the guest
// goes on is owned by the clock (see Own); others are the host's.
type Event struct {
	// Name says whose event this is, in digests and reports.
	Name string
	// Fire runs when the clock has reached the event's time. It may schedule events, its own included.
	Fire func()

	at    uint64
	seq   uint64 // events of the same time fire in the order they were scheduled
	index int    // in the queue, plus one; 0 is not queued
}

// At is the time the event waits for, in nanoseconds, or Never.
func (e *Event) At() uint64 {
	if e.index == 0 {
		return Never
	}
	return e.at
}

// Schedule makes e wait for the time at, replacing an earlier appointment. A time in the past fires at the next chance.
func (c *Clock) Schedule(e *Event, at uint64) {
	if at == Never {
		c.Cancel(e)
		return
	}
	c.seq++
	e.at, e.seq = at, c.seq
	if e.index != 0 {
		heap.Fix(&c.queue, e.index-1)
	} else {
		heap.Push(&c.queue, e)
	}
	c.update()
}

// Cancel takes e's appointment away.
func (c *Clock) Cancel(e *Event) {
	if e.index != 0 {
		heap.Remove(&c.queue, e.index-1)
		c.update()
	}
}

// Next is the time of the earliest event, or Never.
func (c *Clock) Next() uint64 {
	if len(c.queue) == 0 {
		return Never
	}
	return c.queue[0].at
}

// RunDue fires, in order, every event whose time has come.
func (c *Clock) RunDue() {
	for len(c.queue) > 0 && c.queue[0].at <= c.Now() {
		e := heap.Pop(&c.queue).(*Event)
		c.update()
		e.Fire()
	}
}

// SkipTo lets time pass up to at without an instruction. A time in the past changes nothing.
func (c *Clock) SkipTo(at uint64) {
	if now := c.Now(); at > now {
		c.skipped += at - now
		c.update()
	}
}

// PassTo lets time pass up to at without an instruction, and what is due before at happen.
func (c *Clock) PassTo(at uint64) {
	for c.Next() < at {
		c.SkipTo(c.Next())
		c.RunDue()
	}
	c.SkipTo(at)
}

func (c *Clock) update() { c.Due = c.Reaches(c.Next()) }

// Ticks converts a time in nanoseconds to ticks of a counter that runs at hz (at most Hz), without overflow for 580 years of guest time.
func Ticks(ns, hz uint64) uint64 {
	return ns/Hz*hz + ns%Hz*hz/Hz
}

// Time converts ticks of a counter at hz to the first nanosecond at which the counter has reached them. It saturates at Never.
func Time(ticks, hz uint64) uint64 {
	s := ticks / hz
	if s >= Never/Hz-1 {
		return Never
	}
	return s*Hz + (ticks%hz*Hz+hz-1)/hz
}

type queue []*Event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i+1, j+1
}
func (q *queue) Push(x any) {
	e := x.(*Event)
	*q = append(*q, e)
	e.index = len(*q)
}
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	e.index = 0
	return e
}
