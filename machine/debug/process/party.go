package process

import (
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/control"
)

// party is the processes' say in how the guest runs.
type party struct {
	*scene
	phases   *phases
	follower *follower
	errands  *errands
	launch   *launch
	idle     int // how often a breakpoint was reached for nothing since others had a turn on the CPU
}

// idleATurn is how often that may be. A breakpoint with a false condition takes no time of the guest's, and much of the host's: who waits for
// another thread would wait for long.
const idleATurn = 4000

// Before implements control.Party: whether user mode may go on, and how far.
func (p *party) Before(o *cpu.Orders) (gdbstub.Stop, bool) {
	p.phases.stepping = nil
	if p.set.empty() && p.launch == nil {
		return gdbstub.Stop{}, false
	}
	o.Syscalls = p.followed()
	o.AtUser = p.launch != nil || p.set.any((*thread).awaitsUser)
	if p.guest.CPU().Privileged() {
		return gdbstub.Stop{}, false
	}
	t := p.onCPU()
	switch {
	case t == nil:
		return gdbstub.Stop{}, false
	case !t.running:
		o.Park = true
		return gdbstub.Stop{}, false
	}
	return p.phases.happens(t, goes, o)
}

// Reached implements control.Party.
func (p *party) Reached(e *control.Event) (control.Answer, gdbstub.Stop) {
	var stop gdbstub.Stop
	var stopped bool
	switch e.Kind {
	case control.Limit:
		stop, stopped = p.stretchOver()
	case control.User:
		stop, stopped = p.launching()
	case control.Syscall:
		return p.atCall()
	case control.Break:
		return p.atBreak(e)
	case control.Outside:
		if t := p.onCPU(); t != nil && t.inRange(t.action.Start) {
			stop, stopped = p.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
		}
	case control.Watch:
		if t := p.onCPU(); t != nil && e.User {
			stop, stopped = p.hitWatch(t, e)
		}
	case control.Interrupted:
		return p.interrupted()
	case control.Ended:
		p.end(e.End.Message())
	}
	if stopped {
		return control.Report, stop
	}
	return control.Other, stop
}

// stretchOver looks whether the instruction that was stepped has been executed.
func (p *party) stretchOver() (gdbstub.Stop, bool) {
	t := p.phases.stepping
	if t == nil {
		return gdbstub.Stop{}, false
	}
	if p.guest.CPU().Privileged() {
		t.step.inKernel = true
		return gdbstub.Stop{}, false
	}
	return p.phases.stepped(t)
}

// atCall is told that the program on the CPU is about to make a system call that is followed.
func (p *party) atCall() (control.Answer, gdbstub.Stop) {
	t := p.onCPU()
	if t == nil {
		if p.launch != nil && p.executes(int(p.guest.CPU().SyscallNumber())) {
			p.launch.execing, _ = p.guest.CurrentTask()
		}
		return control.Other, gdbstub.Stop{}
	}
	if stop, stopped := p.phases.happens(t, called, nil); stopped {
		return control.Report, stop
	}
	return control.Resume, gdbstub.Stop{}
}

// atBreak is told that a breakpoint's address is next: a hook's, or one of a process's.
func (p *party) atBreak(e *control.Event) (control.Answer, gdbstub.Stop) {
	if !e.User {
		stop, stopped := p.follower.visit()
		switch {
		case stopped:
			return control.Report, stop
		case p.guest.CPU().PC() != e.PC:
			return control.Resume, stop
		}
		return control.Other, stop
	}
	t := p.onCPU()
	if t == nil {
		return control.Other, gdbstub.Stop{}
	}
	defer func() { t.skip = skip{pc: e.PC, known: true} }()
	if stop, hit := p.phases.hitBreak(t, e.PC); hit {
		if stop, stopped := p.emit(t, stop); stopped {
			return control.Report, stop
		}
	} else if p.idle++; p.idle >= idleATurn && len(p.control.Breaks.At(control.Kernel, e.PC)) == 0 {
		p.idle = 0
		if p.errands.othersReady() {
			p.errands.yield(t)
			return control.Resume, stop
		}
	}
	return control.Other, gdbstub.Stop{}
}

// hitWatch is hitBreak for watchpoints: what the kernel does to a program's memory on its behalf is not watched, as it is not with a
// processor's debug registers under Linux.
func (p *party) hitWatch(t *thread, e *control.Event) (stop gdbstub.Stop, stopped bool) {
	p.control.Breaks.Watched(t.proc.owner(), e.Watch, func(b *gdbstub.Breakpoint, _ uint64) bool {
		if !b.Hit(condition{p.phases, t}) {
			return false
		}
		stop, stopped = p.emit(t, gdbstub.Stop{Kind: control.WatchStop(b), Address: e.Addr})
		t.skip = skip{pc: e.PC, known: p.control.WatchesBefore(), watch: true}
		return true
	})
	return stop, stopped
}

// end takes note of the end of the guest, with which all its processes end too.
func (p *party) end(why string) {
	for _, pid := range slices.Clone(p.set.pids) {
		p.drop(p.set.procs[pid])
		p.waiting = append(p.waiting, gdbstub.Stop{
			Kind: gdbstub.StopKilled, Signal: gdbstub.SIGKILL, Thread: gdbstub.ThreadID{PID: pid}, Core: -1, Console: why + "\n",
		})
		p.notify(Event{Kind: Killed, PID: pid, Signal: gdbstub.SIGKILL, Number: linuxSIGKILL})
	}
}

// launch is a program that is waited for: a process that executes its file begins to be debugged there.
type launch struct {
	path    string
	execing uint64 // the task that has called execve
	done    *process
	// failed: a child of init has come back from execve, which is how a further program ends that cannot be executed.
	failed bool
}

// launching looks whether the task that is back in user mode executes the program that is waited for.
func (p *party) launching() (gdbstub.Stop, bool) {
	l := p.launch
	if l == nil {
		return gdbstub.Stop{}, false
	}
	task, err := p.guest.CurrentTask()
	if err != nil || l.execing != task || p.set.byTask[task] != nil {
		return gdbstub.Stop{}, false
	}
	l.execing = 0
	t, err := p.guest.OS.Task(task)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	at, err := p.guest.OS.ExePath(&t)
	if err != nil {
		return gdbstub.Stop{}, false
	}
	p.guest.Forget()
	if at != l.path {
		l.failed = at == p.initPath()
		return gdbstub.Stop{Kind: gdbstub.StopExec}, l.failed
	}
	if l.done, err = p.adopt(int(t.TGID), false); err != nil {
		return gdbstub.Stop{}, false
	}
	return gdbstub.Stop{Kind: gdbstub.StopExec}, true
}

// initPath is the program of process 1.
func (p *party) initPath() string {
	t, err := p.guest.Find(1)
	if err != nil {
		return ""
	}
	path, _ := p.guest.OS.ExePath(&t)
	return path
}

// interrupted answers Ctrl-C. Where the kernel is resumed, the task on the CPU stops where it is; else, of the threads that run, the one on
// the CPU or the one that was reported last.
func (p *party) interrupted() (control.Answer, gdbstub.Stop) {
	if p.nonStop {
		return control.Leave, gdbstub.Stop{} // only the session's turn; see Interrupt
	}
	if p.kernel.Shown() && (p.kernel.Runs() || !p.inMotion()) {
		return control.Other, gdbstub.Stop{}
	}
	t := p.runner()
	if t == nil {
		return control.Other, gdbstub.Stop{}
	}
	id := t.id
	p.stopAll()
	if err := p.errands.settle(); err != nil {
		if _, over := p.kernel.Over(); over {
			stop, _ := p.nextEnd()
			return control.Report, stop
		}
	}
	if t = p.set.thread(id); t == nil {
		stop, _ := p.pending() // it has just ended
		return control.Report, stop
	}
	return control.Report, p.report(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGINT})
}

// runner is the running thread that stands for all: the one on the CPU, the one reported last, or any.
func (p *party) runner() *thread {
	if t := p.onCPU(); t != nil && t.running {
		return t
	}
	if t := p.set.thread(p.last); t != nil && t.running {
		return t
	}
	var found *thread
	p.set.each(func(t *thread) {
		if found == nil && t.running {
			found = t
		}
	})
	return found
}
