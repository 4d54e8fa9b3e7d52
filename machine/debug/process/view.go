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

	"forkscope/gdbstub"
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
	scene   *scene
	regs    *registers
	memory  *memory
	errands *errands
	party   *party
	turn    int // how often the debugger has resumed since others had a turn on the CPU
}

// New makes the view. It fails for a guest whose tasks are not known.
func New(c Config) (*View, error) {
	if c.Guest.OS == nil {
		return nil, c.Guest.NoTasks
	}
	s := &scene{guest: c.Guest, control: c.Guest.Control, kernel: c.Kernel, notify: c.Notify, ctx: c.Context}
	s.set.init()
	s.wants.program = everySignal()
	s.hooks.find(c.Guest)
	regs := &registers{scene: s}
	if err := regs.describe(); err != nil {
		return nil, err
	}
	mem := &memory{scene: s, regs: regs}
	e := &errands{scene: s, regs: regs}
	c.Guest.OnTheWay = e.judgeRouser
	ph := &phases{scene: s, regs: regs, memory: mem}
	return &View{scene: s, regs: regs, memory: mem, errands: e, party: &party{
		scene: s, phases: ph, follower: &follower{scene: s, phases: ph}, errands: e,
	}}, nil
}

// Party is the view's say in how the guest runs.
func (v *View) Party() control.Party { return v.party }

// Description has the registers of a program.
func (v *View) Description() *gdbstub.Description { return v.regs.description }

// PID is the process of the last stop.
func (v *View) PID() int { return v.scene.last.PID }

// EndSession forgets what the debugger has asked for, and stops what it has set in motion.
func (v *View) EndSession() {
	v.scene.nonStop = false
	v.scene.wants = wants{program: everySignal()}
	v.scene.set.each(func(t *thread) { t.running, t.asked = false, nil })
	for _, p := range v.scene.set.procs {
		p.catch = nil
	}
}

func everySignal() (all gdbstub.SignalSet) {
	for i := range all {
		all[i] = true
	}
	return all
}

// Restarted forgets what was of the machine before, which may have been of another architecture.
func (v *View) Restarted() error {
	v.scene.waiting = nil
	v.scene.hooks.arm(false)
	v.scene.hooks = hooks{}
	v.scene.set.calls = nil
	if v.scene.guest.OS == nil {
		return v.scene.guest.NoTasks
	}
	v.scene.hooks.find(v.scene.guest)
	return v.regs.describe()
}

// Pending takes a stop that was found while its thread was not running.
func (v *View) Pending() (gdbstub.Stop, bool) { return v.scene.pending() }

// Waiting takes the end of a process that nobody has heard of.
func (v *View) Waiting() (gdbstub.Stop, bool) { return v.scene.nextEnd() }

// StopAll is all-stop mode: after a stop of any, no thread runs.
func (v *View) StopAll() { v.scene.stopAll() }
