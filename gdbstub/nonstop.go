package gdbstub

import (
	"context"
	"errors"
)

// nonStop is the session's side of non-stop mode: stops are reported by a notification, one at a time, and what
// comes meanwhile waits until the debugger asks for it by vStopped (gdb manual, "Remote Protocol Support for Non-Stop Mode").
type nonStop struct {
	*core
	breakpoints *breakpoints
	stops       *stops

	on bool
	// queue holds the stops that the debugger has not been told of.
	queue []Stop
	// strange is a process that has just been attached to. gdb reads its description only when it has heard that it stopped,
	// and until then could misread registers; 0 is none.
	strange int
	// notified says that the debugger has been sent a stop and will ask by vStopped until it is told that there are no more.
	notified bool
}

func (n *nonStop) register(r *requests) {
	r.names["QNonStop"] = n.set
	r.names["vStopped"] = n.next
	r.names["vCtrlC"] = n.interrupt
}

// drop forgets the stops of a process that is debugged no more.
func (n *nonStop) drop(pid int) {
	kept := n.queue[:0]
	for _, stop := range n.queue {
		if stop.Thread.PID != pid || stop.ended() {
			kept = append(kept, stop)
		}
	}
	n.queue = kept
}

// set is QNonStop:0 or 1.
func (n *nonStop) set(rest []byte) error {
	if n.target.NonStop == nil {
		return ErrUnsupported
	}
	a := args{rest: rest}
	a.expect(':')
	on := a.upTo(1) == 1
	if !a.done() {
		return invalid("QNonStop")
	}
	if on == n.on {
		return n.ok()
	}
	if n.moving() {
		return invalid("threads are running")
	}
	if err := n.target.NonStop.SetNonStop(on); err != nil {
		return err
	}
	n.on, n.queue, n.strange, n.notified = on, nil, 0, false
	return n.ok()
}

// end gives the target back in the mode in which every session begins.
func (n *nonStop) end() {
	if !n.on {
		return
	}
	n.on, n.queue, n.strange, n.notified = false, nil, 0, false
	if err := n.target.NonStop.SetNonStop(false); err != nil {
		n.log("non-stop mode: " + err.Error())
	}
}

// moving reports whether run is worth a call: see Session.Moving.
func (n *nonStop) moving() bool {
	return n.on && !n.finished && (n.unsaid() || n.target.NonStop.InMotion())
}

// unsaid reports whether a notification is due.
func (n *nonStop) unsaid() bool { return !n.notified && len(n.queue) > 0 }

// start sets threads in motion. Those with a stop that the debugger hasn't heard of stay, and so does a process that such a stop tells of: it can't mean
// them.
func (n *nonStop) start(actions []ThreadAction) error {
	if len(n.queue) > 0 {
		var stay []ThreadAction
		for _, stop := range n.queue {
			if !stop.ended() {
				stay = append(stay, ThreadAction{Thread: stop.Thread, Action: ActionStay})
			}
			if stop.Child.PID > 0 {
				stay = append(stay, ThreadAction{Thread: ThreadID{PID: stop.Child.PID, TID: AllThreads.TID}, Action: ActionStay})
			}
		}
		actions = append(stay, actions...)
	}
	n.breakpoints.flush()
	n.touch()
	if err := n.target.NonStop.Start(&Plan{Actions: actions}); err != nil {
		return err
	}
	return n.ok()
}

// run runs the target until a thread stops, of which the debugger is notified, or until ctx is cancelled; see Session.RunNonStop.
func (n *nonStop) run(ctx context.Context) {
	if !n.moving() {
		return
	}
	if !n.unsaid() {
		n.breakpoints.flush()
		n.touch()
		stop, ok, err := n.target.NonStop.RunNonStop(ctx)
		n.touch()
		if err != nil {
			stop, ok = n.stops.failed(err), true
		}
		if !ok || n.stops.hidden(&stop) {
			return
		}
		n.took(stop)
	}
	if !n.unsaid() || errors.Is(context.Cause(ctx), ErrDisconnected) {
		return
	}
	stop := n.popStop()
	n.notified = true
	n.w.silent()
	if stop.Console != "" {
		n.w.console([]byte(stop.Console))
	}
	n.w.notify()
	n.w.str("Stop:")
	n.told(&stop)
	n.w.finish()
}

// took notes a stop of the target'n. The selection is the debugger's alone in this mode.
func (n *nonStop) took(stop Stop) {
	general := n.general
	n.stop = stop
	n.stops.settle(&stop)
	n.general = general
	if stop.ended() && general.PID == stop.Thread.PID {
		n.general = AnyThread
	}
	n.queue = append(n.queue, stop)
}

func (n *nonStop) popStop() Stop {
	stop := n.queue[0]
	n.queue = append(n.queue[:0], n.queue[1:]...)
	return stop
}

// next is vStopped: the next stop that waits, or OK.
func (n *nonStop) next([]byte) error {
	if n.target.NonStop == nil {
		return ErrUnsupported
	}
	if len(n.queue) == 0 {
		n.notified = false
		return n.ok()
	}
	n.notified = true
	stop := n.popStop()
	n.told(&stop)
	return nil
}

// told writes a stop.
func (n *nonStop) told(stop *Stop) {
	if stop.Thread.PID == n.strange {
		n.strange = 0
		n.stops.bareReply(stop)
		return
	}
	n.stops.reply(stop)
}

// allStopped is '?' in non-stop mode: the first of all stops, of which the rest is asked for by vStopped, or OK.
func (n *nonStop) allStopped() error {
	// What waits to be said is stopped as well, except for ends, of which nothing is left.
	var ends []Stop
	for _, stop := range n.queue {
		if stop.ended() {
			ends = append(ends, stop)
		}
	}
	n.queue = append(ends, n.target.NonStop.Stopped()...)
	n.notified = false
	return n.next(nil)
}

// interrupt is vCtrlC. In all-stop mode a request is read only when nothing runs.
func (n *nonStop) interrupt([]byte) error {
	if n.target.NonStop == nil {
		return ErrUnsupported
	}
	if !n.on {
		return n.ok()
	}
	if err := n.target.NonStop.Interrupt(); err != nil {
		return err
	}
	return n.ok()
}

// interruptAll is Ctrl-C outside of a packet.
func (n *nonStop) interruptAll() {
	if err := n.target.NonStop.Interrupt(); err != nil {
		n.log("interrupt: " + err.Error())
	}
}
