package process

import (
	"errors"

	"forkscope/gdbstub"
)

// Resume sets the threads of processes in motion by the plan, which cannot mean those that the debugger has not heard of.
func (v *View) Resume(plan *gdbstub.Plan) error {
	var errs []error
	v.scene.set.each(func(t *thread) {
		act := plan.For(t.id)
		if t.proc.unborn || act.Action == gdbstub.ActionStay || act.Action == gdbstub.ActionStop {
			t.running = false
			return
		}
		errs = append(errs, v.resumeThread(t, act))
	})
	return errors.Join(errs...)
}

// resumeThread lets a thread run, and gives it the signal that the debugger sends along.
func (v *View) resumeThread(t *thread, act gdbstub.ThreadAction) error {
	// A signal that the thread blocks is put into its queue, as by anybody; the debugger hears of it when it is taken from there.
	blocked, err := blocks(v.scene, t, toGuest(act.Signal))
	if err != nil {
		return err
	}
	if err := v.errands.sleepOn(t, act.Signal != 0); err != nil {
		return err
	}
	t.running, t.action = true, act
	v.party.phases.happens(t, resumed, nil)
	if t.steps() && (t.reported.Kind == gdbstub.StopFork || t.reported.Kind == gdbstub.StopVForkDone) {
		// The step out of the call that has made the process, at the end of which it is shown already. (Under Linux it is still within the
		// call.)
		t.pending = append(t.pending, gdbstub.Stop{Kind: gdbstub.StopStep})
	}
	t.step = step{}
	if t.steps() && !v.scene.inUserMode(t) {
		// From within a system call, the return to user mode is the step. Else it is between two instructions.
		t.step.inKernel = true
		if t.phase == atSignal || v.scene.callNumber(t) < 0 {
			if pc, err := v.regs.userPC(t); err == nil {
				t.step.from, t.step.fromKnown = pc, true
			}
		}
	}
	showSignals(v.scene, t)
	if t.phase == atSignal && !blocked {
		return nil // seen to where the thread is
	}
	return v.sendAlong(t, blocked)
}

// blocks says whether a thread blocks a signal.
func blocks(s *scene, t *thread, number int) (bool, error) {
	if number == 0 {
		return false, nil
	}
	task, err := s.task(t)
	if err != nil {
		return false, err
	}
	mask, err := s.guest.OS.Blocked(&task)
	return mask.Has(number), err
}

// sendAlong sends the thread the signal that it is resumed with.
func (v *View) sendAlong(t *thread, blocked bool) error {
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
	if !blocked {
		t.signals.inject = n
	}
	return v.errands.send(t, s)
}

// resumesATurn is how often the debugger resumes a thread before others that are ready have a turn.
const resumesATurn = 6

// ShareCPU lets others have the CPU when the debugger goes on after a stop. In the guest's time a stop takes none, so that a thread which
// stops often would never come to the end of its time slice; under a debugger in the guest, all others would have run meanwhile.
func (v *View) ShareCPU() {
	t := v.scene.onCPU()
	if t == nil || !t.running || v.scene.guest.CPU().Privileged() || v.scene.kernel.Rests() {
		return // where the kernel is debugged an interrupt must not come before the instruction it is stopped at
	}
	if !v.errands.othersReady() {
		return // the turns before count: between two of them gdb may step this thread alone
	}
	if v.turn++; v.turn >= resumesATurn {
		v.turn = 0
		v.errands.yield(t)
	}
}
