package gdbstub

import (
	"context"
	"errors"
)

// nonStopState is the session's side of non-stop mode: stops are reported by a notification, one at a time, and what
// comes meanwhile waits until the debugger asks for it by vStopped (gdb manual, "Remote Protocol Support for Non-Stop Mode").
type nonStopState struct {
	on bool
	// queue holds the stops that the debugger has not been told of.
	queue []Stop
	// strange is a process that has just been attached to. gdb reads its description only when it has heard that it stopped,
	// and until then could misread registers; 0 is none.
	strange int
	// notified says that the debugger has been sent a stop and will ask by vStopped until it is told that there are no more.
	notified bool
}

// drop forgets the stops of a process that is debugged no more.
func (n *nonStopState) drop(pid int) {
	kept := n.queue[:0]
	for _, stop := range n.queue {
		if stop.Thread.PID != pid || stop.ended() {
			kept = append(kept, stop)
		}
	}
	n.queue = kept
}

// setNonStop is QNonStop:0 or 1.
func (s *Session) setNonStop(rest []byte) error {
	if s.target.NonStop == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1) == 1
	if !a.done() {
		return invalid("QNonStop")
	}
	if on == s.nonStop.on {
		return s.ok()
	}
	if s.Moving() {
		return invalid("threads are running")
	}
	if err := s.target.NonStop.SetNonStop(on); err != nil {
		return err
	}
	s.nonStop = nonStopState{on: on}
	return s.ok()
}

// endNonStop gives the target back in the mode in which every session begins.
func (s *Session) endNonStop() {
	if !s.nonStop.on {
		return
	}
	s.nonStop = nonStopState{}
	if err := s.target.NonStop.SetNonStop(false); err != nil {
		s.log("non-stop mode: " + err.Error())
	}
}

// Moving reports whether, in non-stop mode, the owner is to call RunNonStop whenever there is nothing to feed.
func (s *Session) Moving() bool {
	return s.nonStop.on && !s.finished && (s.unsaid() || s.target.NonStop.InMotion())
}

// unsaid reports whether a notification is due.
func (s *Session) unsaid() bool { return !s.nonStop.notified && len(s.nonStop.queue) > 0 }

// startNonStop sets threads in motion by s.plan. Those with a stop that the debugger hasn't heard of stay: it can't mean
// them.
func (s *Session) startNonStop() error {
	if len(s.nonStop.queue) > 0 {
		var stay []ThreadAction
		for _, stop := range s.nonStop.queue {
			if !stop.ended() {
				stay = append(stay, ThreadAction{Thread: stop.Thread, Action: ActionStay})
			}
		}
		s.plan.Actions = append(stay, s.plan.Actions...)
	}
	s.breakpoints.flush(s)
	s.touch()
	if err := s.target.NonStop.Start(&s.plan); err != nil {
		return err
	}
	return s.ok()
}

// RunNonStop runs the target until a thread stops, of which the debugger is notified, or until ctx is cancelled, which the
// owner does when there are bytes to feed.
func (s *Session) RunNonStop(ctx context.Context) {
	if !s.Moving() {
		return
	}
	if !s.unsaid() {
		s.breakpoints.flush(s)
		s.touch()
		stop, ok, err := s.target.NonStop.RunNonStop(ctx)
		s.touch()
		if err != nil {
			stop, ok = s.failedStop(err), true
		}
		if !ok || s.hidden(&stop) {
			return
		}
		s.tookNonStop(stop)
	}
	if !s.unsaid() || errors.Is(context.Cause(ctx), ErrDisconnected) {
		return
	}
	stop := s.popStop()
	s.nonStop.notified = true
	s.sending = false
	if stop.Console != "" {
		s.console([]byte(stop.Console))
	}
	s.w.notify()
	s.w.str("Stop:")
	s.told(&stop)
	s.end()
}

// tookNonStop notes a stop of the target's. The selection is the debugger's alone in this mode.
func (s *Session) tookNonStop(stop Stop) {
	general := s.general
	s.stop = stop
	s.settle(&stop)
	s.general = general
	if stop.ended() && general.PID == stop.Thread.PID {
		s.general = AnyThread
	}
	s.nonStop.queue = append(s.nonStop.queue, stop)
}

func (s *Session) popStop() Stop {
	stop := s.nonStop.queue[0]
	s.nonStop.queue = append(s.nonStop.queue[:0], s.nonStop.queue[1:]...)
	return stop
}

// nextNotified is vStopped: the next stop that waits, or OK.
func (s *Session) nextNotified([]byte) error {
	if s.target.NonStop == nil {
		return ErrUnsupported
	}
	if len(s.nonStop.queue) == 0 {
		s.nonStop.notified = false
		return s.ok()
	}
	s.nonStop.notified = true
	stop := s.popStop()
	s.told(&stop)
	return nil
}

// told writes a stop.
func (s *Session) told(stop *Stop) {
	if stop.Thread.PID == s.nonStop.strange {
		s.nonStop.strange = 0
		s.bareStopReply(stop)
		return
	}
	s.stopReply(stop)
}

// allStopped is '?' in non-stop mode: the first of all stops, of which the rest is asked for by vStopped, or OK.
func (s *Session) allStopped() error {
	// What waits to be said is stopped as well, except for ends, of which nothing is left.
	var ends []Stop
	for _, stop := range s.nonStop.queue {
		if stop.ended() {
			ends = append(ends, stop)
		}
	}
	s.nonStop.queue = append(ends, s.target.NonStop.Stopped()...)
	s.nonStop.notified = false
	return s.nextNotified(nil)
}

// interrupt is vCtrlC. In all-stop mode a request is read only when nothing runs.
func (s *Session) interrupt([]byte) error {
	if s.target.NonStop == nil {
		return ErrUnsupported
	}
	if !s.nonStop.on {
		return s.ok()
	}
	if err := s.target.NonStop.Interrupt(); err != nil {
		return err
	}
	return s.ok()
}

// interruptNonStop is Ctrl-C outside of a packet.
func (s *Session) interruptNonStop() {
	if err := s.target.NonStop.Interrupt(); err != nil {
		s.log("interrupt: " + err.Error())
	}
}
