package control

import (
	"context"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// Until says when a run is over though there is nothing to report.
type Until struct {
	// Time is the guest's, in nanoseconds, clock.Never for none.
	Time uint64
	// At is asked at a breakpoint that nobody has reported, and outside of Outside.
	At func(pc uint64) bool
	// Hold keeps interrupts out all the while.
	Hold bool
	// AtException ends it when an instruction raises an exception.
	AtException bool
	// Outside is code on leaving which the processor stops; nil is none.
	Outside *cpu.Area
}

// Forever is a run that only a stop ends.
func Forever() Until { return Until{Time: clock.Never} }

// Run lets the guest go until a party has something to report (stopped), or until the run is over.
func (c *Control) Run(ctx context.Context, u Until) (stop gdbstub.Stop, stopped bool) {
	// A party may let the guest go from within what it is asked or told.
	r := c.spare
	if r == nil {
		r = new(stretch)
	}
	c.spare = nil
	defer func() { c.spare = r }()
	o, e := &r.orders, &r.reached
	for {
		*o = cpu.NoOrders
		o.Time, o.Hold, o.AtException, o.Outside = u.Time, u.Hold, u.AtException, u.Outside
		o.Pass, o.PassWatch = c.first.pass, c.first.passWatch
		c.first.pass, c.first.passWatch = false, false
		for _, p := range c.parties {
			if stop, stopped = p.Before(o); stopped {
				return stop, true
			}
		}
		s := c.letGo(o)
		if s.Reason == machine.Exception {
			return gdbstub.Stop{}, false // the instruction that raised it has been executed, as far as it goes
		}
		if s.Reason == machine.Requested && ctx.Err() == nil {
			continue
		}
		c.look(&s, e)
		switch answer, stop := c.tell(e); answer {
		case Report:
			return stop, true
		case Leave:
			return gdbstub.Stop{}, false
		case Other:
			if c.unanswered(e, &u) {
				return gdbstub.Stop{}, false
			}
		}
		if e.Kind == Limit && ctx.Err() != nil {
			e.Kind = Interrupted
			answer, stop := c.tell(e)
			return stop, answer == Report
		}
		if c.over || u.Time != clock.Never && c.Now() >= u.Time {
			return gdbstub.Stop{}, false
		}
	}
}

// letGo lets the machine go by the orders.
func (c *Control) letGo(o *cpu.Orders) machine.Stop {
	o.Breaks, o.Watches = c.Breaks.set, c.Breaks.watched
	s := c.machine.Run(o)
	if (s.Reason == machine.Limit || s.Reason == machine.Requested) && !s.Passed {
		c.first.pass, c.first.passWatch = o.Pass, o.PassWatch // not executed yet
	}
	return s
}

// stretch is one, from its orders to what it has come to. It is kept, since a breakpoint's false condition makes one of nothing but that.
type stretch struct {
	orders  cpu.Orders
	reached Event
}

// look makes an event of what a stretch has come to.
func (c *Control) look(s *machine.Stop, e *Event) {
	*e = Event{PC: c.CPU().PC(), User: !c.CPU().Privileged(), Watch: s.Watch, Addr: s.Addr}
	switch s.Reason {
	case machine.Limit:
		e.Kind = Limit
	case machine.Break:
		e.Kind = Break
	case machine.Outside:
		e.Kind = Outside
	case machine.Watch:
		e.Kind = Watch
	case machine.Syscall:
		e.Kind = Syscall
	case machine.User:
		e.Kind = User
	case machine.Requested:
		e.Kind = Interrupted
	case machine.Shutdown:
		e.Kind, e.End, c.over = Shutdown, *s, true
	default:
		e.Kind, e.End, c.over = Ended, *s, true
	}
}

func (c *Control) tell(e *Event) (Answer, gdbstub.Stop) {
	for _, p := range c.parties {
		if answer, stop := p.Reached(e); answer != Other {
			return answer, stop
		}
	}
	return Other, gdbstub.Stop{}
}

// unanswered is what becomes of an event that concerns nobody; it reports whether the run is over with it.
func (c *Control) unanswered(e *Event, u *Until) bool {
	switch e.Kind {
	case Break, Outside:
		if u.At != nil && u.At(e.PC) {
			return true
		}
		c.first.pass = true
	case Syscall:
		c.first.pass = true
	case Watch:
		// Where the access has not happened yet, it must be let through; else it has.
		c.first.pass, c.first.passWatch = c.WatchesBefore(), c.WatchesBefore()
	case Interrupted:
		return true
	}
	return false
}

// Until lets the machine run, with interrupts held off and no party told of anything, until pc is next, for so many instructions at most.
// visit is called at each breakpoint on the way.
func (c *Control) Until(pc, most uint64, visit func()) machine.Stop {
	o := cpu.NoOrders
	o.Time, o.Hold = c.After(most), true
	for {
		s := c.letGo(&o)
		c.first.pass, c.first.passWatch = false, false
		o.Pass, o.PassWatch = o.Pass && !s.Passed, o.PassWatch && !s.Passed
		switch s.Reason {
		case machine.Break:
			at := c.CPU().PC()
			if at == pc {
				return s
			}
			visit()
			o.Pass = at == c.CPU().PC()
		case machine.Watch:
			o.Pass, o.PassWatch = c.WatchesBefore(), c.WatchesBefore()
		case machine.Requested:
			defer c.machine.RequestStop() // whoever wants a stop gets it when the guest goes on
		default:
			return s
		}
	}
}
