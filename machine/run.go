package machine

import (
	"fmt"
	"math"
	"time"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// slice bounds, in instructions, how long console output without a newline may wait in the buffer while the guest computes. It does not
// change what the guest does.
const slice = 2_000_000

// patience is the shortest run, in instructions, that waits for the reader of the console: what a debugger does in little steps has to come to its end.
const patience = 100_000

// Run lets the guest go on until the clock reaches limit (an absolute time in nanoseconds), or something stops it. After a final stop it
// returns the same Stop again. Clock.After(1) is the limit for one instruction.
//
// An idle guest's clock skips to its next event, unless it waits for the host at the other end of a stream: then it goes as the host's
// does. With no event to come, Run waits for input or for RequestStop, whatever the limit, unless Config.IdleToLimit is set. While a
// BoundedWriter has no room, Run waits for that, for input or for RequestStop; a run of less than patience does not.
//
// Live input enters only at states of the machine that a time alone identifies, so that a replay finds them: the moment the
// clock reaches a time, one instruction after the input was noticed, or a halt. (In between there are others: an exception's entry retires no
// instruction.)
func (m *Machine) Run(limit uint64) (stop Stop) {
	defer m.flush()
	defer func() {
		if p := recover(); p != nil {
			stop = m.bug(p)
		}
	}()
	for {
		if m.end != nil {
			return *m.end
		}
		if m.stopRequested.Load() && m.stopRequested.Swap(false) {
			return Stop{Reason: Requested, Message: "stopped by request"}
		}
		if m.admitAt == clock.Never && m.gate.Pending() {
			m.admitAt = m.clk.After(1)
		}
		if now := m.clk.Now(); now >= min(m.admitAt, m.gate.NextAt()) {
			m.clk.RunDue()
			m.admit(now >= m.admitAt)
		}
		if m.clk.Now() >= limit {
			return Stop{Reason: Limit, Message: fmt.Sprintf("reached %d ns", limit)}
		}
		if room := m.console.room(); room != nil && m.clk.Reaches(limit)-m.clk.Retired >= patience {
			select {
			case <-room:
			case <-m.gate.Arrived():
			}
			continue
		}
		exit := m.cpu.Run(min(m.clk.Reaches(min(limit, m.admitAt, m.gate.NextAt())), m.clk.Retired+slice))
		switch exit.Reason {
		case cpu.Limit, cpu.Requested: // why is found out above
			m.flush()
		case cpu.Halt:
			m.idle(limit)
		case cpu.Break:
			return Stop{Reason: Break, Message: fmt.Sprintf("breakpoint at %#x", m.cpu.PC())}
		case cpu.Watch:
			return Stop{
				Reason: Watch, Watch: exit.Watch, Addr: exit.Addr,
				Message: fmt.Sprintf("watchpoint: %#x was accessed", exit.Addr),
			}
		case cpu.Syscall:
			return Stop{Reason: Syscall, Message: fmt.Sprintf("system call %d", m.cpu.SyscallNumber())}
		case cpu.User:
			return Stop{Reason: User, Message: "back in user mode"}
		case cpu.Exception:
			return Stop{Reason: Exception, Message: "in an exception's handler"}
		case cpu.Shutdown:
			m.end = &Stop{Reason: Shutdown, Status: 1, Message: fmt.Sprintf("guest shut down: %s (%s)", exit.Detail, m.describe())}
		default:
			panic(fmt.Sprintf("BUG: the CPU left Run for reason %d", exit.Reason))
		}
	}
}

// flush writes out what the guest has printed.
func (m *Machine) flush() {
	m.console.flush()
	m.serial.flush()
}

// idle passes the time of a halted guest: input that waits enters, else the clock skips, else the host waits.
func (m *Machine) idle(limit uint64) {
	m.flush()
	if m.gate.Pending() {
		m.admit(true)
		return
	}
	next := min(m.clk.Next(), m.gate.NextAt())
	if m.idleToLimit {
		next = min(next, limit)
	}
	if next == clock.Never {
		<-m.gate.Arrived()
		return
	}
	next = max(m.clk.Now(), min(next, limit))
	if m.awaitsHost() {
		next = m.await(next)
	}
	m.clk.SkipTo(next)
}

// await passes an idle guest's time at the pace of the host's, to the time next or until something comes from the host, and returns the time
// that has been reached. A program that waits for its input and for a timer at once finds the same one first as it would anywhere else.
func (m *Machine) await(next uint64) uint64 {
	start := time.Now()
	wake := time.NewTimer(time.Duration(min(next-m.clk.Now(), math.MaxInt64)))
	defer wake.Stop()
	select {
	case <-wake.C:
		return next
	case <-m.gate.Arrived():
	}
	if !m.gate.Pending() {
		return m.clk.Now() // somebody wants the guest to stop
	}
	return min(next, m.clk.Now()+uint64(time.Since(start)))
}

// SkipIdle lets virtual time pass to the next event, as it does when the guest idles. With no event to come it does nothing.
func (m *Machine) SkipIdle() {
	if next := min(m.clk.Next(), m.gate.NextAt()); next != clock.Never {
		m.clk.SkipTo(next)
	}
}

// admit lets recorded input that is due, and live input if live is set, into the devices.
func (m *Machine) admit(live bool) {
	if live {
		m.admitAt = clock.Never
	}
	replaying := m.replaying()
	for _, in := range m.gate.Take(m.clk.Now(), live) {
		if in.Source == consoleSource {
			m.board.Console.Receive(in.Data)
			continue
		}
		if known, err := m.admitStream(in.Source, in.Data, replaying); err != nil {
			m.log.WithError(err).Warn("input that makes no sense is ignored")
		} else if !known {
			m.log.WithField("source", in.Source).Warn("input from an unknown source is ignored")
		}
	}
	if replaying && !m.replaying() {
		m.goLive()
	}
}
