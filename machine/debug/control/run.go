package control

import (
	"context"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
)

// Until says when a run is over though there is nothing to report.
type Until struct {
	// Limit is the clock's count, clock.Never for none.
	Limit uint64
	// At is asked at a breakpoint that nobody has reported.
	At func(pc uint64) bool
	// Hold keeps interrupts out all the while.
	Hold bool
	// AtException ends it when an instruction raises an exception.
	AtException bool
	// Outside makes the processor stop, as at a breakpoint, where it leaves a range; nil is none.
	Outside *Outside
}

// Outside is the end of a loop: instructions near a range of addresses, but not in it.
type Outside struct {
	// Start and End bound the range, End exclusive, by linear addresses.
	Start, End uint64
	// Near is how far before and behind the range, in bytes, its end is looked for.
	Near uint64
}

// Has says whether pc is one of them.
func (o *Outside) Has(pc uint64) bool {
	low, high := o.bounds()
	return pc >= low && pc < high && (pc < o.Start || pc >= o.End)
}

func (o *Outside) bounds() (low, high uint64) {
	low, high = o.Start-min(o.Start, o.Near), o.End+o.Near
	if high < o.End {
		high = ^uint64(0)
	}
	return low, high
}

// Forever is a run that only a stop ends.
func Forever() Until { return Until{Limit: clock.Never} }

// Run lets the guest go until a party has something to report (stopped), or until the run is over.
func (c *Control) Run(ctx context.Context, u Until) (stop gdbstub.Stop, stopped bool) {
	if u.Outside != nil {
		defer c.surround(u.Outside)()
	}
	for {
		o := Orders{
			Limit: u.Limit, Hold: u.Hold, AtException: u.AtException, Pass: c.first.pass, PassWatch: c.first.passWatch,
		}
		c.first.pass, c.first.passWatch = false, false
		for _, p := range c.parties {
			if stop, stopped = p.Before(&o); stopped {
				return stop, true
			}
		}
		s := c.stretch(&o)
		if s.Reason == machine.Exception {
			return gdbstub.Stop{}, false // the instruction that raised it has been executed, as far as it goes
		}
		if s.Reason == machine.Requested && ctx.Err() == nil {
			continue
		}
		e := c.event(&s)
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
		if c.over || u.Limit != clock.Never && c.Now() >= u.Limit {
			return gdbstub.Stop{}, false
		}
	}
}

// stretch lets the machine go by the orders.
func (c *Control) stretch(o *Orders) machine.Stop {
	d := c.cpu.Debug()
	d.StepOver, d.PassWatch, d.HoldInterrupts = o.Pass, o.PassWatch, o.Hold
	d.AtUser, d.AtException, d.Park, d.Syscalls = o.AtUser, o.AtException, o.Park, o.Syscalls
	s := c.machine.Run(o.Limit)
	if s.Reason == machine.Limit || s.Reason == machine.Requested {
		c.first.pass, c.first.passWatch = d.StepOver, d.StepOver && d.PassWatch // not executed yet
	}
	c.Idle()
	return s
}

// Idle takes all orders back: the guest may be run by others now.
func (c *Control) Idle() {
	d := c.cpu.Debug()
	d.StepOver, d.PassWatch, d.HoldInterrupts, d.AtUser, d.AtException, d.Park, d.Syscalls = false, false, false, false, false, false, nil
}

func (c *Control) event(s *machine.Stop) *Event {
	e := &Event{PC: c.cpu.PC(), User: !c.cpu.Privileged(), Watch: s.Watch, Addr: s.Addr, End: *s}
	switch s.Reason {
	case machine.Limit:
		e.Kind = Limit
	case machine.Break:
		e.Kind = Break
	case machine.Watch:
		e.Kind = Watch
	case machine.Syscall:
		e.Kind = Syscall
	case machine.User:
		e.Kind = User
	case machine.Requested:
		e.Kind = Interrupted
	case machine.Shutdown:
		e.Kind, c.over = Shutdown, true
	default:
		e.Kind, c.over = Ended, true
	}
	return e
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
	case Break:
		if u.At != nil && u.At(e.PC) {
			return true
		}
		c.first.pass = true
	case Syscall:
		c.first.pass = true
	case Watch:
		// Where the access has not happened yet, it must be let through; else it has.
		c.first.pass, c.first.passWatch = c.watchesBefore, c.watchesBefore
	case Interrupted:
		return true
	}
	return false
}

// Until lets the machine run, with interrupts held off and no party told of anything, until pc is next, for so many instructions at most.
// visit is called at each breakpoint on the way.
func (c *Control) Until(pc, most uint64, visit func()) machine.Stop {
	defer c.Idle()
	end := c.Now() + most
	d := c.cpu.Debug()
	for {
		d.HoldInterrupts = true
		s := c.machine.Run(end)
		d.StepOver, d.PassWatch = false, false
		switch s.Reason {
		case machine.Break:
			at := c.cpu.PC()
			if at == pc {
				return s
			}
			visit()
			d.StepOver = at == c.cpu.PC()
		case machine.Watch:
			d.StepOver, d.PassWatch = c.watchesBefore, c.watchesBefore
		case machine.Requested:
			defer c.machine.RequestStop() // whoever wants a stop gets it when the guest goes on
		default:
			return s
		}
	}
}

// surround sets breakpoints on all that is outside, and returns what takes them away.
func (c *Control) surround(o *Outside) func() {
	step := uint64(1)
	if c.ARM64() {
		step = 4
	}
	each := func(do func(uint64)) {
		low, high := o.bounds()
		for va := low; va < high; va += step {
			if o.Has(va) {
				do(va)
			}
		}
	}
	each(c.Breaks.Hold)
	return func() { each(c.Breaks.Release) }
}
