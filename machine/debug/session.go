package debug

import (
	"context"
	"errors"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/kernel"
)

// session implements gdbstub.Control.
type session struct{ *Debugger }

// Attach implements gdbstub.Control. The guest is between two instructions whenever this is called.
func (d session) Attach() (gdbstub.Stop, error) {
	d.guest.Forget()
	if end := d.Ended(); end != nil {
		return *end, nil
	}
	d.kernel.Attach()
	if d.view == BothViews {
		// gdb reads one description of registers when it connects: processes that an earlier session has left must be attached to anew.
		d.process.Release()
	}
	stop := gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: d.restsBy}
	if d.restsAt != d.control.Moment() {
		stop.Signal = 0
	}
	if d.view == ProcessView {
		if id, ok := d.process.Current(); ok {
			return d.process.Report(id, stop), nil
		}
		return gdbstub.Stop{Kind: gdbstub.StopExited, Core: -1}, nil
	}
	stop.Thread = d.kernel.OnCPU()
	return d.kernel.Report(stop), nil
}

// Detach implements gdbstub.Control.
func (d session) Detach(reason gdbstub.DetachReason) {
	// A debugger that has let go of everything need not say more.
	d.lost = reason == gdbstub.DetachLost && !(d.view != KernelView && len(processes(d).Debugged()) == 0)
	d.kernel.Detach()
	if reason != gdbstub.DetachLost && reason != gdbstub.DetachShutdown {
		if d.process != nil {
			d.process.Release()
		}
		d.rest(0) // it goes on
	}
	if d.process != nil {
		d.process.EndSession()
	}
	d.control.PassNext(false, false)
}

// Resume implements gdbstub.Control.
func (d session) Resume(ctx context.Context, plan *gdbstub.Plan) (gdbstub.Stop, error) {
	if d.Ended() != nil {
		return d.final(), nil
	}
	d.guest.Forget()
	release := context.AfterFunc(ctx, d.Machine().RequestStop)
	defer release()
	d.kernel.Goes()
	stop, err := d.resume(ctx, plan)
	d.rest(toldOf(ctx, stop))
	if err == nil {
		stop.Console = d.kernel.NotAlone(plan) + stop.Console
	}
	return stop, err
}

func (d session) resume(ctx context.Context, plan *gdbstub.Plan) (gdbstub.Stop, error) {
	stop, stopped, err := d.resumeProcesses(plan)
	if err != nil {
		return stop, err
	}
	if !stopped {
		d.kernel.Resumed = plan.For(d.kernel.OnCPU()).Action != gdbstub.ActionStay
		if act, ok := d.kernel.Steps.Of(plan, d.process == nil || !d.process.Any()); ok {
			stop, stopped = d.kernel.Steps.Step(ctx, act)
		} else {
			for !stopped {
				stop, stopped = d.control.Run(ctx, control.Forever())
			}
		}
	}
	if d.process != nil {
		d.process.StopAll()
	}
	d.guest.Forget()
	switch {
	case d.Ended() != nil:
		return d.final(), nil
	case !stopped:
		return stop, errors.New("BUG: resumed and did not stop")
	case stop.Thread.PID != d.kernel.PID() || d.view == ProcessView:
		d.kernel.Unplace()
		return stop, nil
	}
	if d.files.Root != nil {
		stop.Console += d.kernel.Hint()
	}
	return d.kernel.Report(stop), nil
}

// resumeProcesses sets the threads of processes in motion; one may have a stop that was found before.
func (d session) resumeProcesses(plan *gdbstub.Plan) (stop gdbstub.Stop, stopped bool, err error) {
	if d.process == nil {
		return stop, false, nil
	}
	if err := d.process.Resume(plan); err != nil {
		d.process.StopAll()
		return stop, false, err
	}
	if stop, stopped = d.process.Pending(); !stopped {
		d.process.ShareCPU()
	}
	return stop, stopped, nil
}

// toldOf is the signal that a debugger is told of for a stop, 0 if it has left.
func toldOf(ctx context.Context, stop gdbstub.Stop) gdbstub.Signal {
	switch {
	case errors.Is(context.Cause(ctx), gdbstub.ErrDisconnected):
		return 0
	case stop.Kind == gdbstub.StopSignal:
		return stop.Signal
	}
	return gdbstub.SIGTRAP
}

// nonStop implements gdbstub.NonStop and gdbstub.Background.
type nonStop struct{ *Debugger }

// SetNonStop implements gdbstub.NonStop.
func (d nonStop) SetNonStop(on bool) error { return d.process.NonStop().SetNonStop(on) }

// Start implements gdbstub.NonStop.
func (d nonStop) Start(plan *gdbstub.Plan) error {
	err := d.process.NonStop().Start(plan)
	(&kernel.NonStop{View: d.kernel}).Start(plan)
	return err
}

// RunNonStop implements gdbstub.NonStop.
func (d nonStop) RunNonStop(ctx context.Context) (gdbstub.Stop, bool, error) {
	d.guest.Forget()
	if stop, ok := (&kernel.NonStop{View: d.kernel}).Asked(); ok {
		return stop, true, nil
	}
	if stop, ok := d.process.NonStop().Asked(); ok {
		return stop, true, nil
	}
	release := context.AfterFunc(ctx, d.Machine().RequestStop)
	defer release()
	stop, ok := d.process.Pending()
	for !ok && ctx.Err() == nil && d.InMotion() {
		stop, ok = d.control.Run(ctx, control.Forever())
	}
	d.guest.Forget()
	d.rest(0)
	switch {
	case d.Ended() != nil:
		return d.final(), true, nil
	case ok && d.process.NonStop().StopThread(stop.Thread):
	case ok && stop.Thread.PID == d.kernel.PID():
		d.kernel.Resumed = false
		stop = d.kernel.Report(stop)
	}
	return stop, ok, nil
}

// InMotion implements gdbstub.NonStop.
func (d nonStop) InMotion() bool {
	return d.Ended() == nil && ((&kernel.NonStop{View: d.kernel}).InMotion() || d.process.NonStop().InMotion())
}

// Stopped implements gdbstub.NonStop.
func (d nonStop) Stopped() []gdbstub.Stop {
	list := d.process.NonStop().Stopped()
	if d.view != ProcessView && !d.kernel.Resumed && d.Ended() == nil {
		list = append(list, d.kernel.Report(gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.kernel.OnCPU()}))
	}
	return list
}

// Interrupt implements gdbstub.NonStop.
func (d nonStop) Interrupt() error {
	if !d.process.NonStop().Interrupt() {
		(&kernel.NonStop{View: d.kernel}).Ask()
	}
	return nil
}

// RunBackground implements gdbstub.Background.
func (d nonStop) RunBackground(ctx context.Context) {
	if d.Ended() != nil || d.view == BothViews && !d.kernel.Left {
		return
	}
	release := context.AfterFunc(ctx, d.Machine().RequestStop)
	defer release()
	d.process.NonStop().RunBackground(ctx)
}
