package debug

import (
	"context"

	"forkscope/gdbstub"
	"forkscope/machine/clock"
)

// SetNonStop implements gdbstub.NonStop.
func (d *Debugger) SetNonStop(on bool) error {
	d.nonStop = on
	return nil
}

// Start implements gdbstub.NonStop.
func (d *Debugger) Start(plan *gdbstub.Plan) error {
	var first error
	d.eachThread(func(t *thread) {
		act, ok := covering(plan, t.id)
		switch {
		case !ok:
		case act.Action == gdbstub.ActionStop:
			if t.running {
				t.running = false
				t.stopAsked = true
			}
		case !t.running:
			if err := d.resumeThread(t, act); err != nil && first == nil {
				first = err
			}
		}
	})
	if d.view != ProcessView {
		if act, ok := covering(plan, d.onCPU()); ok {
			d.kernelResumed = act.Action != gdbstub.ActionStop
			d.kernelAsked = act.Action == gdbstub.ActionStop
		}
	}
	return first
}

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

// RunBackground implements gdbstub.Background: what is not stopped lives on. Where an idle guest's time passes as the host's does, so it does here, until the
// debugger says something; else the processes that are not debugged run as long as one of them has something to do, and when all of them wait, time stands still.
func (d *Debugger) RunBackground(ctx context.Context) {
	// A thread that is about to take a signal would lose its place.
	if d.ended != nil || d.view == BothViews && !d.kernelLeft || d.anyThread(func(t *thread) bool { return t.signal != nil }) {
		return
	}
	release := context.AfterFunc(ctx, d.machine.RequestStop)
	defer release()
	for d.ended == nil && ctx.Err() == nil && !(d.nonStop && d.InMotion()) {
		until := uint64(clock.Never)
		if d.nonStop {
			until = d.machine.Clock().Now() + nonStopSlice
		}
		if !d.machine.RealTime() {
			if !d.othersBusy() {
				break
			}
			until = d.machine.Clock().After(backgroundSlice)
		}
		d.run(ctx, until, nil)
	}
	d.forget()
}

// nonStopSlice is how often it is looked, in non-stop mode, whether there is anything to tell the debugger, in nanoseconds of virtual time.
const nonStopSlice = 50_000_000

// backgroundSlice is how often it is looked whether any process that is not debugged has something to do, in instructions.
const backgroundSlice = 1_000_000

// othersBusy says whether a process that is not debugged has something to do, now and not only when time passes.
func (d *Debugger) othersBusy() bool {
	d.forget()
	for _, t := range d.list() {
		if t.MM != 0 && t.State == 0 && t.ExitState == 0 && d.byTask[t.Addr] == nil {
			return true
		}
	}
	return false
}

// InMotion implements gdbstub.NonStop.
func (d *Debugger) InMotion() bool {
	return d.ended == nil && (d.kernelResumed || d.kernelAsked || len(d.waiting) > 0 ||
		d.anyThread(func(t *thread) bool { return t.running || t.stopAsked }))
}

// RunNonStop implements gdbstub.NonStop.
func (d *Debugger) RunNonStop(ctx context.Context) (gdbstub.Stop, bool, error) {
	d.forget()
	if stop, ok := d.askedStop(); ok {
		return stop, true, nil
	}
	release := context.AfterFunc(ctx, d.machine.RequestStop)
	defer release()
	stop, ok := d.pendingStop()
	for !ok && ctx.Err() == nil && d.InMotion() {
		stop, ok = d.run(ctx, clock.Never, nil)
	}
	d.forget()
	d.rest(0)
	if d.ended != nil {
		return d.final(), true, nil
	}
	if t := d.thread(stop.Thread); ok && t != nil {
		t.running = false
	} else if ok && stop.Thread.PID == d.kernelPID {
		d.kernelResumed = false
		stop = d.report(stop)
	}
	return stop, ok, nil
}

// askedStop takes a stop that ActionStop asked for. A thread that has found something to report meanwhile reports that.
func (d *Debugger) askedStop() (gdbstub.Stop, bool) {
	if d.kernelAsked {
		d.kernelAsked = false
		return d.report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU()}), true
	}
	var found *thread
	d.eachThread(func(t *thread) {
		if found == nil && t.stopAsked {
			found = t
		}
	})
	if found == nil {
		return gdbstub.Stop{}, false
	}
	found.stopAsked = false
	signal := found.stopSignal
	found.stopSignal = 0
	return d.reportThread(found, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: signal}), true
}

// Stopped implements gdbstub.NonStop.
func (d *Debugger) Stopped() []gdbstub.Stop {
	var list []gdbstub.Stop
	d.eachThread(func(t *thread) {
		if !t.running && !t.stopAsked && !t.proc.unborn {
			s := t.reported
			s.Thread = t.id
			list = append(list, s)
		}
	})
	if d.view != ProcessView && !d.kernelResumed && d.ended == nil {
		list = append(list, d.report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU()}))
	}
	return list
}

// Interrupt implements gdbstub.NonStop.
func (d *Debugger) Interrupt() error {
	var found *thread
	d.eachThread(func(t *thread) {
		if t.running && (found == nil || t.id == d.last) {
			found = t
		}
	})
	switch {
	case found != nil:
		found.running = false
		found.stopAsked, found.stopSignal = true, gdbstub.SIGINT
	case d.kernelResumed:
		d.kernelResumed, d.kernelAsked = false, true
	}
	return nil
}
