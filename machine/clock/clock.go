// Package clock is virtual time: the count of retired guest instructions, plus what an idle guest skipped.
// One count is one nanosecond of guest time, so that every timer of both machines derives from it exactly.
package clock

import "container/heap"

// Hz is the number of counts in one second of guest time.
const Hz = 1_000_000_000

// Never is later than every event.
const Never = ^uint64(0)

// Clock owns virtual time and the events that wait for it. Only the goroutine that runs the machine may use it.
type Clock struct {
	// Now is the current count. The CPU advances it as instructions retire and keeps it exact
	// whenever a device, a time register or an event can see it.
	Now uint64
	// Next is the count of the earliest event, or Never. Read-only outside this package.
	Next uint64

	queue queue
	seq   uint64
}

// New returns a clock at count 0 with no events.
func New() *Clock { return &Clock{Next: Never} }

// Event is one thing that can wait for a count: a timer's expiry. Its owner keeps it and schedules it again and again.
type Event struct {
	// Name says whose event this is, in digests and reports.
	Name string
	// Fire runs when the clock has reached the event's count. It may schedule events, its own included.
	Fire func()

	at    uint64
	seq   uint64 // events of the same count fire in the order they were scheduled
	index int    // in the queue, plus one; 0 is not queued
}

// At is the count the event waits for, or Never.
func (e *Event) At() uint64 {
	if e.index == 0 {
		return Never
	}
	return e.at
}

// Schedule makes e wait for the count at, replacing an earlier appointment. A count in the past fires at the next chance.
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

// RunDue fires, in order, every event whose count has been reached.
func (c *Clock) RunDue() {
	for len(c.queue) > 0 && c.queue[0].at <= c.Now {
		e := heap.Pop(&c.queue).(*Event)
		c.update()
		e.Fire()
	}
	c.update()
}

// Skip moves an idle guest's clock on to the next event, and no further than limit. It reports whether there was an event to skip to.
func (c *Clock) Skip(limit uint64) bool {
	if c.Next == Never {
		return false
	}
	if t := min(c.Next, limit); t > c.Now {
		c.Now = t
	}
	return true
}

func (c *Clock) update() {
	c.Next = Never
	if len(c.queue) > 0 {
		c.Next = c.queue[0].at
	}
}

// Ticks converts a count to ticks of a counter that runs at hz (at most Hz), without overflow for 580 years of guest time.
func Ticks(count, hz uint64) uint64 {
	return count/Hz*hz + count%Hz*hz/Hz
}

// Counts converts ticks of a counter at hz to the first count at which the counter has reached them. It saturates at Never.
func Counts(ticks, hz uint64) uint64 {
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
