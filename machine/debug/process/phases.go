package process

import (
	"forkscope/gdbstub"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/guest"
)

// phases takes threads from one phase to the next.
type phases struct {
	*scene
	regs     *registers
	memory   *memory
	stepping *thread // executes one instruction in this stretch
}

// happening is what happens to a thread; the package comment says what each is.
type happening uint8

const (
	called happening = iota
	back
	took
	resumed
	goes

	happeningCount
)

// action does what a thread's phase and what happens to it ask for, and may have something to report.
type action func(p *phases, t *thread, o *cpu.Orders) (gdbstub.Stop, bool)

// actions is the table in the package comment. What is not in it needs nothing to be done.
var actions [phaseCount][happeningCount]action

func init() {
	actions = [phaseCount][happeningCount]action{
		inProgram: {called: meetCall, back: payDebts, goes: execute},
		atCall:    {resumed: makeCall},
		calling:   {goes: executeCall},
		atSignal:  {back: payDebts, took: meetSignal},
	}
}

// happens does what is to be done when something happens to a thread.
func (p *phases) happens(t *thread, what happening, o *cpu.Orders) (gdbstub.Stop, bool) {
	if do := actions[t.phase][what]; do != nil {
		return do(p, t, o)
	}
	return gdbstub.Stop{}, false
}

// meetCall: a system call that is followed is next.
func meetCall(p *phases, t *thread, _ *cpu.Orders) (gdbstub.Stop, bool) {
	n := int(p.guest.CPU().SyscallNumber())
	t.call = n
	if t.catches(n) {
		t.phase = atCall
		return p.emit(t, gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Syscall: n})
	}
	return makeCall(p, t, nil)
}

// makeCall: the thread is to make the system call that it is at.
func makeCall(p *phases, t *thread, _ *cpu.Orders) (gdbstub.Stop, bool) {
	t.phase = calling
	t.forgive(dueReturn)
	t.forgive(dueExec)
	if p.executes(t.call) {
		t.owe(dueExec, gdbstub.Stop{})
	}
	if t.catches(t.call) {
		t.owe(dueReturn, gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Syscall: t.call})
	}
	return gdbstub.Stop{}, false
}

// executeCall: no interrupt, and with it no signal, comes before the call.
func executeCall(p *phases, t *thread, o *cpu.Orders) (gdbstub.Stop, bool) {
	t.phase = inProgram
	t.skip.known = false
	o.Pass = true
	p.control.Once(o)
	p.beginStep(t)
	return gdbstub.Stop{}, false
}

// execute: the thread goes on in user mode, first of all to what it owes.
func execute(p *phases, t *thread, o *cpu.Orders) (gdbstub.Stop, bool) {
	if stop, stopped := p.happens(t, back, nil); stopped {
		return stop, true
	}
	if pc := p.guest.CPU().PC(); t.skip.known && t.skip.pc == pc {
		t.skip.known = false
		if p.callIsNext() {
			// Passing the breakpoint would pass the stop for the call, too.
			if stop, stopped := meetCall(p, t, nil); stopped || t.phase == atCall {
				return stop, stopped
			}
			return executeCall(p, t, o)
		}
		o.Pass, o.PassWatch = true, t.skip.watch
		// An interrupt would come first, and after it the breakpoint would be reported again.
		p.control.Once(o)
	}
	t.skip.known = false
	switch pc := p.guest.CPU().PC(); {
	case t.inRange(pc) && o.Time == clock.Never:
		// At full speed, with all that interrupts it: what leaves the range ends it.
		o.Outside = cpu.NewRange(0, p.guest.OS.UserEnd(), t.action.Start, t.action.End)
		t.step = step{inKernel: true}
	case t.steps():
		p.control.Step(o)
		p.beginStep(t)
	}
	return gdbstub.Stop{}, false
}

// beginStep notes where the instruction is that is being stepped.
func (p *phases) beginStep(t *thread) {
	if t.steps() {
		p.stepping = t
		t.step.from, t.step.fromKnown = p.guest.CPU().PC(), true
	}
}

// payDebts sees to what was to be looked at when the thread is back from the kernel: it is in user mode, or about to take a signal there.
func payDebts(p *phases, t *thread, _ *cpu.Orders) (gdbstub.Stop, bool) {
	signal := t.phase == atSignal
	for len(t.due) > 0 {
		d := t.due[0]
		if d.kind == dueExec && signal {
			break // the program's first instruction is yet to come
		}
		t.due = t.due[1:]
		if stop, owed := p.owed(t, d); owed {
			return p.emit(t, stop)
		}
	}
	if signal || !t.steps() {
		return gdbstub.Stop{}, false
	}
	return p.backInStep(t)
}

// owed is what is reported of a debt, if anything is.
func (p *phases) owed(t *thread, d debt) (gdbstub.Stop, bool) {
	switch d.kind {
	case dueExec:
		return p.executed(t)
	case dueFork:
		return d.stop, p.set.procs[d.stop.Child.PID] != nil // else killed before it ran
	case dueVForkDone:
		return gdbstub.Stop{Kind: gdbstub.StopVForkDone}, p.wants.events.VFork
	case dueCreated:
		return gdbstub.Stop{Kind: gdbstub.StopThreadCreated}, p.wants.events.Threads
	}
	return d.stop, true
}

// backInStep ends the step over a system call. An instruction that was interrupted, or has waited for its page, is still next.
func (p *phases) backInStep(t *thread) (gdbstub.Stop, bool) {
	if !t.step.inKernel {
		return gdbstub.Stop{}, false
	}
	t.step.inKernel = false
	if t.step.fromKnown && p.guest.CPU().PC() == t.step.from {
		return gdbstub.Stop{}, false
	}
	return p.stepped(t)
}

// stepped ends a step, or goes on with it while the program counter is in its range.
func (p *phases) stepped(t *thread) (gdbstub.Stop, bool) {
	pc := p.guest.CPU().PC()
	if !t.inRange(pc) {
		return p.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
	}
	t.step.fromKnown = false
	if stop, hit := p.hitBreak(t, pc); hit {
		stop, stopped := p.emit(t, stop)
		t.skip = skip{pc: pc, known: true}
		return stop, stopped
	}
	return gdbstub.Stop{}, false
}

// hitBreak says with which stop, if any, the breakpoints of the process whose thread is on the CPU end the run: conditions are tested
// here, in the target. Of several the one at the address that the debugger sees counts first.
func (p *phases) hitBreak(t *thread, pc uint64) (gdbstub.Stop, bool) {
	var first *gdbstub.Breakpoint
	for _, b := range p.control.Breaks.At(t.proc.owner(), pc) {
		if (first == nil || b.Address == pc) && b.Hit(condition{p, t}) {
			first = b
		}
	}
	switch {
	case first == nil:
		return gdbstub.Stop{}, false
	case first.Address != pc:
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP, Console: aboutJump(first.Address)}, true
	}
	return guest.BreakStop(first), true
}

// executed is called when a thread is back from execve.
func (p *phases) executed(t *thread) (gdbstub.Stop, bool) {
	task, err := p.task(t)
	if err != nil || task.MM == t.proc.mm {
		return gdbstub.Stop{}, false // it failed
	}
	p.guest.Forget()
	proc := t.proc
	proc.mm = task.MM
	proc.leaderCode = nil
	// Whatever thread called it is now the process's only one, and its first.
	for _, other := range proc.threads {
		delete(p.set.byTask, other.task)
	}
	p.set.byTask[t.task] = t
	proc.threads = []*thread{t}
	t.id.TID = int(task.PID)
	t.action.Thread = t.id
	t.signals.held, t.skip.known = nil, false
	if !p.wants.events.Exec {
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGTRAP}, true
	}
	path, err := p.guest.OS.ExePath(&task)
	if err != nil {
		path = ""
	}
	return gdbstub.Stop{Kind: gdbstub.StopExec, Path: path}, true
}
