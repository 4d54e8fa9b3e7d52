package process

import (
	"forkscope/gdbstub"
	"forkscope/machine/cpu"
)

// meetSignal: the thread has a signal. Either it is seen to now, or the debugger is asked, who has decided when this happens again.
func meetSignal(p *phases, t *thread, _ *cpu.Orders) (gdbstub.Stop, bool) {
	s := t.signals.now
	if s.number == 0 {
		return p.askAbout(t, s)
	}
	t.phase, t.signals.now = inProgram, nil
	if !t.running {
		// Other threads are wanted. This one goes on to user mode, where it waits, and gets its signal when it is resumed.
		s.at = 0
		t.signals.held = s
		_ = p.guest.SetResult(0)
		return gdbstub.Stop{}, false
	}
	n := toGuest(t.action.Signal)
	t.action.Signal = 0
	if n == s.number {
		return gdbstub.Stop{}, false
	}
	if err := p.guest.SetResult(uint64(n)); err == nil && n != 0 {
		_ = p.guest.WriteMemory(s.at, newSiginfo(n))
	}
	return gdbstub.Stop{}, false
}

// askAbout lets a signal go its way, or asks the debugger about it.
func (p *phases) askAbout(t *thread, s *signal) (gdbstub.Stop, bool) {
	if t.running && t.steps() && t.step.inKernel {
		// The step over a system call ends before a signal that came meanwhile.
		if pc, err := p.regs.userPC(t); err == nil && (!t.step.fromKnown || pc != t.step.from) && !t.inRange(pc) {
			t.step.inKernel = false
			return p.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
		}
	}
	n := int(int32(p.guest.Frame().Result()))
	switch {
	case n == 0, t.proc.dying:
	case n == t.signals.rouse:
		_ = p.guest.SetResult(0) // it has done what it was sent for
	case n == t.signals.inject:
		t.signals.inject = 0
	case p.wants.pass[toDebugger(n)] && !t.steps():
	default:
		s.number = n
		s.info = p.readSiginfo(s.at)
		return p.emit(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: toDebugger(n)})
	}
	t.phase, t.signals.now = inProgram, nil
	return gdbstub.Stop{}, false
}
