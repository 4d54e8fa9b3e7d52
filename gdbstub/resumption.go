package gdbstub

import (
	"bytes"
	"context"
	"errors"
)

// resumption sets the target going, and waits until it stops.
type resumption struct {
	*core
	breakpoints *breakpoints
	registers   *registers
	stops       *stops
	threads     *threads
	nonStop     *nonStop
	plan        Plan
	running     bool
}

func (r *resumption) register(t *requests) {
	t.letters['?'] = r.lastStop
	t.letters['c'] = r.oldContinue
	t.letters['C'] = r.oldContinueSignal
	t.letters['s'] = r.oldStep
	t.letters['S'] = r.oldStepSignal
	t.names["vCont"] = r.vCont
}

// vCont answers the question what it can do, and resumes by a list of actions.
func (r *resumption) vCont(rest []byte) error {
	if string(rest) == "?" {
		// All four of c, C, s, S, or gdb does without vCont altogether.
		r.w.str("vCont;c;C;s;S;r")
		if r.target.NonStop != nil {
			r.w.str(";t")
		}
		return nil
	}
	r.plan.Actions = r.plan.Actions[:0]
	if len(rest) < 2 || rest[0] != ';' {
		return invalid("vCont")
	}
	for rest = rest[1:]; ; {
		item, more, found := bytes.Cut(rest, []byte(";"))
		act, err := r.action(item)
		switch {
		case err == nil:
			r.plan.Actions = append(r.plan.Actions, act)
		case r.nonStop.on && errors.Is(err, ErrNotFound):
			// The thread ended while the debugger took it for stopped; the report of that is on its way.
		default:
			return err
		}
		if !found {
			return r.start()
		}
		rest = more
	}
}

// action reads one item of a vCont: c, CXX, s, SXX, rSTART,END or t, each with an optional :THREAD.
func (r *resumption) action(item []byte) (ThreadAction, error) {
	a := args{rest: item}
	act := ThreadAction{Thread: AllThreads}
	switch {
	case a.accept('c'):
		act.Action = ActionContinue
	case a.accept('C'):
		act.Action = ActionContinue
		act.Signal = Signal(a.upTo(255))
	case a.accept('s'):
		act.Action = ActionStep
	case a.accept('S'):
		act.Action = ActionStep
		act.Signal = Signal(a.upTo(255))
	case a.accept('r'):
		act.Action = ActionRange
		act.Start = a.num()
		a.expect(',')
		act.End = a.num()
	case r.nonStop.on && a.accept('t'):
		act.Action = ActionStop
	default:
		return act, invalid("vCont action")
	}
	if a.accept(':') {
		act.Thread = a.thread()
	}
	if !a.done() {
		return act, invalid("vCont action")
	}
	if act.Thread.TID > 0 {
		var err error
		if act.Thread, err = r.live(act.Thread); err != nil {
			return act, err
		}
	}
	return act, nil
}

// start makes the session Running with r.plan; the reply is the next stop'r.
func (r *resumption) start() error {
	if r.exited() {
		return r.lastStop(nil)
	}
	if r.nonStop.on {
		return r.nonStop.start(r.plan.Actions)
	}
	r.w.silent()
	r.running = true
	return nil
}

// The packets of clients without vCont. An address to go on at may follow.

func (r *resumption) oldContinue(rest []byte) error {
	return r.oldResume(ActionContinue, 0, args{rest: rest})
}

func (r *resumption) oldStep(rest []byte) error {
	return r.oldResume(ActionStep, 0, args{rest: rest})
}

func (r *resumption) oldContinueSignal(rest []byte) error {
	return r.oldResumeSignal(ActionContinue, rest)
}

func (r *resumption) oldStepSignal(rest []byte) error {
	return r.oldResumeSignal(ActionStep, rest)
}

func (r *resumption) oldResumeSignal(action Action, rest []byte) error {
	a := args{rest: rest}
	signal := Signal(a.upTo(255))
	if a.more() {
		a.expect(';')
		if !a.more() {
			a.bad = true
		}
	}
	return r.oldResume(action, signal, a)
}

// oldResume lets only the thread of Hc run if that is a particular one. Else all run, and a step or signal is for the
// current thread.
func (r *resumption) oldResume(action Action, signal Signal, a args) error {
	at, jump := uint64(0), a.more()
	if jump {
		at = a.num()
	}
	if !a.done() {
		return invalid("resume")
	}
	if r.exited() {
		return r.start()
	}
	id, err := r.live(r.resume)
	if err != nil {
		return err
	}
	if jump {
		if err := r.registers.jump(id, at); err != nil {
			return err
		}
	}
	r.plan.Actions = append(r.plan.Actions[:0], ThreadAction{Thread: id, Action: action, Signal: signal})
	if r.resume.TID <= 0 {
		all := AllThreads
		if r.resume.PID > 0 {
			all.PID = r.resume.PID
		}
		r.plan.Actions = append(r.plan.Actions, ThreadAction{Thread: all, Action: ActionContinue})
	}
	return r.start()
}

// run resumes the target by the plan and reports the stop; see Session.Run.
func (r *resumption) run(ctx context.Context) {
	if !r.running {
		return
	}
	r.breakpoints.flush()
	r.touch()
	r.w.silent()
	stop, err := r.target.Control.Resume(ctx, &r.plan)
	for err == nil && r.stops.hidden(&stop) {
		r.stops.forget(stop.Thread.PID)
		stop, err = r.target.Control.Resume(ctx, &r.plan)
	}
	r.running = false
	if err != nil {
		stop = r.stops.failed(err)
	}
	if stop.Kind == StopNoResumed {
		stop = r.unresumed(stop)
	}
	r.stops.stopped(stop)
	r.threads.stoppedAfter(&r.plan)
	if errors.Is(context.Cause(ctx), ErrDisconnected) {
		return
	}
	if stop.Console != "" {
		r.w.console([]byte(stop.Console))
	}
	r.w.begin()
	r.stops.reply(&r.stop)
	r.w.finish()
}

// unresumed makes sure of a StopNoResumed before gdb is told. gdb then asks which threads there are, and where it finds one that it has resumed it waits
// on, for a stop that nobody will send. As long as there is one the debugger is given back control, with that thread and no signal.
func (r *resumption) unresumed(stop Stop) Stop {
	for _, id := range r.target.Threads.AppendThreads(nil) {
		if r.plan.For(id).Action != ActionStay && r.visible(id.PID) {
			return Stop{Kind: StopSignal, Thread: id, Core: -1}
		}
	}
	if !r.client.noResumed {
		return Stop{Kind: StopSignal, Thread: r.exact(AnyThread), Core: -1}
	}
	return stop
}

// lastStop is '?'. When the last stop was the end of one process of several, the answer is about one that is left.
func (r *resumption) lastStop([]byte) error {
	if r.nonStop.on {
		return r.nonStop.allStopped()
	}
	if r.target.Processes == nil {
		r.stops.reply(&r.stop)
		return nil
	}
	stop := r.stop
	if id := r.exact(AnyThread); id.TID <= 0 || r.exited() {
		stop = Stop{Kind: StopExited} // "W00" says that nothing runs
	} else if id != stop.Thread || stop.ended() || stop.Kind == StopThreadExited || stop.Kind == StopNoResumed {
		stop = Stop{Kind: StopSignal, Thread: id, Core: -1}
	}
	r.stops.reply(&stop)
	return nil
}
