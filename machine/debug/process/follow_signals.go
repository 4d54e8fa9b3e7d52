package process

import (
	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
)

// signalSought is at the first instruction of dequeue_signal. Only its call by get_signal, on the way back to user mode, is followed: from
// there on there is a hook where it returns to. A thread that is not running takes no signals: for it the queue looks empty, and time
// passes until the next interrupt; where it is wanted in user mode, it does not look at the queue again.
func (f *follower) signalSought() {
	t := f.onCPU()
	if t == nil {
		return
	}
	call := f.guest.Frame()
	at, ret, onTheWayOut, err := f.guest.OS.SignalSought(call)
	if err != nil || !onTheWayOut {
		return
	}
	if f.hooks.taken == 0 {
		f.hooks.taken = ret
		f.control.Breaks.Hold(ret)
	}
	if !t.running && t.signals.rouse == 0 {
		switch {
		case f.guest.Answer(call, 0) != nil:
		case t == f.awaited && setFlag(f.scene, t, introspect.FlagSignal, false) == nil:
			t.signals.hidden = true
		default:
			f.control.SkipIdle()
		}
		f.hooks.handled = f.control.Moment()
		f.control.PassNext(true, false)
		return
	}
	t.signals.now = &signal{at: at}
	t.phase = atSignal
}

// signalTaken is where get_signal has the number of a signal, and has done nothing about it. A debugger that wants to hear of it decides
// what becomes of it; in the time between, this place is visited again.
func (f *follower) signalTaken() (gdbstub.Stop, bool) {
	t := f.onCPU()
	if t == nil || t.phase != atSignal {
		return gdbstub.Stop{}, false
	}
	if t.running {
		if stop, stopped := f.phases.happens(t, back, nil); stopped {
			return stop, true
		}
	}
	return f.phases.happens(t, took, nil)
}

// signalJudged is at the first instruction of sig_ignored and sig_fatal, which say of a signal sent to a task that it need not be queued.
// For a debugged process every signal is queued, as Linux does for one with a debugger, who may want to hear of it; but for those of which
// it does not.
func (f *follower) signalJudged() {
	call := f.guest.Frame()
	task, sig, err := f.guest.OS.Judged(call)
	t := f.set.byTask[task]
	if err != nil || t == nil {
		return
	}
	if sig != linuxSIGKILL && !t.proc.dying && !f.wants.pass[toDebugger(sig)] {
		_ = f.guest.Answer(call, 0)
	}
}
