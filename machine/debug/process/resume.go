package process

import (
	"context"
	"errors"

	"forkscope/gdbstub"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// Resume sets the threads of processes in motion by the plan.
func (v *View) Resume(plan *gdbstub.Plan) error {
	var errs []error
	v.set.each(func(t *thread) {
		act := plan.For(t.id)
		if act.Action == gdbstub.ActionStay || act.Action == gdbstub.ActionStop {
			t.running = false
			return
		}
		errs = append(errs, v.resumeThread(t, act))
	})
	return errors.Join(errs...)
}

// resumeThread lets a thread run, and gives it the signal that the debugger sends along.
func (v *View) resumeThread(t *thread, act gdbstub.ThreadAction) error {
	if err := v.sleepOn(t); err != nil {
		return err
	}
	t.running, t.action = true, act
	v.happens(t, resumed, nil)
	if t.steps() && (t.reported.Kind == gdbstub.StopFork || t.reported.Kind == gdbstub.StopVForkDone) {
		// The step out of the call that has made the process, at the end of which it is shown already. (Under Linux it is still within the
		// call.)
		t.pending = append(t.pending, gdbstub.Stop{Kind: gdbstub.StopStep})
	}
	t.step = step{}
	if t.steps() && !v.inUserMode(t) {
		// From within a system call, the return to user mode is the step. Else it is between two instructions.
		t.step.inKernel = true
		if t.phase == atSignal || v.callNumber(t) < 0 {
			if pc, err := v.userPC(t); err == nil {
				t.step.from, t.step.fromKnown = pc, true
			}
		}
	}
	if t.phase == atSignal {
		return nil // seen to where the thread is
	}
	return v.sendAlong(t)
}

// sendAlong sends the thread the signal that it is resumed with.
func (v *View) sendAlong(t *thread) error {
	n := toGuest(t.action.Signal)
	t.action.Signal = 0
	held, given := t.signals.held, t.signals.given
	t.signals.held, t.signals.given = nil, nil
	if n == 0 {
		return nil
	}
	s := &signal{number: n}
	if held != nil && held.number == n {
		s = held
	}
	if given != nil && given.number == n {
		s = given
	}
	t.signals.inject = n
	return v.send(t, s)
}

// stepsATurn is how often the debugger steps before others have a turn.
const stepsATurn = 32

// ShareCPU lets others have the CPU when the debugger goes on after a stop. In the guest's time a stop takes none, so that a thread which
// stops often would never come to the end of its time slice; under a debugger in the guest, all others would have run meanwhile.
func (v *View) ShareCPU() {
	t := v.onCPU()
	if t == nil || !t.running || v.guest.CPU().Privileged() || v.kernel.Rests() {
		return // where the kernel is debugged an interrupt must not come before the instruction it is stopped at
	}
	if v.turn++; t.steps() && v.turn < stepsATurn {
		return
	}
	v.turn = 0
	if v.othersReady() {
		v.control.SkipIdle()
	}
}

// othersReady says whether any task waits for its turn that would make something of it: not a thread that the debugger holds.
func (v *View) othersReady() bool {
	ready, err := v.guest.OS.Ready()
	if err != nil || ready == 0 {
		return false
	}
	v.set.each(func(t *thread) {
		if task, err := v.task(t); err == nil && !t.running && task.State == 0 && task.ExitState == 0 {
			ready--
		}
	})
	return ready > 0
}

// Pending takes a stop that was found while its thread was not running. Of several threads with one, none is always the first.
func (v *View) Pending() (gdbstub.Stop, bool) {
	if s, ok := v.Waiting(); ok {
		return s, true
	}
	var found *thread
	v.set.after(v.last, func(t *thread) bool {
		if t.running && len(t.pending) > 0 {
			found = t
		}
		return found != nil
	})
	if found == nil {
		return gdbstub.Stop{}, false
	}
	s := found.pending[0]
	found.pending = found.pending[1:]
	return v.report(found, s), true
}

// StopAll is all-stop mode: after a stop of any, no thread runs.
func (v *View) StopAll() { v.set.each(func(t *thread) { t.running = false }) }

// calm says whether a function of the kernel can be called where the guest is.
func (v *View) calm() bool { return v.guest.Calm() || v.hooks.here(v.guest.CPU().PC()) }

// settle runs the guest, with no program of a debugged process making progress, until the kernel has nothing half done: to user mode, to
// where it idles, or to a hook.
func (v *View) settle() error {
	const most = 50_000_000
	for range most {
		if v.calm() {
			return nil
		}
		v.control.PassNext(true, false) // a breakpoint on the way is not what is waited for
		if err := v.run(1); err != nil {
			return err
		}
	}
	return guest.ErrBusy
}

// call calls a function of the kernel. Where the debugger was shown the kernel in the middle of something, the guest stays there, and it
// fails.
func (v *View) call(function string, args ...any) (uint64, error) {
	if err := v.leaveKernel(); err != nil {
		return 0, err
	}
	seen := v.hooks.handled == v.control.Moment()
	result, err := v.guest.Call(function, args...)
	if seen {
		v.hooks.handled = v.control.Moment() // time has passed, but not for what was interrupted
	}
	return result, err
}

// leaveKernel brings the guest to where the kernel can be called.
func (v *View) leaveKernel() error {
	if v.calm() {
		return nil
	}
	if v.kernel.Rests() {
		return guest.ErrBusy
	}
	return v.frozen(v.settle)
}

// frozen does something that lets the guest run, with no debugged thread making progress.
func (v *View) frozen(do func() error) error {
	var ran []*thread
	v.set.each(func(t *thread) {
		if t.running {
			ran = append(ran, t)
		}
		t.running = false
	})
	err := do()
	for _, t := range ran {
		t.running = true
	}
	return err
}

// interrupted answers Ctrl-C. Where the kernel is resumed, the task on the CPU stops where it is; else, of the threads that run, the one on
// the CPU or the one that was reported last.
func (v *View) interrupted() (control.Answer, gdbstub.Stop) {
	if v.nonStop {
		return control.Leave, gdbstub.Stop{} // only the session's turn; see Interrupt
	}
	if v.kernel.Shown() && (v.kernel.Runs() || !v.inMotion()) {
		return control.Other, gdbstub.Stop{}
	}
	t := v.runner()
	if t == nil {
		return control.Other, gdbstub.Stop{}
	}
	id := t.id
	v.StopAll()
	if err := v.settle(); err != nil {
		if _, over := v.kernel.Over(); over {
			stop, _ := v.Waiting()
			return control.Report, stop
		}
	}
	if t = v.set.thread(id); t == nil {
		stop, _ := v.Pending() // it has just ended
		return control.Report, stop
	}
	return control.Report, v.report(t, gdbstub.Stop{Kind: gdbstub.StopSignal, Signal: gdbstub.SIGINT})
}

// runner is the running thread that stands for all: the one on the CPU, the one reported last, or any.
func (v *View) runner() *thread {
	if t := v.onCPU(); t != nil && t.running {
		return t
	}
	if t := v.set.thread(v.last); t != nil && t.running {
		return t
	}
	var found *thread
	v.set.each(func(t *thread) {
		if found == nil && t.running {
			found = t
		}
	})
	return found
}

// Goes is asked in a loop while processes are resumed: it lets the guest go on to what is next to be reported.
func (v *View) Goes(ctx context.Context) (gdbstub.Stop, bool) {
	return v.control.Run(ctx, control.Forever())
}
