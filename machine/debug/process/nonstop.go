package process

import (
	"context"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
)

// NonStop is the view in non-stop mode, where a thread stops and others run.
type NonStop struct{ view *View }

// NonStop returns it.
func (v *View) NonStop() NonStop { return NonStop{v} }

// SetNonStop implements gdbstub.NonStop.
func (n NonStop) SetNonStop(on bool) error {
	v := n.view
	v.scene.nonStop = on
	return nil
}

// Start sets threads in motion, or stops them, by the plan; see gdbstub.NonStop. It cannot mean processes that the debugger has not heard of.
func (n NonStop) Start(plan *gdbstub.Plan) error {
	v := n.view
	var first error
	v.scene.set.each(func(t *thread) {
		act, ok := covering(plan, t.id)
		switch {
		case !ok || act.Action == gdbstub.ActionStay || t.proc.unborn:
		case act.Action == gdbstub.ActionStop:
			if t.running {
				t.ask(0)
			}
		case !t.running:
			if err := v.resumeThread(t, act); err != nil && first == nil {
				first = err
			}
		}
	})
	return first
}

// ask stops a thread, which is to report that.
func (t *thread) ask(s gdbstub.Signal) { t.running, t.asked = false, &s }

// covering finds the action for a thread, if there is one.
func covering(plan *gdbstub.Plan, id gdbstub.ThreadID) (gdbstub.ThreadAction, bool) {
	for _, a := range plan.Actions {
		if a.Thread.Covers(id) {
			a.Thread = id
			return a, true
		}
	}
	return gdbstub.ThreadAction{}, false
}

// RunBackground lets what is not stopped live on. Where an idle guest's time passes as the host's does, so it does here, until the debugger
// says something; else the processes that are not debugged run as long as one of them has something to do, and when all of them wait, time
// stands still.
func (n NonStop) RunBackground(ctx context.Context) {
	s := n.view.scene
	if s.set.any(func(t *thread) bool { return t.phase == atSignal }) {
		return // it would lose its place
	}
	for ctx.Err() == nil {
		if _, over := s.kernel.Over(); over || s.nonStop && n.InMotion() {
			break
		}
		until := control.Forever()
		if s.nonStop {
			until.Time = s.control.Now() + nonStopSlice
		}
		if !s.control.Machine().RealTime() {
			if !n.othersBusy() {
				break
			}
			until.Time = s.control.After(backgroundSlice)
		}
		s.control.Run(ctx, until)
	}
	s.guest.Forget()
}

// nonStopSlice is how often it is looked, in non-stop mode, whether there is anything to tell the debugger, in nanoseconds of virtual time.
const nonStopSlice = 50_000_000

// backgroundSlice is how often it is looked whether any process that is not debugged has something to do, in instructions.
const backgroundSlice = 1_000_000

// othersBusy says whether a process that is not debugged has something to do, now and not only when time passes.
func (n NonStop) othersBusy() bool {
	v := n.view
	v.scene.guest.Forget()
	tasks, _ := v.scene.guest.Tasks()
	for i := range tasks {
		if t := &tasks[i]; living(t) && t.State == 0 && v.scene.set.byTask[t.Addr] == nil {
			return true
		}
	}
	return false
}

// InMotion says whether any thread runs, or has a stop that has not been reported.
func (n NonStop) InMotion() bool {
	v := n.view
	return len(v.scene.waiting) > 0 || v.scene.set.any(func(t *thread) bool { return t.running || t.asked != nil })
}

// Asked takes a stop that was asked for. A thread that has found something to report meanwhile reports that.
func (n NonStop) Asked() (gdbstub.Stop, bool) {
	v := n.view
	var found *thread
	v.scene.set.each(func(t *thread) {
		if found == nil && t.asked != nil {
			found = t
		}
	})
	if found == nil {
		return gdbstub.Stop{}, false
	}
	signal := *found.asked
	found.asked = nil
	return v.scene.report(found, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: signal}), true
}

// Stopped are the stops of all threads that are stopped and have been reported.
func (n NonStop) Stopped() []gdbstub.Stop {
	v := n.view
	var list []gdbstub.Stop
	v.scene.set.each(func(t *thread) {
		if !t.running && t.asked == nil && !t.proc.unborn {
			s := t.reported
			s.Thread = t.id
			list = append(list, s)
		}
	})
	return list
}

// StopThread takes note, in non-stop mode, that a thread has stopped; it says whether there is such a thread.
func (n NonStop) StopThread(id gdbstub.ThreadID) bool {
	v := n.view
	t := v.scene.set.thread(id)
	if t != nil {
		t.running = false
	}
	return t != nil
}

// Interrupt stops a thread that runs, which then reports SIGINT; it says whether there is one.
func (n NonStop) Interrupt() bool {
	v := n.view
	var found *thread
	v.scene.set.each(func(t *thread) {
		if t.running && (found == nil || t.id == v.scene.last) {
			found = t
		}
	})
	if found != nil {
		found.ask(gdbstub.SIGINT)
	}
	return found != nil
}
