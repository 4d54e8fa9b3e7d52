package clock

import (
	"cmp"
	"fmt"
	"slices"

	"forkscope/machine/snapshot"
)

// Own makes events part of the clock's state. Their names tell them apart.
func (c *Clock) Own(events ...*Event) {
	for _, e := range events {
		if c.owned(e.Name) != nil {
			panic("BUG: two events are called " + e.Name)
		}
		c.all = append(c.all, e)
	}
}

func (c *Clock) owned(name string) *Event {
	for _, e := range c.all {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// most is a time that no run reaches, in nanoseconds.
const most = 1 << 62

// nameMost bounds the name of an event, in bytes.
const nameMost = 64

// State goes over the time, and over the owned events that wait, in the order in which they fire.
func (c *Clock) State(v *snapshot.Visitor) {
	v.Section("clock")
	snapshot.Match(v, "ns an instruction", fmt.Sprint(c.per), func(state string) string {
		return fmt.Sprintf("an instruction takes %s ns in the state, %d ns in this machine", state, c.per)
	})
	snapshot.Uint(v, "retired", &c.Retired)
	snapshot.Uint(v, "skipped", &c.skipped)
	entered := c.Mark().Entered
	snapshot.Uint(v, "entered", &entered)
	waiting := c.waiting()
	n := len(waiting)
	snapshot.Uint(v, "events", &n)
	if !v.Loading() {
		for _, e := range waiting {
			snapshot.String(v, "event", &e.Name, nameMost)
			snapshot.Uint(v, "at", &e.at)
		}
		return
	}
	v.Check(c.Retired < most/c.per && c.skipped < most, "retired")
	c.entered, c.enteredAt = entered, c.Retired
	for _, e := range waiting {
		c.Cancel(e)
	}
	for range n {
		var name string
		var at uint64
		snapshot.String(v, "event", &name, nameMost)
		snapshot.Uint(v, "at", &at)
		e := c.owned(name)
		if v.Err() == nil && (e == nil || e.index != 0) {
			v.Fail("the state has an event %q, which this machine has not, or has once", name)
		}
		if v.Err() != nil {
			break
		}
		c.Schedule(e, at)
	}
	c.update()
}

// waiting lists the owned events that wait, in the order in which they fire.
func (c *Clock) waiting() []*Event {
	list := slices.DeleteFunc(slices.Clone(c.queue), func(e *Event) bool { return !slices.Contains(c.all, e) })
	slices.SortFunc(list, func(a, b *Event) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
	return list
}
