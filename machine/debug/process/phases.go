package process

import (
	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
)

// happening is what happens to a thread; the package comment says what each is.
type happening uint8

const (
	called happening = iota
	back
	took
	resumed
	goes
)

// action does what a thread's phase and what happens to it ask for, and may have something to report.
type action func(v *View, t *thread, o *control.Orders) (gdbstub.Stop, bool)

// actions is the table in the package comment. What is not in it needs nothing to be done.
var actions map[phase]map[happening]action

func init() {
	actions = map[phase]map[happening]action{
		inProgram: {called: meetCall, back: payDebts, goes: execute},
		atCall:    {resumed: makeCall},
		calling:   {goes: executeCall},
		atSignal:  {back: payDebts, took: meetSignal},
	}
}

// happens does what is to be done when something happens to a thread.
func (v *View) happens(t *thread, what happening, o *control.Orders) (gdbstub.Stop, bool) {
	if do := actions[t.phase][what]; do != nil {
		return do(v, t, o)
	}
	return gdbstub.Stop{}, false
}

// meetCall: a system call that is followed is next.
func meetCall(v *View, t *thread, _ *control.Orders) (gdbstub.Stop, bool) {
	n := int(v.guest.CPU().SyscallNumber())
	t.call = n
	if t.catches(n) {
		t.phase = atCall
		return v.emit(t, gdbstub.Stop{Kind: gdbstub.StopSyscallEntry, Syscall: n})
	}
	return makeCall(v, t, nil)
}

// makeCall: the thread is to make the system call that it is at.
func makeCall(v *View, t *thread, _ *control.Orders) (gdbstub.Stop, bool) {
	t.phase = calling
	t.forgive(dueReturn)
	t.forgive(dueExec)
	if v.executes(t.call) {
		t.owe(dueExec, gdbstub.Stop{})
	}
	if t.catches(t.call) {
		t.owe(dueReturn, gdbstub.Stop{Kind: gdbstub.StopSyscallReturn, Syscall: t.call})
	}
	return gdbstub.Stop{}, false
}

// executeCall: no interrupt, and with it no signal, comes before the call.
func executeCall(v *View, t *thread, o *control.Orders) (gdbstub.Stop, bool) {
	t.phase = inProgram
	t.skip.known = false
	o.Pass = true
	v.control.Once(o)
	v.beginStep(t)
	return gdbstub.Stop{}, false
}

// execute: the thread goes on in user mode, first of all to what it owes.
func execute(v *View, t *thread, o *control.Orders) (gdbstub.Stop, bool) {
	if stop, stopped := v.happens(t, back, nil); stopped {
		return stop, true
	}
	if pc := v.guest.CPU().PC(); t.skip.known && t.skip.pc == pc {
		t.skip.known = false
		if v.callIsNext() {
			// Passing the breakpoint would pass the stop for the call, too.
			if stop, stopped := meetCall(v, t, nil); stopped || t.phase == atCall {
				return stop, stopped
			}
			return executeCall(v, t, o)
		}
		o.Pass, o.PassWatch = true, t.skip.watch
		// An interrupt would come first, and after it the breakpoint would be reported again.
		v.control.Once(o)
	}
	t.skip.known = false
	if t.steps() {
		v.control.Step(o)
		v.beginStep(t)
	}
	return gdbstub.Stop{}, false
}

// beginStep notes where the instruction is that is being stepped.
func (v *View) beginStep(t *thread) {
	if t.steps() {
		v.stepping = t
		t.step.from, t.step.fromKnown = v.guest.CPU().PC(), true
	}
}

// payDebts sees to what was to be looked at when the thread is back from the kernel: it is in user mode, or about to take a signal there.
func payDebts(v *View, t *thread, _ *control.Orders) (gdbstub.Stop, bool) {
	signal := t.phase == atSignal
	for len(t.due) > 0 {
		d := t.due[0]
		if d.kind == dueExec && signal {
			break // the program's first instruction is yet to come
		}
		t.due = t.due[1:]
		if stop, owed := v.owed(t, d); owed {
			return v.emit(t, stop)
		}
	}
	if signal || !t.steps() {
		return gdbstub.Stop{}, false
	}
	return v.backInStep(t)
}

// owed is what is reported of a debt, if anything is.
func (v *View) owed(t *thread, d debt) (gdbstub.Stop, bool) {
	switch d.kind {
	case dueExec:
		return v.executed(t)
	case dueFork:
		c := v.set.procs[d.stop.Child.PID]
		if c == nil {
			return gdbstub.Stop{}, false // killed before it ran
		}
		c.unborn = false
		return d.stop, true
	case dueVForkDone:
		return gdbstub.Stop{Kind: gdbstub.StopVForkDone}, v.wants.events.VFork
	case dueCreated:
		return gdbstub.Stop{Kind: gdbstub.StopThreadCreated}, v.wants.events.Threads
	}
	return d.stop, true
}

// backInStep ends the step over a system call. An instruction that was interrupted, or has waited for its page, is still next.
func (v *View) backInStep(t *thread) (gdbstub.Stop, bool) {
	if !t.step.inKernel {
		return gdbstub.Stop{}, false
	}
	t.step.inKernel = false
	if t.step.fromKnown && v.guest.CPU().PC() == t.step.from {
		return gdbstub.Stop{}, false
	}
	return v.stepped(t)
}

// stepped ends a step, or goes on with it while the program counter is in its range.
func (v *View) stepped(t *thread) (gdbstub.Stop, bool) {
	pc := v.guest.CPU().PC()
	if !t.inRange(pc) {
		return v.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
	}
	t.step.fromKnown = false
	if stop, hit := v.hitBreak(t, pc); hit {
		t.skip = skip{pc: pc, known: true}
		return v.emit(t, stop)
	}
	return gdbstub.Stop{}, false
}
