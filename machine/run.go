package machine

import (
	"fmt"
	"slices"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/timeline"
)

// slice bounds, in instructions, how long console output without a newline may wait in the buffer while the guest computes. It does not
// change what the guest does.
const slice = 2_000_000

// patience is the shortest run, in instructions, that waits for the reader of the console: what a debugger does in little steps has to come to its end.
const patience = 100_000

// Run lets the guest go on until something of o, or the end of the guest, stops it. After a final stop it returns the same Stop again. It changes nothing
// of o: Stop.Passed says whether o.Pass is used up.
//
// An idle guest's clock skips to its next event, at once or at the pace of the host's clock (Config.RealTime); so does that of a guest whose thread is
// parked, and it goes at the host's pace as well while the guest waits for the host at the other end of a stream. With no event to come, Run
// waits for input or for RequestStop, whatever the limit, unless Config.IdleToLimit is set. While a BoundedWriter has no room, Run waits
// for that, for input or for RequestStop; a run of less than patience does not.
//
// What is due at a moment happens before Run returns at it, and before anything that a host does at it.
func (m *Machine) Run(o *cpu.Orders) (stop Stop) {
	defer m.flush()
	defer func() {
		if p := recover(); p != nil {
			stop = m.bug(p)
		}
	}()
	m.orders = *o
	over := false
	for !over {
		if stop, over = m.before(o); !over {
			exit := m.cpu.Run(&m.orders)
			if exit.Passed {
				m.orders.Pass, m.orders.PassWatch = false, false
			}
			stop, over = m.after(o, exit)
		}
	}
	m.clk.RunDue()
	if m.pace.real {
		m.pace.sinceStop()
	}
	stop.Passed = o.Pass && !m.orders.Pass
	return stop
}

// before sees to what comes before the CPU goes on, which may be the end of the run, and says how far the CPU is to go.
func (m *Machine) before(o *cpu.Orders) (stop Stop, over bool) {
	for {
		m.admit()
		switch {
		case m.end != nil:
			return *m.end, true
		case m.stopRequested.Load() && m.stopRequested.Swap(false):
			return Stop{Reason: Requested}, true
		case !m.clk.Mark().Before(o.Until):
			return Stop{Reason: Limit, At: m.clk.Mark()}, true
		case m.clk.Now() >= o.Time:
			return Stop{Reason: Limit, Time: o.Time}, true
		}
		room := m.console.room()
		if room == nil || min(o.Until.Retired, m.clk.Reaches(o.Time))-m.clk.Retired < patience {
			break
		}
		select {
		case <-room:
		case <-m.gate.Arrived():
		}
	}
	m.orders.Until = o.Until
	if s := (clock.Mark{Retired: m.clk.Retired + slice}); s.Before(o.Until) {
		m.orders.Until = s
	}
	if !m.gate.Feeding() {
		m.noteOrders(o)
		return stop, false
	}
	if next := m.gate.Next().At; next.Before(m.orders.Until) {
		m.orders.Until = next
	}
	m.orders.Hold, m.orders.Held = m.held, true
	m.orders.Park = false
	m.orders.Watches = m.watched
	return stop, false
}

// noteOrders logs what of the orders a guest can see: that interrupts are taken again, and other watched pages.
func (m *Machine) noteOrders(o *cpu.Orders) {
	m.orders.Hold = o.Hold && !o.Park
	if m.held && !m.orders.Hold {
		m.held = false
		m.note(timeline.Effect{Kind: timeline.Hold})
	}
	m.orders.Held = m.held
	if list := o.Watches.List(); !slices.Equal(list, m.watched.List()) {
		m.watched = quiet(list)
		m.note(timeline.Effect{Kind: timeline.Watch, Data: encodeWatches(list)})
	}
}

// after sees to what the CPU has come back for, which may be the end of the run.
func (m *Machine) after(o *cpu.Orders, exit cpu.Exit) (stop Stop, over bool) {
	switch exit.Reason {
	case cpu.Limit, cpu.Requested: // why is found out before the CPU goes on
		m.flush()
	case cpu.Halt:
		m.idle(o)
	case cpu.Parked:
		m.wait(o, true)
	case cpu.Shadowed:
		m.do(timeline.Effect{Kind: timeline.Settle})
	case cpu.Held:
		m.held = true
		m.note(timeline.Effect{Kind: timeline.Hold, N: 1})
	case cpu.Break:
		return Stop{Reason: Break, Addr: m.cpu.PC()}, true
	case cpu.Outside:
		return Stop{Reason: Outside, Addr: m.cpu.PC()}, true
	case cpu.Watch:
		return Stop{Reason: Watch, Watch: exit.Watch, Addr: exit.Addr}, true
	case cpu.Syscall:
		return Stop{Reason: Syscall}, true
	case cpu.User:
		return Stop{Reason: User}, true
	case cpu.Exception:
		return Stop{Reason: Exception}, true
	case cpu.Shutdown:
		m.end = &Stop{Reason: Shutdown, Status: 1, text: fmt.Sprintf("guest shut down: %s (%s)", exit.Detail, describe(m.cpu, m.clk))}
	default:
		panic(fmt.Sprintf("BUG: the CPU left Run for reason %d", exit.Reason))
	}
	return stop, false
}

// flush writes out what the guest has printed.
func (m *Machine) flush() {
	m.console.flush()
	m.serial.flush()
}

// idle passes the time of a halted guest.
func (m *Machine) idle(o *cpu.Orders) {
	m.flush()
	if m.gate.Pending() {
		return // it enters now
	}
	if m.gate.Feeding() && min(m.clk.Next(), m.clk.TimeOf(m.gate.Next().At)) == clock.Never {
		m.diverged("the guest waits for ever")
		return
	}
	m.wait(o, false)
}

// wait lets time pass to the guest's next event, no further than the run may go, or until something comes from the host. That of a parked
// thread is noted: without the debugger, the thread would have gone on.
func (m *Machine) wait(o *cpu.Orders, parked bool) {
	next := m.clk.Next()
	if m.gate.Feeding() {
		next = min(next, m.clk.TimeOf(m.gate.Next().At))
	}
	if m.idleToLimit {
		next = min(next, o.Time)
	}
	if next == clock.Never {
		<-m.gate.Arrived()
		return
	}
	next = min(next, o.Time, m.clk.TimeOf(o.Until))
	if !m.gate.Feeding() && (m.pace.real || m.streams.awaitHost()) {
		next = m.clk.Now() + m.pace.pass(next-m.clk.Now(), m.clk.Now()-m.clk.Mark().Skipped, m.gate.Arrived())
	}
	if parked {
		m.do(timeline.Effect{Kind: timeline.Skip, N: next - m.clk.Now()})
		return
	}
	m.clk.SkipTo(next)
}
