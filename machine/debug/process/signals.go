package process

import (
	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
)

// signals is what is known of a thread's signals.
type signals struct {
	// now is the one that it has taken off its queue (atSignal); its number is 0 until it is known.
	now *signal
	// held was taken off the queue while the debugger wanted other threads to run.
	held *signal
	// given has the siginfo_t that the debugger wants the next signal it sends to have.
	given *signal
	// inject is the guest's number of one that the debugger sends, and rouse of one that only wakes the thread; 0 is none.
	inject, rouse int
}

// signal is one off the queue: the guest's number and its siginfo_t.
type signal struct {
	number int
	at     uint64 // address of the siginfo_t in the kernel; 0 for a held one
	info   []byte
}

// signalSought is at the first instruction of dequeue_signal. Only its call by get_signal, on the way back to user mode, is followed: from
// there on there is a hook where it returns to. A thread that is not running takes no signals: for it the queue looks empty, and time
// passes until the next interrupt.
func (v *View) signalSought() {
	t := v.onCPU()
	if t == nil {
		return
	}
	call := v.guest.Frame()
	at, ret, onTheWayOut, err := v.guest.OS.SignalSought(call)
	if err != nil || !onTheWayOut {
		return
	}
	if v.hooks.taken == 0 {
		v.hooks.taken = ret
		v.control.Breaks.Hold(ret)
	}
	if !t.running && t.signals.rouse == 0 {
		if v.guest.Answer(call, 0) == nil {
			v.control.SkipIdle()
		}
		v.hooks.handled = v.control.Moment()
		v.control.PassNext(true, false)
		return
	}
	t.signals.now = &signal{at: at}
	t.phase = atSignal
}

// signalTaken is where get_signal has the number of a signal, and has done nothing about it. A debugger that wants to hear of it decides
// what becomes of it; in the time between, this place is visited again.
func (v *View) signalTaken() (gdbstub.Stop, bool) {
	t := v.onCPU()
	if t == nil || t.phase != atSignal {
		return gdbstub.Stop{}, false
	}
	if t.running {
		if stop, stopped := v.happens(t, back, nil); stopped {
			return stop, true
		}
	}
	return v.happens(t, took, nil)
}

// meetSignal: the thread has a signal. Either it is seen to now, or the debugger is asked, who has decided when this happens again.
func meetSignal(v *View, t *thread, _ *control.Orders) (gdbstub.Stop, bool) {
	s := t.signals.now
	if s.number == 0 {
		return v.askAbout(t, s)
	}
	t.phase, t.signals.now = inProgram, nil
	if !t.running {
		// Other threads are wanted. This one goes on to user mode, where it waits, and gets its signal when it is resumed.
		s.at = 0
		t.signals.held = s
		_ = v.guest.SetResult(0)
		return gdbstub.Stop{}, false
	}
	n := toGuest(t.action.Signal)
	t.action.Signal = 0
	if n == s.number {
		return gdbstub.Stop{}, false
	}
	if err := v.guest.SetResult(uint64(n)); err == nil && n != 0 {
		_ = v.guest.WriteMemory(s.at, newSiginfo(n))
	}
	return gdbstub.Stop{}, false
}

// askAbout lets a signal go its way, or asks the debugger about it.
func (v *View) askAbout(t *thread, s *signal) (gdbstub.Stop, bool) {
	if t.running && t.steps() && t.step.inKernel {
		// The step over a system call ends before a signal that came meanwhile.
		if pc, err := v.userPC(t); err == nil && (!t.step.fromKnown || pc != t.step.from) && !t.inRange(pc) {
			t.step.inKernel = false
			return v.emit(t, gdbstub.Stop{Kind: gdbstub.StopStep})
		}
	}
	n := int(int32(v.guest.Frame().Result()))
	switch {
	case n == 0, t.proc.dying:
	case n == t.signals.rouse:
		_ = v.guest.SetResult(0) // it has done what it was sent for
	case n == t.signals.inject:
		t.signals.inject = 0
	case v.wants.pass[toDebugger(n)] && !t.steps():
	default:
		s.number = n
		s.info = v.readSiginfo(s.at)
		return v.emit(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: toDebugger(n)})
	}
	t.phase, t.signals.now = inProgram, nil
	return gdbstub.Stop{}, false
}

// signalJudged is at the first instruction of sig_ignored and sig_fatal, which say of a signal sent to a task that it need not be queued.
// For a debugged process every signal is queued, as Linux does for one with a debugger, who may want to hear of it; but for those of which
// it does not.
func (v *View) signalJudged() {
	call := v.guest.Frame()
	task, sig, err := v.guest.OS.Judged(call)
	t := v.set.byTask[task]
	if err != nil || t == nil {
		return
	}
	if sig != linuxSIGKILL && !t.proc.dying && !v.wants.pass[toDebugger(sig)] {
		_ = v.guest.Answer(call, 0)
	}
}

// judgeRouser makes sure that a signal that is sent to wake a thread is queued, though the program may ignore it.
func (v *View) judgeRouser() {
	if v.hooks.at[v.guest.CPU().PC()] != introspect.HookSignalJudged {
		return
	}
	call := v.guest.Frame()
	task, sig, err := v.guest.OS.Judged(call)
	if t := v.set.byTask[task]; err == nil && t != nil && sig == t.signals.rouse {
		_ = v.guest.Answer(call, 0)
	}
}

// siginfoSize is the size of the guest's siginfo_t.
const siginfoSize = 128

func (v *View) readSiginfo(at uint64) []byte {
	b := make([]byte, siginfoSize)
	if err := v.guest.ReadMemory(at, b); err != nil {
		return nil
	}
	return b
}

// newSiginfo is that of a signal which the debugger sends: from a user, of process 0.
func newSiginfo(n int) []byte {
	b := make([]byte, siginfoSize)
	b[0] = byte(n)
	return b
}

// send queues a signal for a thread.
func (v *View) send(t *thread, s *signal) error {
	info := s.info
	if len(info) == 0 {
		info = newSiginfo(s.number)
	}
	if _, err := v.call("send_sig_info", s.number, info, t.task); err != nil {
		return err
	}
	return v.guest.Nudge()
}
