// Package kernel is the kernel's view of a guest: one inferior, the kernel, whose threads are all tasks. A task on the CPU has the CPU's
// registers, any other those of its switch frame. A kernel whose tasks are not known has one thread, the CPU.
//
// Invariants: a step executes instructions of the stepped task alone; where the guest has stopped for the kernel's debugger and goes on
// from there, the same breakpoint is not reported again.
package kernel

import (
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// idleID is the thread id of the idle task, whose pid, 0, means "any thread" in the protocol: one above the largest pid of a 64-bit Linux.
const idleID = 1 << 22

// PID is the process id of the kernel's own inferior, where processes are shown too: no process can have it.
const PID = idleID

// Known says which programs a debugger has read, by their names without directories.
type Known interface {
	// Read reports whether the program was read, and Any whether any was.
	Read(name string) bool
	Any() bool
	// Names are those that were read, in alphabetical order.
	Names() []string
	// Has reports whether the program's file is there to be read.
	Has(name string) bool
}

// View is the kernel's view.
type View struct {
	guest   *guest.Guest
	control *control.Control
	// shown: the kernel is an inferior; pid is its number.
	shown bool
	pid   int
	known Known
	// execFile is the path by which gdb reads the kernel's symbols; "" is none.
	execFile string

	Steps  Steps
	panic  panicStop
	places places
	// ended is the stop with which the guest has ended, nil while it lives.
	ended    *gdbstub.Stop
	shownEnd bool // that the CPU cannot go on has been reported
	// Resumed: the debugger has resumed the kernel. Left: it has detached from it.
	Resumed, Left bool
	reported      reported
	atBreak       bool            // the run has ended at a breakpoint
	hinted        map[string]bool // programs whose symbols have been mentioned
	saidAlone     bool            // that a task does not run alone has been said
	asked         bool            // it is to report a stop that was asked for (non-stop)
}

// panicStop is the breakpoint on the kernel's panic: after it comes the end of the machine, and then there is nothing left to look at.
type panicStop struct {
	at      uint64 // 0 where it is not known
	stops   bool
	holding bool
}

// reported is where the last stop was, so that resuming there does not report its breakpoint again.
type reported struct {
	thread gdbstub.ThreadID
	pc     uint64
	valid  bool
	watch  bool // of a watchpoint, whose access has not happened
	told   bool // of a breakpoint there
}

// New shows g's kernel as process pid, or, if it is not shown, only looks after the machine.
func New(g *guest.Guest, shown bool, pid int, known Known, execFile string) *View {
	v := &View{guest: g, control: g.Control, shown: shown, pid: pid, known: known, execFile: execFile, hinted: make(map[string]bool)}
	v.panic.stops = true
	v.Steps = Steps{view: v, mask: stepEnable | stepNoIRQ | stepNoTimer}
	v.learn()
	return v
}

// learn looks up what is to be known of the kernel's image.
func (v *View) learn() {
	v.panic.at, _ = v.guest.Panic()
}

// holdPanic makes the CPU stop at the kernel's panic, or not.
func (v *View) holdPanic(want bool) {
	if want == v.panic.holding || v.panic.at == 0 {
		return
	}
	if v.panic.holding = want; want {
		v.control.Breaks.Hold(v.panic.at)
	} else {
		v.control.Breaks.Release(v.panic.at)
	}
}

// PID is the number of the kernel's process.
func (v *View) PID() int { return v.pid }

// Shown says whether the kernel is an inferior.
func (v *View) Shown() bool { return v.shown }

// Ended is the stop with which the guest has ended, or nil while it lives.
func (v *View) Ended() *gdbstub.Stop { return v.ended }

// Attach begins a session.
func (v *View) Attach() {
	v.holdPanic(true)
	v.Left = false
}

// Detach ends a session.
func (v *View) Detach() {
	v.Unplace()
	v.Resumed, v.asked = false, false
	v.holdPanic(false)
}

// Restarted forgets what was of the machine before.
func (v *View) Restarted() {
	v.ended, v.shownEnd = nil, false
	v.Unplace()
	holding := v.panic.holding
	v.holdPanic(false)
	v.learn()
	v.holdPanic(holding)
}

// Unplace forgets where the last stop was, because the guest has gone on from there, or is to go on elsewhere.
func (v *View) Unplace() { v.reported.valid = false }

// Runs says whether it is shown and the debugger has resumed it.
func (v *View) Runs() bool { return v.shown && v.Resumed }

// Over says whether the guest has ended, and with what words.
func (v *View) Over() (string, bool) {
	if v.ended == nil {
		return "", false
	}
	return v.ended.Console, true
}

// Rests says whether the guest is where the kernel's debugger was last told that it stopped.
func (v *View) Rests() bool { return v.reported.valid }

// Kill powers the guest off where it stands.
func (v *View) Kill() {
	if v.ended == nil {
		v.ended = &gdbstub.Stop{Kind: gdbstub.StopKilled, Thread: gdbstub.ThreadID{PID: v.pid}, Signal: gdbstub.SIGKILL}
	}
}

// Before implements control.Party.
func (v *View) Before(*cpu.Orders) (gdbstub.Stop, bool) { return gdbstub.Stop{}, false }

// Reached implements control.Party.
func (v *View) Reached(e *control.Event) (control.Answer, gdbstub.Stop) {
	switch e.Kind {
	case control.Break:
		if stop, hit := v.hitBreak(e.PC); hit {
			stop.Thread = v.OnCPU()
			return control.Report, stop
		}
		if e.PC == v.panic.at && v.panic.holding && v.panic.stops {
			return control.Report, gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: v.OnCPU(), Signal: gdbstub.SIGABRT, Console: "The kernel panics.\n"}
		}
	case control.Watch:
		if stop, hit := v.hitWatch(e); hit {
			stop.Thread = v.OnCPU()
			return control.Report, stop
		}
	case control.Interrupted:
		if v.shown {
			return control.Report, gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: v.OnCPU(), Signal: gdbstub.SIGINT}
		}
		return control.Report, gdbstub.Stop{Kind: gdbstub.StopNoResumed, Core: -1}
	case control.Shutdown:
		if !v.shownEnd {
			v.shownEnd = true
			return control.Report, gdbstub.Stop{
				Kind: gdbstub.StopSignal, Thread: v.OnCPU(), Signal: gdbstub.SIGABRT,
				Console: e.End.Message() + "\nIt cannot go on; this is how it was left.\n",
			}
		}
		return control.Report, v.end(e.End)
	case control.Ended:
		return control.Report, v.end(e.End)
	}
	return control.Other, gdbstub.Stop{}
}

// end takes note of the end of the guest.
func (v *View) end(s machine.Stop) gdbstub.Stop {
	v.ended = &gdbstub.Stop{
		Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: v.pid}, Core: -1, Code: s.Status, Console: s.Message() + "\n",
	}
	return *v.ended
}

// Report remembers the place of a stop and passes it on.
func (v *View) Report(s gdbstub.Stop) gdbstub.Stop {
	onCPU := s.Thread == v.OnCPU()
	v.reported = reported{thread: s.Thread, pc: v.guest.CPU().PC(), valid: onCPU, told: v.atBreak}
	switch s.Kind {
	case gdbstub.StopWatch, gdbstub.StopReadWatch, gdbstub.StopAccessWatch:
		v.reported.watch = v.control.WatchesBefore()
	}
	if !onCPU {
		s.Core = -1
	}
	return s
}

// Goes prepares for going on from the last stop: a breakpoint that was reported there is passed.
func (v *View) Goes() {
	r := &v.reported
	pass := r.valid && r.pc == v.guest.CPU().PC() && r.thread == v.OnCPU() && (r.told || !v.untold())
	v.control.PassNext(pass, pass && r.watch)
	v.atBreak = false
}

// find returns the task with a thread's id.
func (v *View) find(id gdbstub.ThreadID) (introspect.Task, error) {
	pid := id.TID
	if pid == idleID {
		pid = 0
	}
	if id.PID == v.pid {
		if t, err := v.guest.Find(int32(pid)); err == nil {
			return t, nil
		}
	}
	return introspect.Task{}, fmt.Errorf("%w: no task %d", gdbstub.ErrNotFound, id.TID)
}
