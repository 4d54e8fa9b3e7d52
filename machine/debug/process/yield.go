package process

import "forkscope/kernel/introspect"

// setFlag sets or clears a flag of a thread that the kernel looks at on the thread's way to user mode.
func setFlag(s *scene, t *thread, flag introspect.Flag, on bool) error {
	task, err := s.task(t)
	if err != nil {
		return err
	}
	at, bit, err := s.guest.OS.Flag(&task, flag)
	if err != nil {
		return err
	}
	var b [1]byte
	if err := s.guest.ReadMemory(at, b[:]); err != nil {
		return err
	}
	if b[0] &^= bit; on {
		b[0] |= bit
	}
	return s.guest.WriteMemory(at, b[:])
}

// yield makes the thread on the CPU give it up, as at the end of its time slice. Where it is not known how, it goes on.
func (e *errands) yield(t *thread) {
	if setFlag(e.scene, t, introspect.FlagYield, true) == nil {
		e.control.EnterKernel()
	}
}

// showSignals lets the kernel see again that a thread may have a signal, which was kept from it for an errand (signalSought). The thread takes
// it before it executes anything.
func showSignals(s *scene, t *thread) {
	if !t.signals.hidden {
		return
	}
	t.signals.hidden = false
	if setFlag(s, t, introspect.FlagSignal, true) == nil && s.inUserMode(t) {
		s.control.EnterKernel()
	}
}

// othersReady says whether any task waits for its turn that would make something of it: not a thread that the debugger holds.
func (e *errands) othersReady() bool {
	ready, err := e.guest.OS.Ready()
	if err != nil || ready == 0 {
		return false
	}
	e.set.each(func(t *thread) {
		if task, err := e.task(t); err == nil && !t.running && task.State == 0 && task.ExitState == 0 {
			ready--
		}
	})
	return ready > 0
}
