// Package process is the view of a guest's processes: each one that is debugged is an inferior, and its tasks are the inferior's threads, as
// gdbserver in the guest would show them. Nothing runs in the guest for it. What a processor shows by itself, the way into a system call
// and the way back to user mode, and a few places in the kernel (introspect.Hook) say what becomes of a thread.
//
// A thread is in one phase, and what happens to it there decides what is done. Read a line as "in this phase, when this happens, do this
// and be in that phase":
//
//	            called          back                took                    resumed         goes
//	inProgram   tell: atCall    report what is due  -                       -               execute, past a breakpoint
//	            else: calling   in its order                                                that was told of
//	atCall      -               -                   -                       make: calling   -
//	calling     -               -                   -                       -               the call and nothing before
//	                                                                                        it: inProgram
//	atSignal    -               report what is due  not told of: ask, or    -               -
//	                            first               deliver: inProgram
//	                                                told of: deliver what gdb
//	                                                wants, or hold: inProgram
//
// called: a system call that is followed is next. back: it is in user mode again, or, with a signal, about to be handed it. took: it has
// taken a signal off its queue, and is visited there until it is decided what becomes of it. resumed: the debugger lets it go on. goes: the processor is to go on in it. What a thread owes the
// debugger when it is back (debts) is a queue: what it executes now, what it has made, that it is new, what a call returns with.
//
// Apart from its phase a thread is resumed or not. While it is not, its user mode makes no progress, wherever the guest's scheduler puts it:
// time passes to the next interrupt. Signals stay in its queue.
//
// Invariants: nothing in the guest is changed because it is looked at. Kernel functions that are called take spinlocks only, and are
// called in user mode, idle, or at a hook. What may sleep is done by a thread itself, back from a system call that it makes again.
package process

import (
	"context"
	"errors"
	"fmt"

	"forkscope/gdbstub"
	"forkscope/kernel/introspect"
	"forkscope/machine/debug/control"
	"forkscope/machine/debug/guest"
)

// Config is what the view works with.
type Config struct {
	Guest *guest.Guest
	// Kernel is who shows the kernel, or would.
	Kernel Kernel
	// Notify hears what becomes of debugged processes.
	Notify func(Event)
	// Context ends everything that the view is at when it is cancelled.
	Context context.Context
}

// Kernel is the other view, of the kernel, as far as it matters here.
type Kernel interface {
	// Runs says whether it is shown and the debugger has resumed it, Shown whether it is shown.
	Runs() bool
	Shown() bool
	// Rests says whether the guest is where the kernel's debugger has been told that it is.
	Rests() bool
	// Unplace makes it forget that.
	Unplace()
	// Over says whether the guest has ended, and with what words.
	Over() (string, bool)
}

// View is the view of processes.
type View struct {
	guest   *guest.Guest
	control *control.Control
	kernel  Kernel
	notify  func(Event)
	ctx     context.Context

	set      set
	regs     registers
	wants    wants
	hooks    hooks
	launch   *launch
	last     gdbstub.ThreadID // of the last stop
	waiting  []gdbstub.Stop   // ends of processes that nobody has heard of
	stepping *thread          // executes one instruction in this stretch
	nonStop  bool
	turn     int // how often the debugger has resumed since others had a turn on the CPU
}

// wants is what the debugger wants to hear of.
type wants struct {
	events  gdbstub.EventSet
	pass    gdbstub.SignalSet // go to the process without a stop
	program gdbstub.SignalSet // go to a process that is let go
}

// New makes the view. It fails for a guest whose tasks are not known.
func New(c Config) (*View, error) {
	if c.Guest.OS == nil {
		return nil, c.Guest.NoTasks
	}
	v := &View{guest: c.Guest, control: c.Guest.Control, kernel: c.Kernel, notify: c.Notify, ctx: c.Context}
	v.set.init()
	v.wants.program = everySignal()
	if err := v.regs.describe(c.Guest); err != nil {
		return nil, err
	}
	v.hooks.find(v)
	c.Guest.OnTheWay = v.judgeRouser
	return v, nil
}

// Description has the registers of a program.
func (v *View) Description() *gdbstub.Description { return v.regs.description }

// PID is the process of the last stop.
func (v *View) PID() int { return v.last.PID }

// EndSession forgets what the debugger has asked for, and stops what it has set in motion.
func (v *View) EndSession() {
	v.nonStop = false
	v.wants = wants{program: everySignal()}
	v.set.each(func(t *thread) { t.running, t.asked = false, nil })
	for _, p := range v.set.procs {
		p.catch = nil
	}
}

func everySignal() (all gdbstub.SignalSet) {
	for i := range all {
		all[i] = true
	}
	return all
}

// Restarted forgets what was of the machine before.
func (v *View) Restarted() {
	v.waiting = nil
	v.hooks.handled = control.Moment{}
}

// onCPU is the debugged thread that the CPU executes, in user mode or in the kernel; nil when the task is none.
func (v *View) onCPU() *thread {
	if v.set.empty() {
		return nil
	}
	task, err := v.guest.CurrentTask()
	if err != nil {
		return nil
	}
	return v.set.byTask[task]
}

// inUserMode says whether the thread is on the CPU in user mode, so that the CPU's registers are its own.
func (v *View) inUserMode(t *thread) bool { return !v.guest.CPU().Privileged() && v.onCPU() == t }

// task reads the task_struct of a thread.
func (v *View) task(t *thread) (introspect.Task, error) { return v.guest.OS.Task(t.task) }

// report remembers a stop as the last of its thread, and passes it on.
func (v *View) report(t *thread, s gdbstub.Stop) gdbstub.Stop {
	s.Thread, s.Core = t.id, 0
	t.reported = s
	v.last = t.id
	return s
}

// emit reports a stop of a thread that is running; one that is not keeps it until it is.
func (v *View) emit(t *thread, s gdbstub.Stop) (gdbstub.Stop, bool) {
	switch {
	case t.proc.dying:
		return gdbstub.Stop{}, false
	case !t.running:
		t.pending = append(t.pending, s)
		return gdbstub.Stop{}, false
	}
	return v.report(t, s), true
}

// inMotion says whether any thread of a process is running.
func (v *View) inMotion() bool { return v.set.any(func(t *thread) bool { return t.running }) }

// notFound is the error for a process that is not debugged.
func notFound(pid int) error {
	return fmt.Errorf("%w: process %d is not debugged", gdbstub.ErrNotFound, pid)
}

// run lets the guest go for so many counts, for a purpose of its own: a stop on the way is passed. It fails when the guest ends.
func (v *View) run(counts uint64) error {
	if v.ctx.Err() != nil {
		return context.Cause(v.ctx)
	}
	if _, stopped := v.control.Run(context.Background(), control.Until{Limit: v.control.Now() + counts}); stopped {
		v.control.PassNext(true, true)
	}
	if words, over := v.kernel.Over(); over {
		return errors.New(words)
	}
	return nil
}
