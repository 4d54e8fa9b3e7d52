package kernel

import (
	"context"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/machine/clock"
	"forkscope/machine/cpu"
	"forkscope/machine/debug/control"
)

// The bits of QEMU's qqemu.sstep mask.
const (
	stepEnable  = 1
	stepNoIRQ   = 2
	stepNoTimer = 4
)

// Steps is how the kernel's tasks are stepped.
type Steps struct {
	view *View
	mask uint32
	// follows makes a step that switches the CPU to another task go on until the stepped task runs again.
	follows bool
}

// Bits implements gdbstub.StepMask.
func (s *Steps) Bits() (enable, noIRQ, noTimer uint32) { return stepEnable, stepNoIRQ, stepNoTimer }

// StepMask implements gdbstub.StepMask.
func (s *Steps) StepMask() uint32 { return s.mask }

// SetStepMask implements gdbstub.StepMask. Time is the count of instructions, so a step takes no longer than it runs and holding timers
// off changes nothing more than holding interrupts off.
func (s *Steps) SetStepMask(mask uint32) error {
	if mask&^uint32(stepEnable|stepNoIRQ|stepNoTimer) != 0 {
		return fmt.Errorf("%w: step mask %#x", gdbstub.ErrInvalid, mask)
	}
	s.mask = mask
	return nil
}

// Of finds the thread of the kernel that the plan steps; alone says that nothing but the kernel is debugged. There is one CPU, so at
// most one can be.
func (s *Steps) Of(plan *gdbstub.Plan, alone bool) (gdbstub.ThreadAction, bool) {
	for _, a := range plan.Actions {
		if (a.Action == gdbstub.ActionStep || a.Action == gdbstub.ActionRange) && s.view.shown && (a.Thread.PID == s.view.pid || a.Thread.PID <= 0 && alone) {
			return a, true
		}
	}
	return gdbstub.ThreadAction{}, false
}

// Alone says whether the plan continues one task of the kernel's and no other, as with gdb's scheduler-locking.
func (s *Steps) Alone(plan *gdbstub.Plan) bool {
	if len(plan.Actions) != 1 {
		return false
	}
	a := plan.Actions[0]
	return a.Thread.TID > 0 && a.Thread.PID == s.view.pid && a.Action == gdbstub.ActionContinue
}

// A line that loops for long, such as one that waits for another task to write a variable, is not stepped to its end: that would be slow,
// and with interrupts held off the other task would never run. After so many steps in the range the guest runs at full speed, interrupts
// and other tasks included, until the task is about to execute something else nearby. What leaves a range further away than loopNear
// bytes, about the longest function, is a call, and the call itself is outside of the range.
const (
	loopAfter = 10_000
	loopNear  = 64 << 10
)

// stepping is a step under way.
type stepping struct {
	v     *View
	ctx   context.Context
	act   gdbstub.ThreadAction
	id    gdbstub.ThreadID
	count int
	sp    uint64 // the lowest stack pointer
}

// Step executes one instruction, or a range of them, of one task. A task that is not on the CPU is first run up to where its switch frame
// says it goes on. When an instruction switches the CPU to another task the step is over.
func (s *Steps) Step(ctx context.Context, act gdbstub.ThreadAction) (gdbstub.Stop, bool) {
	v := s.view
	run := &stepping{v: v, ctx: ctx, act: act, id: act.Thread, sp: ^uint64(0)}
	if run.id.TID <= 0 {
		run.id = v.OnCPU()
	}
	if run.id != v.OnCPU() {
		if stop, stopped := v.bringToCPU(ctx, run.id); stopped {
			return stop, true
		}
	}
	v.control.PassNext(true, v.reported.valid && v.reported.watch)
	for {
		if stop, over := run.one(); over {
			return stop, true
		}
	}
}

// done is the stop at the step's end.
func (s *stepping) done() gdbstub.Stop { return gdbstub.Stop{Kind: gdbstub.StopStep, Thread: s.id} }

// one executes an instruction, and says whether the step is over with it.
func (s *stepping) one() (gdbstub.Stop, bool) {
	v := s.v
	// A halted CPU is waiting for the very interrupt that would be held off.
	hold := v.Steps.mask&stepNoIRQ != 0 && !v.guest.CPU().Halted()
	if stop, stopped := v.control.Run(s.ctx, control.Until{Time: v.control.After(1), Hold: hold, AtException: true}); stopped {
		return stop, true
	}
	if v.OnCPU() != s.id {
		if !v.Steps.follows {
			return s.done(), true
		}
		v.guest.Forget()
		if stop, stopped := v.bringToCPU(s.ctx, s.id); stopped {
			return stop, true
		}
	}
	if !s.inRange() {
		return s.done(), true
	}
	if s.ctx.Err() != nil {
		return gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: s.id, Signal: gdbstub.SIGINT}, true
	}
	if s.count++; s.count >= loopAfter {
		if stop, stopped := s.leave(); stopped {
			return stop, true
		}
		s.count, s.sp = 0, ^uint64(0)
		return s.done(), !s.inRange()
	}
	s.sp = min(s.sp, v.guest.StackPointer())
	return gdbstub.Stop{}, false
}

func (s *stepping) inRange() bool {
	pc := s.v.guest.ShownPC()
	return s.act.Action == gdbstub.ActionRange && pc >= s.act.Start && pc < s.act.End
}

// leave lets the guest run until the task is at an instruction near the range but not in it. The same code reached in an interrupt or a
// signal handler, which use the stack below the loop's, does not count, nor does another task.
func (s *stepping) leave() (gdbstub.Stop, bool) {
	v := s.v
	base := v.guest.CPU().PC() - v.guest.ShownPC() // of the code segment
	start, end := s.act.Start+base, s.act.End+base
	out := cpu.NewRange(start-min(start, loopNear), end+loopNear, start, end)
	out.Privileged, out.SP = v.guest.CPU().Privileged(), s.sp
	return v.control.Run(s.ctx, control.Until{Time: clock.Never, Outside: out, At: func(pc uint64) bool {
		return out.Leaves(pc) && v.guest.CPU().Privileged() == out.Privileged && v.guest.StackPointer() >= s.sp && v.OnCPU() == s.id
	}})
}

// refused is the stop after a step that could not begin. It is no trap, or a debugger that steps on to another line would try again for
// ever.
func refused(id gdbstub.ThreadID, err error) gdbstub.Stop {
	return gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: id, Console: err.Error() + "\n"}
}

// bringToCPU runs the machine until the task is on the CPU at the instruction its switch frame shows.
func (v *View) bringToCPU(ctx context.Context, id gdbstub.ThreadID) (gdbstub.Stop, bool) {
	t, err := v.find(id)
	if err != nil {
		return refused(v.OnCPU(), err), true
	}
	if t.ExitState != 0 {
		return refused(id, fmt.Errorf("task %d has ended; it will not run again", t.PID)), true
	}
	frame, err := v.guest.OS.SwitchFrame(t.Addr)
	if err != nil {
		return refused(v.OnCPU(), err), true
	}
	var at uint64
	for _, r := range frame {
		if v.guest.Description.Index(r.Register) == v.guest.PC {
			at = r.Value
		}
	}
	v.control.Breaks.Hold(at)
	defer v.control.Breaks.Release(at)
	return v.control.Run(ctx, control.Until{Time: clock.Never, At: func(pc uint64) bool { return pc == at && v.OnCPU() == id }})
}
