package machine

import (
	"fmt"
	"runtime/debug"
	"strings"

	"forkscope/machine/clock"
	"forkscope/machine/cpu"
)

// Reason says why Run returned.
type Reason int

const (
	// Limit: the clock has reached the limit given to Run.
	Limit Reason = iota
	// Break: the next instruction is at a breakpoint, and has not been executed.
	Break
	// Watch: a watched datum was accessed.
	Watch
	// Requested: RequestStop was called.
	Requested
	// Syscall: the next instruction is a system call that the debugger asked for, and has not been executed.
	Syscall
	// User: the CPU is back in user mode, and the debugger asked for that.
	User
	// Exception: an instruction has raised an exception, and the debugger asked for that.
	Exception
	// Outside: the next instruction is outside of Orders.Outside, and has not been executed.
	Outside
	// PowerOff: the guest switched the machine off.
	PowerOff
	// Reset: the guest asked for a restart.
	Reset
	// Shutdown: the CPU cannot go on, such as after a triple fault.
	Shutdown
	// Diverged: a run that was to be as its log is another one.
	Diverged
	// Bug: the emulator found itself in a state that must not be.
	Bug
)

func (r Reason) String() string {
	return [...]string{"limit", "breakpoint", "watchpoint", "requested", "system call", "user mode", "exception",
		"outside", "power off", "reset", "shutdown", "not the log's run", "emulator bug"}[r]
}

// Final says whether the run is over for good.
func (r Reason) Final() bool { return r >= PowerOff }

// Stop is the result of Run.
type Stop struct {
	Reason Reason
	// Watch is the watchpoint that was hit (Reason Watch), and Addr the first watched address accessed, or that of the next instruction (Break, Outside).
	Watch cpu.Watchpoint
	Addr  uint64
	// Passed: what Orders.Pass was for is over.
	Passed bool
	// Status is the exit status for the host: the guest's own after PowerOff, 1 after Shutdown, Diverged and Bug.
	Status int
	// At is the moment that was the limit, and Time the time of it if that was (Limit).
	At   clock.Mark
	Time uint64
	// text is what a final stop has to say; the others are too many to be put into words unasked.
	text string
	// Report tells the emulator's developers more (Reason Bug).
	Report string
}

// Message is one sentence for a person.
func (s *Stop) Message() string {
	switch s.Reason {
	case Limit:
		if s.Time != 0 {
			return fmt.Sprintf("reached %d ns", s.Time)
		}
		return fmt.Sprintf("reached instruction %v", s.At)
	case Break:
		return fmt.Sprintf("breakpoint at %#x", s.Addr)
	case Watch:
		return fmt.Sprintf("watchpoint: %#x was accessed", s.Addr)
	case Requested:
		return "stopped by request"
	case Syscall:
		return "a system call"
	case User:
		return "back in user mode"
	case Exception:
		return "in an exception's handler"
	case Outside:
		return fmt.Sprintf("outside of the area, at %#x", s.Addr)
	}
	return s.text
}

// bug turns a panic of the emulator into the end of the run.
func (m *Machine) bug(panicked any) Stop {
	where := describe(m.cpu, m.clk)
	m.end = &Stop{
		Reason: Bug, Status: 1,
		text:   fmt.Sprintf("emulator bug: %s (%s)", strings.TrimPrefix(fmt.Sprint(panicked), "BUG: "), where),
		Report: fmt.Sprintf("%v\n%s\n%s%s", panicked, where, registers(m.cpu), debug.Stack()),
	}
	m.log.WithField("report", m.end.Report).Error("emulator bug")
	return *m.end
}

// describe says where the guest is, as far as a broken emulator can tell.
func describe(c cpu.View, t clock.View) (s string) {
	defer func() {
		if recover() != nil {
			s = "place unknown"
		}
	}()
	return fmt.Sprintf("pc %#x after %d instructions", c.PC(), t.Mark().Retired)
}

// registers lists the general registers, one a line.
func registers(c cpu.View) (s string) {
	defer func() {
		if recover() != nil {
			s += "no more registers can be read\n"
		}
	}()
	var buf [64]byte
	for i, r := range c.Registers() {
		if r.Group != "general" {
			continue
		}
		p := c.ReadRegister(i, buf[:])
		s += r.Name + " "
		for j := len(p) - 1; j >= 0; j-- {
			s += fmt.Sprintf("%02x", p[j])
		}
		s += "\n"
	}
	return s
}
