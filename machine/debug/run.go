package debug

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"forkscope/gdbstub"
	"forkscope/machine"
	"forkscope/machine/clock"
)

// The bits of QEMU's qqemu.sstep mask.
const (
	stepEnable  = 1
	stepNoIRQ   = 2
	stepNoTimer = 4
)

// Bits implements gdbstub.StepMask.
func (d *Debugger) Bits() (enable, noIRQ, noTimer uint32) { return stepEnable, stepNoIRQ, stepNoTimer }

// StepMask implements gdbstub.StepMask.
func (d *Debugger) StepMask() uint32 { return d.stepMask }

// SetStepMask implements gdbstub.StepMask. Time is the count of instructions, so a step takes no longer than it runs
// and holding timers off changes nothing more than holding interrupts off.
func (d *Debugger) SetStepMask(mask uint32) error {
	if mask&^uint32(stepEnable|stepNoIRQ|stepNoTimer) != 0 {
		return fmt.Errorf("%w: step mask %#x", gdbstub.ErrInvalid, mask)
	}
	d.stepMask = mask
	return nil
}

// Resume implements gdbstub.Control.
func (d *Debugger) Resume(ctx context.Context, plan *gdbstub.Plan) (stopAt gdbstub.Stop, err error) {
	if d.ended != nil {
		return d.final(), nil
	}
	d.forget()
	release := context.AfterFunc(ctx, d.machine.RequestStop)
	defer release()
	d.debug.StepOver = d.reported.valid && d.reported.pc == d.cpu.PC() && d.reported.thread == d.onCPU() && (d.reported.told || !d.untold())
	d.atBreak = false
	d.debug.PassWatch = d.debug.StepOver && d.reported.watch
	d.heldForCall = false

	var stop gdbstub.Stop
	var stopped bool
	defer func() {
		d.rest(toldOf(ctx, stopAt))
		if d.alone(plan) && !d.saidAlone && err == nil {
			d.saidAlone = true
			stopAt.Console = "Other tasks ran too: scheduler-locking has no power over the guest's own scheduler.\n" + stopAt.Console
		}
	}()
	if err := d.resumeProcesses(plan); err != nil {
		d.stopThreads()
		return stop, err
	}
	if stop, stopped = d.pendingStop(); !stopped {
		d.shareCPU()
		d.kernelResumed = plan.For(d.onCPU()).Action != gdbstub.ActionStay
		if act, ok := d.stepOf(plan); ok {
			stop, stopped = d.step(ctx, act)
		} else {
			for !stopped {
				stop, stopped = d.run(ctx, clock.Never, nil)
			}
		}
	}
	d.stopThreads()
	d.debug.HoldInterrupts = false
	d.debug.StepOver = false
	d.forget()
	if d.ended != nil {
		return d.final(), nil
	}
	if !stopped {
		return stop, errors.New("BUG: resumed and did not stop")
	}
	if stop.Thread.PID != d.kernelPID || d.view == ProcessView {
		d.reported.valid = false
		return stop, nil
	}
	stop.Console += d.hint()
	return d.report(stop), nil
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

// hint says once for each program how the debugger gets its symbols, when it stops in one that it has not read: without
// them it cannot unwind user stacks.
func (d *Debugger) hint() string {
	if d.kernel == nil || d.files.Root == nil || d.cpu.Privileged() {
		return ""
	}
	task, err := d.currentTask()
	if err != nil {
		return ""
	}
	name, err := d.kernel.Program(task)
	if err != nil || d.files.HasRead(name) || d.hinted[name] || printable(name) != name {
		return ""
	}
	if _, err := fs.Stat(d.files.Root, "bin/"+name); err != nil {
		return ""
	}
	d.hinted[name] = true
	return fmt.Sprintf("In the program %s, whose symbols can be had by: add-symbol-file target:/bin/%s\n", name, name)
}

// alone says whether the plan continues one task of the kernel's and no other, as with gdb's scheduler-locking.
func (d *Debugger) alone(plan *gdbstub.Plan) bool {
	return len(plan.Actions) == 1 && plan.Actions[0].Thread.TID > 0 && plan.Actions[0].Thread.PID == d.kernelPID &&
		plan.Actions[0].Action == gdbstub.ActionContinue
}

// stepOf finds the thread of the kernel that the plan steps. There is one CPU, so at most one can.
func (d *Debugger) stepOf(plan *gdbstub.Plan) (gdbstub.ThreadAction, bool) {
	for _, a := range plan.Actions {
		if (a.Action == gdbstub.ActionStep || a.Action == gdbstub.ActionRange) && d.view != ProcessView &&
			(a.Thread.PID == d.kernelPID || a.Thread.PID <= 0 && len(d.procs) == 0) {
			return a, true
		}
	}
	return gdbstub.ThreadAction{}, false
}

// run lets the machine go until something is to be reported (stopped is true), the clock reaches limit, or the CPU is at
// a breakpoint of which arrived, when there is one, says that it is where the caller waits.
func (d *Debugger) run(ctx context.Context, limit uint64, arrived func(pc uint64) bool) (stop gdbstub.Stop, stopped bool) {
	for {
		until, stop, stopped := d.before(limit)
		if stopped {
			return stop, true
		}
		s := d.machine.Run(until)
		switch s.Reason {
		case machine.Limit:
			if stop, stopped := d.after(); stopped {
				return stop, true
			}
			if until < limit {
				if ctx.Err() != nil {
					return d.interrupt()
				}
				continue
			}
			return gdbstub.Stop{}, false
		case machine.Exception: // a step over the instruction that raised it is over
			return gdbstub.Stop{}, false
		case machine.User:
			if stop, stopped := d.atUser(); stopped {
				return stop, true
			}
		case machine.Syscall:
			if stop, stopped := d.atSyscall(); stopped {
				return stop, true
			}
		case machine.Break:
			pc := d.cpu.PC()
			var program *thread
			if d.cpu.Privileged() {
				if stop, stopped := d.visit(); stopped {
					return stop, true
				}
				if pc != d.cpu.PC() {
					continue
				}
			} else if program = d.threadOnCPU(); program != nil {
				program.skip, program.skipKnown, program.skipWatch = pc, true, false
				if stop, hit := d.hitUserBreak(program, pc); hit {
					return d.emit(program, stop)
				}
			}
			if stop, hit := d.hitBreak(pc); hit {
				stop.Thread = d.onCPU()
				return stop, true
			}
			if arrived != nil && arrived(pc) {
				return gdbstub.Stop{}, false
			}
			if pc == d.panicAt && d.stopsAtPanic {
				return gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: d.onCPU(), Signal: gdbstub.SIGABRT, Console: "The kernel panics.\n"}, true
			}
			if program == nil { // else before sees to it, and to the system call that may be there
				d.debug.StepOver = true
			}
		case machine.Watch:
			if t := d.threadOnCPU(); t != nil && !d.cpu.Privileged() {
				if kind, hit := d.hitUserWatch(t, s.Watch); hit {
					t.skip, t.skipKnown, t.skipWatch = d.cpu.PC(), d.watchesBefore, true
					return d.emit(t, gdbstub.Stop{Kind: kind, Address: s.Addr})
				}
			}
			if stop, hit := d.hitWatch(s.Watch, s.Addr); hit {
				stop.Thread = d.onCPU()
				return stop, true
			}
			// Where the access has not happened yet, it must be let through; on x86 it has.
			d.debug.StepOver, d.debug.PassWatch = d.watchesBefore, d.watchesBefore
		case machine.Requested:
			if ctx.Err() != nil {
				return d.interrupt()
			}
		case machine.Shutdown:
			if !d.shownEnd {
				d.shownEnd = true
				return gdbstub.Stop{
					Kind: gdbstub.StopSignal, Thread: d.onCPU(), Signal: gdbstub.SIGABRT,
					Console: s.Message + "\nIt cannot go on; this is how it was left.\n",
				}, true
			}
			return d.end(s), true
		default:
			return d.end(s), true
		}
		if limit != clock.Never && d.machine.Clock().Now >= limit {
			return gdbstub.Stop{}, false
		}
	}
}

// end takes note of the end of the guest, with which all its processes end too.
func (d *Debugger) end(s machine.Stop) gdbstub.Stop {
	d.ended = &gdbstub.Stop{
		Kind: gdbstub.StopExited, Thread: gdbstub.ThreadID{PID: d.kernelPID}, Core: -1, Code: s.Status, Console: s.Message + "\n",
	}
	for _, pid := range slices.Clone(d.pids) {
		p := d.procs[pid]
		d.dropProcess(p)
		d.waiting = append(d.waiting, gdbstub.Stop{
			Kind: gdbstub.StopKilled, Signal: gdbstub.SIGKILL, Thread: gdbstub.ThreadID{PID: pid}, Core: -1, Console: d.ended.Console,
		})
		d.notify(Event{Kind: Killed, PID: pid, Signal: gdbstub.SIGKILL, Number: linuxSIGKILL})
	}
	return *d.ended
}

// final is what is left to be told after the end of the guest: of each of its processes, and last of the kernel.
func (d *Debugger) final() gdbstub.Stop {
	if len(d.waiting) > 0 {
		s := d.waiting[0]
		d.waiting = d.waiting[1:]
		return s
	}
	return *d.ended
}

// step executes one instruction, or a range of them, of one task. A task that is not on the CPU is first run up to where
// its switch frame says it goes on. When an instruction switches the CPU to another task the step is over.
func (d *Debugger) step(ctx context.Context, act gdbstub.ThreadAction) (gdbstub.Stop, bool) {
	id := act.Thread
	if id.TID <= 0 {
		id = d.onCPU()
	}
	done := gdbstub.Stop{Kind: gdbstub.StopStep, Thread: id}
	if id != d.onCPU() {
		if stop, stopped := d.bringToCPU(ctx, id); stopped {
			return stop, true
		}
	}
	d.debug.StepOver = true
	var loop loop
	for {
		// A halted CPU is waiting for the very interrupt that would be held off.
		d.debug.HoldInterrupts = d.stepMask&stepNoIRQ != 0 && !d.cpu.Halted()
		d.debug.AtException = true
		stop, stopped := d.run(ctx, d.machine.Clock().Now+1, nil)
		d.debug.AtException = false
		if stopped {
			return stop, true
		}
		if d.onCPU() != id {
			if !d.stepFollows {
				return done, true
			}
			d.forget()
			if stop, stopped := d.bringToCPU(ctx, id); stopped {
				return stop, true
			}
		}
		if pc := d.shownPC(); act.Action != gdbstub.ActionRange || pc < act.Start || pc >= act.End {
			return done, true
		}
		if ctx.Err() != nil {
			return gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: id, Signal: gdbstub.SIGINT}, true
		}
		if loop.note(d) {
			if stop, stopped := d.leave(ctx, id, &loop); stopped {
				return stop, true
			}
			if pc := d.shownPC(); pc < act.Start || pc >= act.End {
				return done, true
			}
			loop.steps = 0
		}
	}
}

// refused is the stop after a step that could not begin. It is no trap, or a debugger that steps on to another line would
// try again for ever.
func refused(id gdbstub.ThreadID, err error) gdbstub.Stop {
	return gdbstub.Stop{Kind: gdbstub.StopSignal, Thread: id, Console: err.Error() + "\n"}
}

// bringToCPU runs the machine until the task is on the CPU at the instruction its switch frame shows.
func (d *Debugger) bringToCPU(ctx context.Context, id gdbstub.ThreadID) (gdbstub.Stop, bool) {
	d.debug.HoldInterrupts = false
	t, err := d.find(id)
	if err != nil {
		return refused(d.onCPU(), err), true
	}
	if t.ExitState != 0 {
		return refused(id, fmt.Errorf("task %d has ended; it will not run again", t.PID)), true
	}
	frame, err := d.kernel.SwitchFrame(t.Addr)
	if err != nil {
		return refused(d.onCPU(), err), true
	}
	var at uint64
	for _, r := range frame {
		if d.description.Index(r.Register) == d.pc {
			at = r.Value
		}
	}
	d.addBreak(at)
	defer d.dropBreak(at)
	return d.run(ctx, clock.Never, func(pc uint64) bool { return pc == at && d.onCPU() == id })
}
